import { describe, expect, it } from 'vitest';
import { newJobId } from '../../src/store/job-id.js';
import type { Store } from '../../src/store/store.js';
import {
  admission,
  admitted,
  claim,
  claimOne,
  FAILURE,
  holdOf,
  idOf,
  LANE,
  type OpenedStore,
  RESULT,
  type StoreFactory,
  SUCCESS,
  storeForEachTest,
  type TestClock,
  USAGE,
} from './store-harness.js';

/** From admission to the end. */
export function lifecycleContract(makePlace: StoreFactory): void {
  describe('life of a job', () => {
    let clock: TestClock;
    let store: Store;
    let another: OpenedStore['another'];
    storeForEachTest(makePlace, {}, (opened) => {
      ({ clock, store, another } = opened);
    });

    it('keeps everything that was admitted', async () => {
      const asked = admission({
        session: 'default',
        priority: 'high',
        write: true,
        reason: 'monthly report',
        idempotencyKey: 'k',
        payload: { sql: "select '☃'", binds: [1, null, 'x'] },
        context: { database: 'DB', parameters: { TIMEZONE: 'UTC' } },
      });
      const outcome = await store.admit(asked);
      const found = await store.find(asked.id);
      expect(outcome).toEqual({ admitted: true, repeated: false, job: found });
      expect(found).toMatchObject({
        id: asked.id,
        client: 'ada',
        kind: 'query',
        lane: LANE,
        state: 'queued',
        priority: 'high',
        session: 'default',
        write: true,
        reason: 'monthly report',
        payload: asked.payload,
        context: asked.context,
        flags: asked.flags,
        attempts: 0,
        attached: false,
        createdAt: clock.wall,
        queuedMs: 0,
      });
      expect(await store.find('unknown')).toBeUndefined();
    });

    it('runs to success, with waits, usage and request id', async () => {
      const id = await admitted(store);
      clock.advance(250);
      const claimed = await claimOne(store);
      expect(claimed).toMatchObject({ attempt: 1, job: { id, state: 'running', queuedMs: 250, worker: 'worker-1' } });
      expect(claimed.job).toEqual(await store.find(id));
      expect(claimed.takeover).toBeUndefined();
      const hold = holdOf(claimed);
      expect(await store.dispatch(hold, 'request-1')).toBe('held');
      expect(
        await store.writePage(hold, 0, [
          [1, 'a', null],
          [2, '☃', { deep: [true] }],
        ]),
      ).toBe('held');
      expect(await store.readPage(id, 0)).toBeUndefined();
      clock.advance(1_000);
      const result = { ...RESULT, rowCount: 2, pageCount: 1, queryId: 'q-1' };
      expect(await store.settle(hold, { state: 'succeeded', result, usage: USAGE })).toEqual({
        settled: true,
        state: 'succeeded',
      });
      expect(await store.find(id)).toMatchObject({
        state: 'succeeded',
        requestId: 'request-1',
        result,
        usage: USAGE,
        queuedMs: 250,
        finishedAt: clock.wall,
        resultExpired: false,
      });
      expect(await store.readPage(id, 0)).toEqual([
        [1, 'a', null],
        [2, '☃', { deep: [true] }],
      ]);
      expect(await store.readPage(id, 1)).toBeUndefined();
    });

    it('takes the last page with the settlement, and neither from a late worker', async () => {
      const id = await admitted(store);
      const late = holdOf(await claimOne(store));
      clock.advance(10_001);
      await store.sweep();
      const hold = holdOf(await claimOne(store));
      const success = { state: 'succeeded', result: { ...RESULT, pageCount: 1 }, usage: USAGE } as const;
      expect(await store.settle(late, success, { page: 0, rows: [['late']] })).toEqual({
        settled: false,
        reason: 'lost',
      });
      expect(await store.settle(hold, success, { page: 0, rows: [['right']] })).toMatchObject({ settled: true });
      expect(await store.readPage(id, 0)).toEqual([['right']]);
    });

    it('keeps the error of a failure whole', async () => {
      const id = await admitted(store);
      const hold = holdOf(await claimOne(store));
      await store.settle(hold, { state: 'failed', error: FAILURE, usage: USAGE });
      expect(await store.find(id)).toMatchObject({ state: 'failed', error: FAILURE });
    });

    it('gives the first job again for a repeated idempotency key, of that client only, in any state', async () => {
      const first = await store.admit(admission({ idempotencyKey: 'k' }));
      const [second, other] = await Promise.all([
        store.admit(admission({ idempotencyKey: 'k' })),
        store.admit(admission({ idempotencyKey: 'k', client: 'bob' })),
      ]);
      expect(second).toMatchObject({ admitted: true, repeated: true, job: { id: idOf(first) } });
      expect(other).toMatchObject({ admitted: true, repeated: false });
      await store.settle(holdOf(await claimOne(store, { client: 'ada' })), SUCCESS);
      const third = await store.admit(admission({ idempotencyKey: 'k' }));
      expect(third).toMatchObject({ repeated: true, job: { id: idOf(first), state: 'succeeded' } });
      expect((await store.list({ limit: 10, client: 'ada' })).jobs).toHaveLength(1);
    });

    it('refuses beyond the bounds, with numbers and a time, and keeps nothing of what it refused', async () => {
      const bounds = { maxQueued: 3, maxQueuedPerClient: 2 };
      const small = await another({ bounds });
      await admitted(small);
      await admitted(small, { runAt: clock.wall + 60_000 });
      const own = await small.admit(admission());
      expect(own).toMatchObject({
        admitted: false,
        refusal: { code: 'QUEUE_FULL', message: expect.stringContaining('2 of 2'), retryAfterMs: expect.any(Number) },
      });
      await admitted(small, { client: 'bob' });
      const inAll = await small.admit(admission({ client: 'eve' }));
      expect(inAll).toMatchObject({ admitted: false, refusal: { message: expect.stringContaining('3 of 3') } });
      expect((await small.list({ limit: 10 })).jobs).toHaveLength(3);
      expect((await small.stats()).total_queued).toBe(2);
      await small.close();
    });

    it('says no to an id twice, a priority that is none, and attempts below one', async () => {
      const twice = admission();
      await store.admit(twice);
      await expect(store.admit(twice)).rejects.toMatchObject({ data: { code: 'INVALID_ARGUMENT' } });
      const odd = { ...admission(), priority: 'urgent' as 'high' };
      await expect(store.admit(odd)).rejects.toMatchObject({ data: { code: 'INVALID_ARGUMENT' } });
      await expect(store.admit(admission({ maxAttempts: 0 }))).rejects.toMatchObject({
        data: { code: 'INVALID_ARGUMENT' },
      });
    });

    it('an operation that fails takes nothing with it that shares its commit', async () => {
      const twice = admission();
      const outcomes = await Promise.allSettled([store.admit(twice), store.admit(twice), store.admit(admission())]);
      expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect((await store.stats()).total_queued).toBe(2);
    });

    it('cancels what waits at once, asks for what runs, and leaves alone what has ended', async () => {
      const waiting = await admitted(store);
      const later = await admitted(store, { runAt: clock.wall + 1_000 });
      expect(await store.cancel(waiting, 'changed my mind')).toEqual({ outcome: 'cancelled' });
      expect(await store.cancel(later, 'changed my mind')).toEqual({ outcome: 'cancelled' });
      expect(await store.find(waiting)).toMatchObject({
        state: 'cancelled',
        error: { code: 'CANCELLED', message: 'changed my mind' },
      });
      expect(await claim(store)).toEqual([]);

      const running = await admitted(store);
      const hold = holdOf(await claimOne(store));
      expect(await store.cancel(running, 'too slow')).toEqual({ outcome: 'requested' });
      expect(await store.heartbeat('worker-1', 10_000, [hold])).toEqual([
        { ...hold, verdict: 'held', cancelRequested: 'too slow' },
      ]);
      expect(await store.settle(hold, SUCCESS)).toEqual({ settled: true, state: 'succeeded' });
      expect(await store.cancel(running, 'too late')).toEqual({ outcome: 'already-final', state: 'succeeded' });
      expect(await store.cancel('unknown', 'x')).toEqual({ outcome: 'not-found' });
    });

    it('does not try again what somebody wants cancelled', async () => {
      const id = await admitted(store);
      const hold = holdOf(await claimOne(store));
      await store.cancel(id, 'enough');
      const again = { state: 'scheduled', runAt: clock.wall + 1_000, error: FAILURE, usage: USAGE } as const;
      expect(await store.settle(hold, again)).toEqual({ settled: true, state: 'cancelled' });
    });

    it('retries when asked to until the attempts are used up', async () => {
      const id = await admitted(store, { maxAttempts: 2 });
      const again = { state: 'scheduled', runAt: clock.wall + 1_000, error: FAILURE, usage: USAGE } as const;
      expect(await store.settle(holdOf(await claimOne(store)), again)).toEqual({ settled: true, state: 'scheduled' });
      expect(await store.find(id)).toMatchObject({ state: 'scheduled', attempts: 1, error: FAILURE });
      expect(await claim(store)).toEqual([]);
      clock.advance(1_500);
      const second = await claimOne(store);
      expect(second).toMatchObject({ attempt: 2, job: { queuedMs: 500 } });
      expect(await store.settle(holdOf(second), again)).toEqual({ settled: true, state: 'failed' });
      expect(await store.find(id)).toMatchObject({ state: 'failed', error: FAILURE, usage: { executionMs: 2_000 } });
    });

    it('runs a job again under a new id when it ended without success', async () => {
      const id = await admitted(store, { reason: 'report', priority: 'low' });
      const early = await store.retry(id, newJobId());
      expect(early).toMatchObject({ admitted: false, refusal: { code: 'INVALID_ARGUMENT' } });
      await store.settle(holdOf(await claimOne(store)), { state: 'failed', error: FAILURE, usage: USAGE });
      const newId = newJobId();
      const again = await store.retry(id, newId);
      expect(again).toMatchObject({
        admitted: true,
        job: { id: newId, state: 'queued', attempts: 0, reason: 'report' },
      });
      expect((await claimOne(store)).job).toMatchObject({ id: newId, payload: { sql: 'select 1' }, priority: 'low' });
      expect(await store.retry('unknown', newJobId())).toMatchObject({ refusal: { code: 'NOT_FOUND' } });
    });

    it('takes a release back without counting the attempt', async () => {
      const id = await admitted(store);
      const first = await claimOne(store);
      expect(await store.release(holdOf(first))).toBe('held');
      expect(await store.find(id)).toMatchObject({ state: 'queued', attempts: 0 });
      const second = await claimOne(store);
      expect(second.attempt).toBe(1);
      expect(second.fence).toBeGreaterThan(first.fence);
      expect(await store.settle(holdOf(first), SUCCESS)).toEqual({ settled: false, reason: 'lost' });
      await store.dispatch(holdOf(second), 'r');
      await expect(store.release(holdOf(second))).rejects.toMatchObject({ data: { code: 'INVALID_ARGUMENT' } });
    });
  });
}
