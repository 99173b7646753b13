import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Settlement, SettleOutcome } from '../../../src/store/job-store.js';
import type { Store } from '../../../src/store/store.js';
import type { HandlerContext, JobHandler } from '../../../src/worker/handler.js';
import { startWorker, type Worker, type WorkerOptions } from '../../../src/worker/worker.js';
import { Rig, until } from './rig.js';

const usage = { executionMs: 1, rows: 0, bytes: 0 };

function succeeded(pageCount = 0, rowCount = 0): Settlement {
  return { state: 'succeeded', result: { columns: [], rowCount, pageCount, truncated: false }, usage };
}

const cancelled = (context: HandlerContext): Settlement => ({
  state: 'cancelled',
  error: { code: 'CANCELLED', message: String((context.signal.reason as Error).message) },
  usage,
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

describe('worker', () => {
  let rig: Rig;
  const workers: Worker[] = [];
  const stores: Store[] = [];
  const troubles: string[] = [];

  beforeEach(async () => {
    rig = await Rig.open();
    troubles.length = 0;
  });

  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await rig.close();
  });

  async function work(handle: JobHandler['handle'], options: Partial<WorkerOptions> = {}): Promise<Worker> {
    const worker = await startWorker({
      store: rig.store,
      lanes: ['local:sql'],
      concurrency: 4,
      handlers: { query: { handle } },
      onTrouble: (what) => troubles.push(what),
      ...options,
    });
    workers.push(worker);
    return worker;
  }

  it('runs what is queued, before and after it started, and stores rows in pages', async () => {
    const before = await rig.admit({ n: 1 });
    await work(async (_claimed, context) => {
      await context.dispatch(crypto.randomUUID());
      await context.writeRows(Array.from({ length: 6_000 }, (_, index) => [index]));
      return succeeded(context.pageCount, 6_000);
    });
    const after = await rig.admit({ n: 2 });
    for (const id of [before, after]) {
      const job = await rig.ended(id);
      expect(job).toMatchObject({ state: 'succeeded', attempts: 1, result: { pageCount: 2, rowCount: 6_000 } });
      expect((await rig.store.readPage(id, 0))?.length).toBe(5_000);
      expect((await rig.store.readPage(id, 1))?.at(-1)).toEqual([5_999]);
    }
  });

  it('never runs more at once than its concurrency, and takes the next as soon as one has ended', async () => {
    let running = 0;
    let most = 0;
    await work(
      async () => {
        running += 1;
        most = Math.max(most, running);
        await delay(2);
        running -= 1;
        return succeeded();
      },
      { concurrency: 3 },
    );
    const ids = await Promise.all(Array.from({ length: 40 }, (_, index) => rig.admit({ index })));
    for (const id of ids) expect((await rig.ended(id)).state).toBe('succeeded');
    expect(most).toBe(3);
  });

  it('tells a running handler at once that its job is cancelled, and why', async () => {
    await work(
      async (_claimed, context) => {
        await context.dispatch(crypto.randomUUID());
        await aborted(context.signal);
        return cancelled(context);
      },
      // Longer than the test: the cancel is not found by a heartbeat.
      { leaseMs: 60_000, heartbeatMs: 30_000 },
    );
    const id = await rig.admit({});
    await rig.jobWhen(id, (job) => job.dispatchedAt !== undefined);
    const askedAt = performance.now();
    expect(await rig.store.cancel(id, 'changed my mind')).toEqual({ outcome: 'requested' });
    expect(await rig.ended(id)).toMatchObject({ state: 'cancelled', error: { message: 'changed my mind' } });
    expect(performance.now() - askedAt).toBeLessThan(2_000);
  });

  it('tries again when the handler says so', async () => {
    await work(async ({ attempt }) =>
      attempt < 3
        ? { state: 'scheduled', runAt: Date.now() + 20, error: { code: 'CONNECTION_FAILED', message: 'gone' }, usage }
        : succeeded(),
    );
    const id = await rig.admit({});
    expect(await rig.ended(id)).toMatchObject({ state: 'succeeded', attempts: 3 });
  });

  it('makes a failed job of a handler that throws, without a stack', async () => {
    await work(() => Promise.reject(new Error('broken\n    at somewhere')));
    const job = await rig.ended(await rig.admit({}));
    expect(job).toMatchObject({ state: 'failed', error: { code: 'INTERNAL', message: 'broken' } });
    expect(troubles).toHaveLength(1);
  });

  it('fails a job of a kind that it has no handler for', async () => {
    await work(async () => succeeded(), { handlers: {} });
    expect(await rig.ended(await rig.admit({}))).toMatchObject({
      state: 'failed',
      error: { code: 'INVALID_ARGUMENT' },
    });
  });

  it('keeps its leases as long as a handler runs', async () => {
    await work(
      async (_claimed, context) => {
        await context.dispatch(crypto.randomUUID());
        context.progress({ done: 7 });
        await delay(700);
        return succeeded();
      },
      { leaseMs: 210 },
    );
    await work(async () => succeeded(), { store: await another(), leaseMs: 210 });
    const id = await rig.admit({});
    const seen = await rig.jobWhen(id, (job) => job.progress !== undefined || job.finishedAt !== undefined);
    expect(seen.progress).toEqual({ done: 7 });
    expect(await rig.ended(id)).toMatchObject({ state: 'succeeded', attempts: 1 });
  });

  it('changes nothing once its lease has gone to another worker', async () => {
    const said: SettleOutcome[] = [];
    let letGo: () => void = () => {};
    const stuck = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    // As if the process had been stopped: it is not heard of, and then goes on.
    const store = await another();
    const mute: Store = {
      ...store,
      heartbeat: async () => [],
      workerHeartbeat: async () => {},
      settle: async (...args) => {
        const outcome = await store.settle(...args);
        said.push(outcome);
        return outcome;
      },
    };
    await work(
      async (_claimed, context) => {
        await context.dispatch('00000000-0000-4000-8000-000000000001');
        await stuck;
        await context.writeRows([['late']]);
        return succeeded(context.pageCount, 1);
      },
      { store: mute, leaseMs: 200, concurrency: 1 },
    );
    const id = await rig.admit({}, { write: true });
    await rig.jobWhen(id, (job) => job.dispatchedAt !== undefined);

    const takeovers: unknown[] = [];
    await work(
      async ({ takeover }, context) => {
        takeovers.push(takeover?.requestId);
        await context.dispatch(takeover?.requestId ?? '');
        await context.writeRows([['right']]);
        return succeeded(context.pageCount, 1);
      },
      { leaseMs: 200 },
    );
    await rig.ended(id);
    letGo();
    await until(() => said.length === 1);
    expect(said).toEqual([{ settled: false, reason: 'lost' }]);
    expect(takeovers).toEqual(['00000000-0000-4000-8000-000000000001']);
    expect(await rig.job(id)).toMatchObject({ state: 'succeeded', attempts: 2, worker: workers[1]?.id });
    expect(await rig.store.readPage(id, 0)).toEqual([['right']]);
  });

  it('drains: takes nothing new, gives back what was not sent, waits for what was', async () => {
    let finish: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const worker = await work(async ({ job }, context) => {
      if (job.payload === 'not sent') {
        await aborted(context.signal);
        return cancelled(context);
      }
      await context.dispatch(crypto.randomUUID());
      await gate;
      return succeeded();
    });
    const sent = await rig.admit('sent');
    const notSent = await rig.admit('not sent');
    await rig.jobWhen(sent, (job) => job.dispatchedAt !== undefined);
    await rig.jobWhen(notSent, (job) => job.state === 'running');
    const drained = worker.drain(20_000);
    await rig.jobWhen(notSent, (job) => job.state === 'queued');
    const late = await rig.admit('late');
    finish();
    await drained;
    expect(await rig.job(sent)).toMatchObject({ state: 'succeeded' });
    expect(await rig.job(notSent)).toMatchObject({ state: 'queued', attempts: 0 });
    expect(await rig.job(late)).toMatchObject({ state: 'queued' });
    expect(await rig.store.listWorkers()).toEqual([]);
  });

  it('after its grace hands back what runs, writes with their request id', async () => {
    const endless: JobHandler['handle'] = async ({ job }, context) => {
      await context.dispatch(job.write ? '00000000-0000-4000-8000-000000000002' : crypto.randomUUID());
      await aborted(context.signal);
      return cancelled(context);
    };
    const worker = await work(endless, { leaseMs: 300 });
    const read = await rig.admit('read');
    const write = await rig.admit('write', { write: true });
    for (const id of [read, write]) await rig.jobWhen(id, (job) => job.dispatchedAt !== undefined);
    await worker.drain(10);
    for (const id of [read, write]) expect((await rig.job(id)).state).toBe('queued');

    const asked: (string | undefined)[] = [];
    await work(
      async ({ job, takeover }) => {
        if (job.write) asked.push(takeover?.requestId);
        return succeeded();
      },
      { store: await another(), leaseMs: 300 },
    );
    expect(await rig.ended(read)).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect(await rig.ended(write)).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect(asked).toEqual(['00000000-0000-4000-8000-000000000002']);
  });

  it('does nothing while there is nothing to do, however many idle workers there are', async () => {
    let claims = 0;
    for (let i = 0; i < 2; i += 1) {
      const store = await another();
      await work(async () => succeeded(), {
        store: {
          ...store,
          claim: (request) => {
            claims += 1;
            return store.claim(request);
          },
        },
        leaseMs: 60_000,
      });
    }
    await rig.ended(await rig.admit({}));
    await delay(100);
    const before = claims;
    await delay(400);
    expect(claims - before).toBeLessThanOrEqual(2);
  });

  async function another(): Promise<Store> {
    const store = await rig.another();
    stores.push(store);
    return store;
  }
});
