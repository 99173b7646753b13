import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/gateway/requests.js';
import type { AuditEntry } from '../../src/store/audit-store.js';
import type { Store } from '../../src/store/store.js';
import { until } from '../unit/worker/rig.js';
import { GatewayRig } from './gateway-rig.js';

const ann: Caller = { client: 'ann' };
const bob: Caller = { client: 'bob' };

let rig: GatewayRig;
beforeEach(async () => {
  rig = await GatewayRig.open();
});
afterEach(() => rig.close());

/** As an operator at another process would. */
async function set(flag: string, on: boolean | null, client?: string): Promise<void> {
  const other = await rig.another();
  await other.setFlag(flag, client === undefined ? 'all' : { client }, on, 'root');
  await other.close();
}

describe('connection-pool', () => {
  const sessionsUsed = async (): Promise<number> => {
    const gateway = rig.gateway();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, number) =>
        gateway.query({ client: `c${number % 4}` }, { sql: 'select current_session()' }),
      ),
    );
    expect(answers.map(({ state }) => state)).toEqual(answers.map(() => 'succeeded'));
    return new Set(answers.map(({ rows }) => rows[0]?.[0])).size;
  };

  it('off: one connection for all, on: several at once, from the next job on', async () => {
    await rig.work();
    await set('connection-pool', false);
    expect(await sessionsUsed()).toBe(1);
    await set('connection-pool', null);
    expect(await sessionsUsed()).toBeGreaterThan(1);
  });
});

describe('read-write-locks', () => {
  /** Most calls of one session that looked at it at the same time. */
  async function mostAtOnce(): Promise<number> {
    let now = 0;
    let most = 0;
    const store: Store = {
      ...rig.store,
      getSession: async (client, name) => {
        now += 1;
        most = Math.max(most, now);
        try {
          return await rig.store.getSession(client, name);
        } finally {
          now -= 1;
        }
      },
    };
    const gateway = rig.gateway({ store });
    await Promise.all(Array.from({ length: 8 }, () => gateway.startQuery(ann, { sql: 'select 1' })));
    return most;
  }

  it('off: a session is looked at by one call after the other, on: by many at once', async () => {
    expect(await mostAtOnce()).toBeGreaterThan(1);
    await set('read-write-locks', false);
    expect(await mostAtOnce()).toBe(1);
  });
});

describe('client-sessions', () => {
  it('off for some: they share one context, the others keep theirs', async () => {
    const gateway = rig.gateway();
    await rig.work();
    const cid: Caller = { client: 'cid' };
    const place = async (caller: Caller) =>
      (await gateway.query(caller, { sql: 'select current_database()' })).rows[0]?.[0];
    await gateway.query(ann, { sql: 'create database one' });
    await gateway.query(ann, { sql: 'create database two' });
    await gateway.setSession(bob, undefined, { database: 'TWO' });

    await set('client-sessions', false);
    await set('client-sessions', true, 'bob');
    expect((await gateway.query(ann, { sql: 'use database one' })).state).toBe('succeeded');
    expect(await place(cid)).toBe('ONE');
    expect((await gateway.getSession(cid)).context).toMatchObject({ database: 'ONE' });
    expect(await place(bob)).toBe('TWO');
    await gateway.setSession(cid, undefined, { database: 'TWO' });
    expect(await place(ann)).toBe('TWO');
    const tables = await gateway.listSchemas(ann, {});
    expect(tables.items.length).toBeGreaterThan(0);

    await set('client-sessions', null);
    await set('client-sessions', null, 'bob');
    expect((await gateway.getSession(cid)).context).not.toHaveProperty('database');
    expect(await place(bob)).toBe('TWO');
  });
});

describe('a flag set for a group', () => {
  it('is for its clients, from their next call on', async () => {
    const gateway = rig.gateway();
    await rig.store.saveClient('ann', { group: 'analysts' });
    await rig.store.setFlag('client-sessions', { group: 'analysts' }, false, 'root');
    const flagOf = async (caller: Caller) => {
      const { job_id } = await gateway.startQuery(caller, { sql: 'select 1' });
      return (await rig.store.find(job_id))?.flags['client-sessions'];
    };
    expect([await flagOf(ann), await flagOf(bob)]).toEqual([false, true]);
    await rig.store.saveClient('ann', { group: null });
    expect(await flagOf(ann)).toBe(true);
  });
});

describe('the audit of a gateway', () => {
  const entries = async (): Promise<readonly AuditEntry[]> =>
    [...(await rig.store.audit({ limit: 100 })).entries].reverse();

  it('tells of jobs by their tool and statement, without its text', async () => {
    const gateway = rig.gateway();
    await rig.work();
    const { job_id, query_id } = await gateway.query(ann, { sql: 'select 1 union all select 2', session: 's' });
    await gateway.query(ann, { sql: "insert into no_such_table values ('secret')" });
    await gateway.listDatabases(bob, {});
    const told = await entries();
    expect(told).toMatchObject([
      {
        client: 'ann',
        session: 's',
        tool: 'query',
        verb: 'SELECT',
        statementClass: 'read',
        jobId: job_id,
        queryId: query_id,
        outcome: 'succeeded',
        rows: 2,
      },
      { tool: 'query', verb: 'INSERT', statementClass: 'dml', outcome: 'failed', code: 'SNOWFLAKE_ERROR' },
      { client: 'bob', tool: 'list_databases', verb: 'SHOW', outcome: 'succeeded' },
    ]);
    expect(told[0]?.digest).toMatch(/^[0-9a-f]{16}$/);
    expect(JSON.stringify(told)).not.toContain('secret');
  });

  it('tells of refusals and of calls without a job, one entry each', async () => {
    const gateway = rig.gateway({ allow: ['read'] });
    await expect(gateway.query(ann, { sql: 'drop table t' })).rejects.toMatchObject({ code: 'STATEMENT_NOT_ALLOWED' });
    await expect(gateway.query(ann, { sql: 'select 1', maxRows: -1 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(gateway.jobStatus(bob, 'none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await gateway.setSession(bob, 'work', { database: 'DB' });
    const { job_id } = await gateway.startQuery({ ...ann, via: 'enqueue' }, { sql: 'select 1' });
    await gateway.jobCancel(ann, job_id);
    await gateway.status(ann);
    await gateway.close();
    expect(await entries()).toMatchObject([
      { client: 'ann', tool: 'query', verb: 'DROP', statementClass: 'ddl', outcome: 'refused' },
      { client: 'ann', tool: 'query', session: 'default', outcome: 'refused', code: 'INVALID_ARGUMENT' },
      { client: 'bob', tool: 'job_status', jobId: 'none', outcome: 'refused', code: 'NOT_FOUND' },
      { client: 'bob', tool: 'set_session', session: 'work', outcome: 'succeeded' },
      { client: 'ann', tool: 'enqueue', jobId: job_id, outcome: 'cancelled', code: 'CANCELLED' },
      { client: 'ann', tool: 'job_cancel', jobId: job_id, outcome: 'succeeded' },
      { client: 'ann', tool: 'server_status', outcome: 'succeeded' },
    ]);
  });

  it('keeps the text where the settings say so', async () => {
    const gateway = rig.gateway({ auditText: true });
    const { job_id } = await gateway.startQuery(ann, { sql: 'select 42' });
    await gateway.jobCancel(ann, job_id);
    expect((await entries())[0]).toMatchObject({ text: 'select 42' });
  });

  it('has one entry for a call that the caller gave up, before its job or after', async () => {
    const early = rig.gateway();
    await expect(early.query(ann, { sql: 'select 0' }, { signal: AbortSignal.abort() })).rejects.toThrow();
    await early.close();
    const gateway = rig.gateway();
    const abort = new AbortController();
    const asked = gateway.query(ann, { sql: 'select 1' }, { signal: abort.signal });
    await until(async () => (await rig.store.list({ limit: 1 })).jobs.length > 0);
    abort.abort();
    await expect(asked).rejects.toMatchObject({ code: 'CANCELLED' });
    await gateway.close();
    expect((await entries()).map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled']);
  });
});
