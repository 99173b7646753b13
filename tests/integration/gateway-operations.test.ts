import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorDataOf, SnowError } from '../../src/errors/snow-error.js';
import { createGateway } from '../../src/gateway/gateway.js';
import type { OperationRequest } from '../../src/gateway/operation-request.js';
import type { Caller, Gateway, WaitProgress } from '../../src/gateway/requests.js';
import type { Json } from '../../src/store/job.js';
import { CODE_LANE, MEMORY_LANE } from '../../src/store/lane.js';
import { operationHandler } from '../../src/worker/handlers/operation.js';
import {
  type OperationContext,
  type OperationHandler,
  OperationHandlers,
  SetBack,
} from '../../src/worker/operation-handler.js';
import { startWorker, type Worker } from '../../src/worker/worker.js';
import { Rig, until } from '../unit/worker/rig.js';

const ann: Caller = { client: 'ann' };

type Run = (
  name: string,
  given: { readonly [key: string]: Json | undefined },
  context: OperationContext,
) => Promise<Json>;

function note(given: Partial<OperationRequest> = {}): OperationRequest {
  return { name: 'memory_note', kind: 'memory', arguments: { text: 'in cents' }, write: true, ...given };
}

function sync(given: Partial<OperationRequest> = {}): OperationRequest {
  return {
    name: 'repo_read',
    kind: 'repo-sync',
    arguments: { path: '/code' },
    write: true,
    label: 'read /code',
    ...given,
  };
}

async function refusalOf(call: Promise<unknown>) {
  return errorDataOf(
    await call.then(
      () => Promise.reject(new Error('it was let through')),
      (thrown: unknown) => thrown,
    ),
  );
}

/** Until the operation is told to stop; what it is told is what it throws. */
async function stopped({ signal }: OperationContext): Promise<never> {
  return await new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

describe('operations on memories and repositories', () => {
  let rig: Rig;
  let gateway: Gateway;
  let worker: Worker | undefined;
  let own: string | undefined;

  beforeEach(async () => {
    rig = await Rig.open();
    worker = undefined;
    own = undefined;
    gateway = createGateway({
      store: rig.store,
      connection: 'local',
      allow: ['read'],
      version: 'test',
      ownWorker: async () => own,
    });
  });
  afterEach(async () => {
    await gateway.close();
    await worker?.stop();
    await rig.close();
  });

  async function work(run: Run, others: Partial<Parameters<typeof startWorker>[0]> = {}): Promise<Worker> {
    const handler: OperationHandler = { run };
    const operations = operationHandler(
      new OperationHandlers({ memory: async () => handler, repo: async () => handler }),
    );
    worker = await startWorker({
      store: rig.store,
      lanes: ['local:sql'],
      concurrency: 1,
      pools: [
        { lanes: [MEMORY_LANE], slots: 2 },
        { lanes: [CODE_LANE], slots: 1 },
      ],
      handlers: { memory: operations, 'repo-sync': operations },
      ...others,
    });
    return worker;
  }

  it('are answered with what their handler made of them, and leave a job, its result and one entry in the audit', async () => {
    await work(async (name, given) => ({ name, given, tags: ['money'] }));
    const { job_id, ...answer } = await gateway.operate(ann, note({ label: 'note on money' }));
    expect(answer).toMatchObject({
      state: 'succeeded',
      answer: { name: 'memory_note', given: { text: 'in cents' }, tags: ['money'] },
    });
    expect(await gateway.jobStatus(ann, job_id)).toMatchObject({
      kind: 'memory',
      state: 'succeeded',
      statement: 'note on money',
      row_count: 1,
    });
    expect((await gateway.jobResult(ann, { id: job_id })).rows).toEqual([[answer.answer]]);
    expect((await rig.job(job_id)).lane).toBe(MEMORY_LANE);
    const { entries } = await rig.store.audit({ limit: 10 });
    expect(entries.filter(({ tool }) => tool === 'memory_note')).toMatchObject([
      { client: 'ann', outcome: 'succeeded', statementClass: 'dml', jobId: job_id },
    ]);
    await expect(gateway.jobResult({ client: 'ben' }, { id: job_id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('that take longer than their caller waits go on, tell how far they are, and are answered later', async () => {
    let finish: () => void = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    await work(
      async (_name, _given, { progress }) => {
        progress({ done: 3, total: 7, message: '3 of 7 files' });
        await finished;
        return { files: 7 };
      },
      { heartbeatMs: 20 },
    );
    const seen: WaitProgress[] = [];
    const answer = await gateway.operate(ann, sync({ waitS: 0.5 }), {
      onProgress: (progress) => void seen.push(progress),
    });
    expect(answer).toMatchObject({ state: 'running', message: expect.stringContaining('job_result') });
    expect(answer).not.toHaveProperty('answer');
    expect(seen.at(-1)).toMatchObject({ state: 'running', progress: { done: 3, total: 7 } });
    finish();
    const result = await gateway.jobResult(ann, { id: answer.job_id, waitS: 10 });
    expect(result).toMatchObject({ state: 'succeeded', rows: [[{ files: 7 }]] });
  });

  it('queued without waiting are run once for one idempotency key', async () => {
    let runs = 0;
    const first = await gateway.startOperation(ann, sync({ idempotencyKey: 'k' }));
    const again = await gateway.startOperation(ann, sync({ idempotencyKey: 'k' }));
    expect(again.job_id).toBe(first.job_id);
    await work(async () => {
      runs += 1;
      return null;
    });
    expect(await rig.ended(first.job_id)).toMatchObject({ state: 'succeeded', kind: 'repo-sync', lane: CODE_LANE });
    expect(runs).toBe(1);
  });

  it('that fail say why, whatever was thrown', async () => {
    await work(async (_name, { text }) => {
      if (text === 'gone') throw new SnowError({ code: 'NOT_FOUND', message: 'No such memory.', hint: 'memory_list' });
      throw new TypeError('oops');
    });
    expect(await refusalOf(gateway.operate(ann, note({ arguments: { text: 'gone' } })))).toEqual({
      code: 'NOT_FOUND',
      message: 'No such memory.',
      hint: 'memory_list',
    });
    expect(await refusalOf(gateway.operate(ann, note()))).toEqual({ code: 'INTERNAL', message: 'oops' });
    const { entries } = await rig.store.audit({ limit: 10 });
    expect(entries.map(({ tool, outcome, code }) => [tool, outcome, code])).toEqual([
      ['memory_note', 'failed', 'INTERNAL'],
      ['memory_note', 'failed', 'NOT_FOUND'],
    ]);
  });

  it('end when their time is up, and when their answer is too large for a message', async () => {
    await work(async (_name, { text }, context) => (text === 'long' ? await stopped(context) : 'x'.repeat(9_000_000)));
    expect(await refusalOf(gateway.operate(ann, note({ arguments: { text: 'long' }, timeoutS: 0.05 })))).toMatchObject({
      code: 'STATEMENT_TIMEOUT',
      message: 'memory_note was not done within 0.05 s.',
    });
    expect(await refusalOf(gateway.operate(ann, note()))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('8388608 is the most'),
    });
  });

  it('are cancelled by their client, and when their caller leaves', async () => {
    const reasons: unknown[] = [];
    await work(async (_name, _given, context) => {
      return await stopped(context).catch((reason) => {
        reasons.push((reason as SnowError).message);
        throw reason;
      });
    });
    const { job_id } = await gateway.startOperation(ann, sync());
    await rig.jobWhen(job_id, ({ state }) => state === 'running');
    expect(await gateway.jobCancel(ann, job_id)).toMatchObject({ state: 'cancelled' });
    const leave = new AbortController();
    const call = gateway.operate(ann, note(), { signal: leave.signal });
    await until(async () => (await rig.store.stats()).total_active === 1);
    leave.abort();
    expect(await refusalOf(call)).toMatchObject({ code: 'CANCELLED' });
    await until(async () => (await rig.store.stats()).total_active === 0);
    expect(reasons).toEqual(['The client asked for it.', expect.any(String)]);
  });

  it('that cannot begin give their slot up and are begun again, as if for the first time', async () => {
    const runs: string[] = [];
    let busy = true;
    await work(async (_name, { path }, { hold }) => {
      runs.push(`${String(path)} ${hold.attempt}`);
      if (path === '/a' && busy) throw new SetBack(Date.now() + 30);
      return null;
    });
    const waits = await gateway.startOperation(ann, sync({ arguments: { path: '/a' } }));
    await rig.jobWhen(waits.job_id, ({ state }) => state === 'scheduled');
    expect(await gateway.operate(ann, sync({ arguments: { path: '/b' } }))).toMatchObject({ state: 'succeeded' });
    await until(() => runs.filter((run) => run === '/a 1').length > 4);
    busy = false;
    expect(await rig.ended(waits.job_id)).toMatchObject({ state: 'succeeded', attempts: 1 });
  });

  it('have slots of their own: neither statements nor syncs keep memories waiting', async () => {
    await work(async (name, _given, context) => (name === 'repo_read' ? await stopped(context) : 'done'), {
      handlers: {
        ...(await handlersOf(async (name, _given, context) =>
          name === 'repo_read' ? await stopped(context) : 'done',
        )),
        query: {
          handle: async (_claimed, context) =>
            await new Promise((resolve) => {
              context.signal.addEventListener('abort', () =>
                resolve({
                  state: 'cancelled',
                  error: errorDataOf(context.signal.reason),
                  usage: { executionMs: 1, rows: 0, bytes: 0 },
                }),
              );
            }),
        },
      },
    });
    const statements = [await rig.admit({ sql: 'select 1' }), await rig.admit({ sql: 'select 2' })];
    const syncs = [await gateway.startOperation(ann, sync()), await gateway.startOperation(ann, sync())];
    await rig.jobWhen(statements[0] ?? '', ({ state }) => state === 'running');
    await rig.jobWhen(syncs[0]?.job_id ?? '', ({ state }) => state === 'running');
    expect(await gateway.operate(ann, note())).toMatchObject({ answer: 'done' });
    expect(await rig.store.stats()).toMatchObject({ total_active: 2, total_queued: 2 });
    expect(await rig.store.listWorkers()).toMatchObject([
      { concurrency: 1, slots: { 'local:sql': 1, memory: 2, code: 1 }, lanes: ['local:sql', MEMORY_LANE, CODE_LANE] },
    ]);
  });

  async function handlersOf(run: Run) {
    const handler: OperationHandler = { run };
    const jobs = operationHandler(new OperationHandlers({ memory: async () => handler, repo: async () => handler }));
    return { memory: jobs, 'repo-sync': jobs };
  }

  it('are refused beyond 100 a minute, syncs beyond 5 an hour, and statements are not', async () => {
    for (let i = 0; i < 5; i += 1) await gateway.startOperation(ann, sync({ arguments: { path: `/${i}` } }));
    expect(await refusalOf(gateway.startOperation(ann, sync()))).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: expect.any(Number),
    });
    const admitted = Array.from({ length: 100 }, (_, i) => gateway.startOperation({ client: `c${i % 2}` }, note()));
    await Promise.allSettled(admitted);
    const { rates } = await rig.store.usage('c1');
    expect(rates.find((rate) => rate.class === 'memory')).toMatchObject({
      count: 100,
      perMs: 60_000,
      from: 'built-in',
    });
    await rig.store.setRate({ client: 'cat' }, 'memory', { count: 1, perMs: 60_000, burst: 1 });
    const cat: Caller = { client: 'cat' };
    await work(async () => 'done');
    await gateway.operate(cat, note());
    expect(await refusalOf(gateway.operate(cat, note()))).toMatchObject({ code: 'RATE_LIMITED' });
    expect(await gateway.startQuery(cat, { sql: 'select 1' })).toMatchObject({ state: 'queued' });
  });

  it('go on while the warehouse cannot be reached', async () => {
    await rig.store.setBreaker('local', 'open', { by: 'test', reason: 'maintenance' });
    await work(async () => 'done');
    expect(await refusalOf(gateway.query(ann, { sql: 'select 1' }))).toMatchObject({ code: 'CIRCUIT_OPEN' });
    expect(await gateway.operate(ann, note())).toMatchObject({ answer: 'done' });
    expect(await gateway.operate(ann, sync())).toMatchObject({ answer: 'done' });
  });

  it('ask for a token that was made for them', async () => {
    await work(async () => 'done');
    const only = (...scopes: ('query' | 'jobs' | 'memory')[]): Caller => ({ client: 'ann', scopes });
    expect(await refusalOf(gateway.operate(only('query', 'jobs'), note()))).toMatchObject({
      code: 'NOT_PERMITTED',
      message: expect.stringContaining('"memory"'),
    });
    expect(await refusalOf(gateway.startOperation(only('query'), sync()))).toMatchObject({
      code: 'NOT_PERMITTED',
    });
    expect(await gateway.operate(only('memory'), note())).toMatchObject({ answer: 'done' });
    expect(await gateway.operate(only('memory'), sync())).toMatchObject({ answer: 'done' });
    const { entries } = await rig.store.audit({ outcome: 'refused', limit: 10 });
    expect(entries.map(({ tool, code }) => [tool, code])).toEqual([
      ['repo_read', 'NOT_PERMITTED'],
      ['memory_note', 'NOT_PERMITTED'],
    ]);
  });

  it('run inside their request where the job queue is off', async () => {
    await rig.store.setFlag('job-queue', { client: 'ann' }, false, 'test');
    expect(await refusalOf(gateway.operate(ann, note()))).toMatchObject({
      message: expect.stringContaining('no worker'),
    });
    const elsewhere = await work(async () => 'elsewhere', { pinned: { close: async () => {} } });
    expect(await refusalOf(gateway.startOperation(ann, sync()))).toMatchObject({
      message: expect.stringContaining('nothing can run in the background'),
    });
    own = elsewhere.id;
    const { answer, job_id } = await gateway.operate(ann, note());
    expect(answer).toBe('elsewhere');
    expect((await rig.job(job_id)).lane).toBe(`memory:pin:${elsewhere.id}`);
  });
});
