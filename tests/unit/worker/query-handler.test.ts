import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SnowError } from '../../../src/errors/snow-error.js';
import { LockTable } from '../../../src/locks/lock-table.js';
import type { Json } from '../../../src/store/job.js';
import type { Admission } from '../../../src/store/job-store.js';
import type { SessionStore } from '../../../src/store/session-store.js';
import type { Store } from '../../../src/store/store.js';
import type { QueryPayload } from '../../../src/warehouse/job-payload.js';
import { LoginRefused } from '../../../src/warehouse/login-refused.js';
import { createPool } from '../../../src/warehouse/pool.js';
import { SessionLost } from '../../../src/warehouse/session-lost.js';
import { UnconfirmedEnd } from '../../../src/warehouse/unconfirmed-end.js';
import { queryHandler } from '../../../src/worker/handlers/query.js';
import { PinnedSessions } from '../../../src/worker/pinned-sessions.js';
import { Warehouses } from '../../../src/worker/warehouses.js';
import { startWorker, type Worker } from '../../../src/worker/worker.js';
import { Rig, until } from './rig.js';
import { type Act, lost, ScriptedConnection } from './scripted-connection.js';

const SENT_UNDER = '00000000-0000-4000-8000-0000000000aa';

const FAST = { strategy: 'exponential', initialMs: 5, maxMs: 10, multiplier: 2, jitter: 0, attempts: 5 } as const;

describe('query handler', () => {
  let rig: Rig;
  let worker: Worker | undefined;
  let warehouses: Warehouses;
  let opened: (ScriptedConnection | Error)[];
  let contextFails: () => Error | undefined;
  /** Statements sent so far, over all connections. */
  const sent = () => opened.flatMap((connection) => (connection instanceof Error ? [] : connection.requests));

  beforeEach(async () => {
    rig = await Rig.open();
    opened = [];
    contextFails = () => undefined;
  });

  afterEach(async () => {
    await worker?.stop();
    await warehouses.close();
    await rig.close();
  });

  /** The n-th connection acts as the n-th script says, later ones as the last; an error is a login that fails. */
  async function work(...given: (Act | Error | { readonly store: SessionStore })[]): Promise<void> {
    const scripts = given.filter((script) => !('store' in script)) as (Act | Error)[];
    const store = given.find((script) => 'store' in script)?.store ?? rig.store;
    warehouses = new Warehouses({
      resolve: async (name) => ({ name, local: true, options: {} }),
      connect: async () => {
        const script = scripts[Math.min(opened.length, scripts.length - 1)] as Act | Error;
        if (script instanceof Error) {
          opened.push(script);
          throw script;
        }
        const connection = new ScriptedConnection(script, () => contextFails());
        opened.push(connection);
        return connection;
      },
      createPool: (open) => createPool(open, {}),
    });
    const pinned = new PinnedSessions({ store: rig.store, open: (profile) => warehouses.open(profile) });
    worker = await startWorker({
      store: rig.store,
      lanes: ['local:sql'],
      concurrency: 2,
      leaseMs: 300,
      pinned,
      handlers: { query: queryHandler({ store, warehouses, pinned, sessionLocks: new LockTable(), backoff: FAST }) },
    });
  }

  const payload = (more: Partial<QueryPayload> = {}): Json => ({
    sql: 'select 1',
    verb: 'SELECT',
    maxRows: 100,
    maxBytes: 10_000,
    timeoutMs: 5_000,
    updatesSession: false,
    ...more,
  });
  const write: Partial<Admission> = { write: true };

  it('brings the connection to the job’s context, tags the statement and keeps rows and usage', async () => {
    await work(async ({ onRows }) => {
      await onRows([[1], [2]]);
      await onRows([[3]]);
      return { rowCount: 3, columns: [{ name: 'A', type: 'NUMBER(38,0)', nullable: false }], queryId: 'q7' };
    });
    const id = await rig.admit(payload({ binds: ['x', null] }), { context: { database: 'D' }, session: 'etl' });
    const job = await rig.ended(id);
    expect(job).toMatchObject({
      state: 'succeeded',
      usage: { rows: 3 },
      result: { rowCount: 3, queryId: 'q7', statement: 'SELECT' },
    });
    expect(job.usage?.bytes).toBeGreaterThan(0);
    expect(await rig.store.readPage(id, 0)).toEqual([[1], [2], [3]]);
    expect(opened[0]).toMatchObject({ applied: { database: 'D' }, closed: false });
    const [request] = sent();
    expect(request).toMatchObject({ sql: 'select 1', binds: ['x', null], maxRows: 100, maxBytes: 10_000 });
    expect(request?.requestId).toBe(job.requestId);
    expect(JSON.parse(request?.queryTag ?? '')).toEqual({ app: 'mcp-snow', client: 'ann', session: 'etl', job: id });
  });

  it('keeps Snowflake’s error whole and the connection usable', async () => {
    const error = {
      code: 'SNOWFLAKE_ERROR',
      message: 'no such table',
      number: '002003',
      sqlState: '42S02',
      line: 1,
      position: 14,
    } as const;
    await work(() => Promise.reject(new SnowError(error)));
    expect(await rig.ended(await rig.admit(payload()))).toMatchObject({ state: 'failed', error });
    expect(opened).toHaveLength(1);
    expect(opened[0]).toMatchObject({ closed: false });
  });

  it('queues a read again when its connection was lost, under a new request id and on a new connection', async () => {
    await work(
      async function (this: unknown, { onRows }) {
        await onRows([['half']]);
        throw (opened[0] as ScriptedConnection).lose();
      },
      async ({ onRows }) => {
        await onRows([['whole']]);
        return { rowCount: 1 };
      },
    );
    const id = await rig.admit(payload());
    expect(await rig.ended(id)).toMatchObject({
      state: 'succeeded',
      attempts: 2,
      result: { rowCount: 1, pageCount: 1 },
    });
    expect(await rig.store.readPage(id, 0)).toEqual([['whole']]);
    expect(new Set(sent().map((request) => request.requestId)).size).toBe(2);
    expect(opened[0]).toMatchObject({ closed: true });
  });

  it('asks for a write whose connection was lost under the same request id, and stores its counts once', async () => {
    await work(
      async ({ onRows }) => {
        await onRows([[1]]);
        throw (opened[0] as ScriptedConnection).lose();
      },
      async ({ onRows }) => {
        await onRows([[1]]);
        return { rowCount: 1, rowsAffected: 1 };
      },
    );
    const id = await rig.admit(payload({ verb: 'INSERT' }), write);
    expect(await rig.ended(id)).toMatchObject({
      state: 'succeeded',
      result: { rowCount: 1, rowsAffected: 1, pageCount: 1 },
    });
    expect(await rig.store.readPage(id, 0)).toEqual([[1]]);
    expect(sent()).toHaveLength(2);
    expect(new Set(sent().map((request) => request.requestId)).size).toBe(1);
  });

  it('says that the outcome of a write is unknown when it can never be asked for', async () => {
    await work(async () => {
      throw (opened.at(-1) as ScriptedConnection).lose();
    });
    const id = await rig.admit(payload({ verb: 'INSERT' }), write);
    expect(await rig.ended(id)).toMatchObject({ state: 'failed', error: { code: 'OUTCOME_UNKNOWN' } });
    expect(sent().length).toBeGreaterThan(2);
    expect(new Set(sent().map((request) => request.requestId)).size).toBe(1);
  });

  it.each([
    ['a read', {}, 'SELECT'],
    ['a write, under the same request id', write, 'INSERT'],
  ])('replaces a session that is gone within the attempt: %s', async (_what, kind, verb) => {
    const gone = async (): Promise<never> => {
      (opened.at(-1) as ScriptedConnection).lose();
      throw new SessionLost({ code: 'CONNECTION_FAILED', message: 'The session is gone.' });
    };
    await work(gone, gone, async () => ({ rowCount: 0 }));
    const id = await rig.admit(payload({ verb }), kind);
    expect(await rig.ended(id)).toMatchObject({ state: 'succeeded', attempts: 1 });
    expect(sent()).toHaveLength(3);
    expect(new Set(sent().map((request) => request.requestId)).size).toBe(1);
  });

  it('does not start over within the attempt once rows were handed on', async () => {
    await work(async ({ onRows }) => {
      if (opened.length > 1) return { rowCount: 0 };
      await onRows([[1]]);
      (opened.at(-1) as ScriptedConnection).lose();
      throw new SessionLost({ code: 'CONNECTION_FAILED', message: 'The session is gone.' });
    });
    const id = await rig.admit(payload());
    expect(await rig.ended(id)).toMatchObject({ state: 'succeeded', attempts: 2 });
  });

  it('tries a write again that was never sent', async () => {
    await work(lost(), lost(), async () => ({ rowCount: 0, rowsAffected: 4 }));
    const id = await rig.admit(payload({ verb: 'UPDATE' }), write);
    expect(await rig.ended(id)).toMatchObject({ state: 'succeeded', attempts: 3, result: { rowsAffected: 4 } });
    expect(sent()).toHaveLength(1);
  });

  it('gives up on a warehouse that cannot be reached after five attempts, with its error', async () => {
    await work(lost());
    const id = await rig.admit(payload());
    expect(await rig.ended(id)).toMatchObject({ state: 'failed', attempts: 5, error: { code: 'CONNECTION_FAILED' } });
  });

  it('takes over a write by asking for the request id of the worker before', async () => {
    const dead = await startWorker({
      store: rig.store,
      lanes: ['local:sql'],
      concurrency: 1,
      leaseMs: 200,
      handlers: {
        query: {
          handle: async (_claimed, context) => {
            await context.dispatch('00000000-0000-4000-8000-00000000000d');
            await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
            return {
              state: 'cancelled',
              error: { code: 'CANCELLED', message: '' },
              usage: { executionMs: 0, rows: 0, bytes: 0 },
            };
          },
        },
      },
    });
    const id = await rig.admit(payload({ verb: 'INSERT' }), write);
    await rig.jobWhen(id, (job) => job.dispatchedAt !== undefined);
    await dead.stop();
    await work(async () => ({ rowCount: 0, rowsAffected: 1 }));
    expect(await rig.ended(id)).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect(sent().map((request) => request.requestId)).toEqual(['00000000-0000-4000-8000-00000000000d']);
  });

  /** A write that has left with the worker that sent it, which was never heard of again. */
  async function sentAndLost(more: Partial<Admission> = {}): Promise<string> {
    const id = await rig.admit(payload({ verb: 'INSERT' }), { ...write, ...more });
    const [claimed] = await rig.store.claim({ worker: 'dead', lanes: ['local:sql'], slots: 1, leaseMs: 1 });
    if (claimed === undefined) throw new Error('nothing to claim');
    await rig.store.dispatch({ id, attempt: claimed.attempt, fence: claimed.fence }, SENT_UNDER);
    return id;
  }

  it('asks what became of a write also when it is to be cancelled: a success that came first wins', async () => {
    const id = await sentAndLost();
    expect(await rig.store.cancel(id, 'enough')).toEqual({ outcome: 'requested' });
    await work(async () => ({ rowsAffected: 1 }));
    expect(await rig.ended(id)).toMatchObject({ state: 'succeeded', result: { rowsAffected: 1 } });
    expect(sent().map(({ requestId }) => requestId)).toEqual([SENT_UNDER]);
  });

  it('calls a lost write cancelled when the warehouse says so, having asked before it cancelled', async () => {
    const id = await sentAndLost();
    await rig.store.cancel(id, 'enough');
    let before: boolean | undefined;
    await work(({ signal }) => {
      before = signal?.aborted;
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () =>
          reject(new SnowError({ code: 'CANCELLED', message: 'stopped', queryId: 'q9' })),
        );
      });
    });
    expect(await rig.ended(id)).toMatchObject({ state: 'cancelled', error: { message: 'enough', queryId: 'q9' } });
    expect(before).toBe(false);
  });

  it('does not call a write cancelled or over its time that the warehouse did not confirm to have ended', async () => {
    for (const code of ['CANCELLED', 'STATEMENT_TIMEOUT'] as const) {
      const id = await rig.admit(payload({ verb: 'INSERT' }), write);
      let asks = 0;
      opened = [];
      await work(async () => {
        asks += 1;
        if (asks === 1) throw new UnconfirmedEnd({ code, message: 'given up' });
        return { rowsAffected: 3 };
      });
      expect(await rig.ended(id)).toMatchObject({ state: 'succeeded', attempts: 2, result: { rowsAffected: 3 } });
      expect(new Set(sent().map(({ requestId }) => requestId)).size).toBe(1);
      await worker?.stop();
    }
  });

  it('says that the outcome is unknown when the warehouse never confirms the end of a cancelled write', async () => {
    const id = await sentAndLost();
    await rig.store.cancel(id, 'enough');
    await work(() => Promise.reject(new UnconfirmedEnd({ code: 'CANCELLED', message: 'given up' })));
    expect(await rig.ended(id)).toMatchObject({ state: 'failed', error: { code: 'OUTCOME_UNKNOWN' } });
  });

  it('does not call a lost write failed because its context is gone', async () => {
    const id = await sentAndLost({ context: { database: 'DROPPED' } });
    await work(async () => ({ rowsAffected: 1 }));
    let refusals = 2;
    contextFails = () => {
      refusals -= 1;
      return refusals < 0 ? undefined : new SnowError({ code: 'SNOWFLAKE_ERROR', message: 'no such database' });
    };
    expect(await rig.ended(id)).toMatchObject({ state: 'succeeded', attempts: 4 });
    expect(sent().map(({ requestId }) => requestId)).toEqual([SENT_UNDER]);
  });

  it('fails at once when the login is refused, and spares the next job a login', async () => {
    await work(new LoginRefused({ code: 'CONNECTION_FAILED', message: 'bad password', hint: 'Check it.' }));
    const first = await rig.ended(await rig.admit(payload()));
    expect(first).toMatchObject({
      state: 'failed',
      attempts: 1,
      error: { code: 'CONNECTION_FAILED', hint: 'Check it.', retryAfterMs: 30_000 },
    });
    const second = await rig.ended(await rig.admit(payload({ verb: 'INSERT' }), write));
    expect(second).toMatchObject({ state: 'failed', attempts: 1 });
    expect(second.error?.message).toContain('not tried again for');
    expect(opened).toHaveLength(1);
  });

  it('cancels the statement when the job is cancelled, and closes the connection', async () => {
    await work(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () =>
            reject(new SnowError({ code: 'CANCELLED', message: 'stopped', queryId: 'q9' })),
          );
        }),
    );
    const id = await rig.admit(payload(), write);
    await rig.jobWhen(id, (job) => job.dispatchedAt !== undefined);
    await rig.store.cancel(id, 'not needed');
    expect(await rig.ended(id)).toMatchObject({
      state: 'cancelled',
      error: { code: 'CANCELLED', message: 'not needed', queryId: 'q9' },
    });
    await until(() => (opened[0] as ScriptedConnection).closed);
  });

  it('does not cancel a write in the warehouse when the worker ends: another one asks for its outcome', async () => {
    let finish: () => void = () => {};
    await work(
      ({ signal }) =>
        new Promise((resolve, reject) => {
          finish = () => resolve({ rowCount: 0 });
          signal?.addEventListener('abort', () => reject(new Error('was cancelled')));
        }),
    );
    const id = await rig.admit(payload({ verb: 'INSERT' }), write);
    await rig.jobWhen(id, (job) => job.dispatchedAt !== undefined);
    await worker?.stop();
    expect((await rig.job(id)).state).toBe('queued');
    expect(opened[0]).toMatchObject({ closed: false });
    finish();
    await until(() => (opened[0] as ScriptedConnection).closed);
  });

  it('writes the context that a statement left behind back into the client’s session', async () => {
    await rig.store.setSession('ann', 'etl', { database: 'A', schema: 'S', role: 'R' });
    await work(async () => ({ context: { database: 'B', schema: 'PUBLIC', role: 'R' } }));
    const id = await rig.admit(payload({ verb: 'USE', updatesSession: true, sessionParameters: { TIMEZONE: 'UTC' } }), {
      session: 'etl',
      context: { database: 'A', schema: 'S', role: 'R' },
    });
    await rig.ended(id);
    expect((await rig.store.getSession('ann', 'etl')).context).toEqual({
      database: 'B',
      schema: 'PUBLIC',
      role: 'R',
      parameters: { TIMEZONE: 'UTC' },
    });
    await until(() => (opened[0] as ScriptedConnection).closed);
  });

  it('leaves a write that is done, but cannot be written down, to a take-over: it did not fail', async () => {
    let full = true;
    const session = {
      ...rig.store,
      setSession: (...args: Parameters<Store['setSession']>) => {
        if (!full) return rig.store.setSession(...args);
        full = false;
        return Promise.reject(new SnowError({ code: 'STORE_UNAVAILABLE', message: 'The disk is full.' }));
      },
    };
    await work(async () => ({ rowsAffected: 1, context: { database: 'NEW' } }), { store: session });
    const id = await rig.admit(payload({ verb: 'CREATE', updatesSession: true }), { ...write, session: 'etl' });
    expect(await rig.ended(id)).toMatchObject({ state: 'succeeded', attempts: 2, result: { rowsAffected: 1 } });
    expect(new Set(sent().map((request) => request.requestId)).size).toBe(1);
    expect((await rig.store.getSession('ann', 'etl')).context).toEqual({ database: 'NEW' });
  });

  it('fails a job whose payload it cannot read', async () => {
    await work(async () => ({}));
    expect(await rig.ended(await rig.admit({ sql: 1 }))).toMatchObject({
      state: 'failed',
      error: { code: 'INVALID_ARGUMENT' },
    });
    expect(sent()).toEqual([]);
  });
});
