import { describe, expect, it } from 'vitest';
import { WRITE_CLAIMS } from '../../src/store/attempts.js';
import type { Store } from '../../src/store/store.js';
import {
  admitted,
  claim,
  claimOne,
  FAILURE,
  holdOf,
  type OpenedStore,
  RESULT,
  ROOMY,
  type StoreFactory,
  SUCCESS,
  storeForEachTest,
  type TestClock,
  USAGE,
} from './store-harness.js';

/** Workers that die, stall, come back late or race: a job has one holder, and the last claim wins. */
export function leasesContract(makePlace: StoreFactory): void {
  describe('leases', () => {
    let clock: TestClock;
    let store: Store;
    let another: OpenedStore['another'];
    storeForEachTest(makePlace, { bounds: ROOMY }, (opened) => {
      ({ clock, store, another } = opened);
    });

    it('gives a job to one worker only', async () => {
      const other = await another();
      const ids = await Promise.all(Array.from({ length: 60 }, () => admitted(store)));
      const claims = await Promise.all(
        [store, other, store, other].map((each, n) => claim(each, { worker: `worker-${n}`, slots: 20 })),
      );
      const taken = claims.flat().map((claimed) => claimed.job.id);
      expect(taken.sort()).toEqual(ids.sort());
      expect(new Set(claims.flat().map((claimed) => claimed.fence)).size).toBe(60);
      await other.close();
    });

    it('puts a job back when its lease runs out, and a late worker changes nothing', async () => {
      const id = await admitted(store);
      const late = holdOf(await claimOne(store));
      await store.dispatch(late, 'r1');
      await store.writePage(late, 0, [['late']]);
      clock.advance(10_001);
      expect(await store.sweep()).toMatchObject({ requeued: 1, abandoned: 0 });
      expect(await store.find(id)).toMatchObject({ state: 'queued', attempts: 1 });
      const second = await claimOne(store, { worker: 'worker-2' });
      expect(second).toMatchObject({ attempt: 2, takeover: { requestId: 'r1' } });

      expect(await store.heartbeat('worker-1', 10_000, [late])).toEqual([{ ...late, verdict: 'lost' }]);
      expect(await store.dispatch(late, 'r9')).toBe('lost');
      expect(await store.writePage(late, 0, [['late']])).toBe('lost');
      expect(await store.release(late)).toBe('lost');
      expect(await store.settle(late, SUCCESS)).toEqual({ settled: false, reason: 'lost' });
      expect(await store.find(id)).toMatchObject({ state: 'running', worker: 'worker-2' });

      const result = { ...RESULT, rowCount: 1, pageCount: 1 };
      await store.writePage(holdOf(second), 0, [['right']]);
      await store.settle(holdOf(second), { state: 'succeeded', result, usage: USAGE });
      expect(await store.settle(late, SUCCESS)).toEqual({ settled: false, reason: 'lost' });
      expect(await store.readPage(id, 0)).toEqual([['right']]);
      expect(await store.find(id)).toMatchObject({ attempts: 2, result });
    });

    it('does not show pages of a lost lease when the next attempt writes fewer', async () => {
      const id = await admitted(store);
      const late = holdOf(await claimOne(store));
      await store.writePage(late, 0, [['late']]);
      await store.writePage(late, 1, [['late']]);
      clock.advance(10_001);
      await store.sweep();
      const hold = holdOf(await claimOne(store));
      await store.writePage(hold, 0, [['right']]);
      await store.settle(hold, { state: 'succeeded', result: { ...RESULT, pageCount: 1 }, usage: USAGE });
      expect(await store.readPage(id, 0)).toEqual([['right']]);
      expect(await store.readPage(id, 1)).toBeUndefined();
    });

    it('keeps a job whose worker sends heartbeats, with its progress', async () => {
      const id = await admitted(store);
      const hold = holdOf(await claimOne(store));
      for (let beat = 1; beat <= 3; beat += 1) {
        clock.advance(8_000);
        const progress = { done: beat * 100, message: 'reading' };
        expect(await store.heartbeat('worker-1', 10_000, [{ ...hold, progress }])).toEqual([
          { ...hold, verdict: 'held' },
        ]);
        expect(await store.sweep()).toMatchObject({ requeued: 0 });
      }
      expect(await store.find(id)).toMatchObject({ state: 'running', progress: { done: 300, message: 'reading' } });
    });

    it('lets a worker settle after its lease ran out, as long as nobody took the job', async () => {
      await admitted(store);
      const hold = holdOf(await claimOne(store));
      clock.advance(60_000);
      expect(await store.settle(hold, SUCCESS)).toMatchObject({ settled: true });
    });

    it('fails a read whose workers are lost again and again', async () => {
      const id = await admitted(store, { maxAttempts: 2 });
      for (const expected of [{ requeued: 1 }, { abandoned: 1 }]) {
        await claimOne(store);
        clock.advance(10_001);
        expect(await store.sweep()).toMatchObject(expected);
      }
      expect(await store.find(id)).toMatchObject({ state: 'failed', attempts: 2, error: { code: 'INTERNAL' } });
    });

    it('asks for a dispatched write again and again, then says that its outcome is unknown', async () => {
      const id = await admitted(store, { write: true, maxAttempts: 1 });
      for (let attempt = 1; attempt <= WRITE_CLAIMS; attempt += 1) {
        const claimed = await claimOne(store);
        expect(claimed.takeover?.requestId).toBe(attempt === 1 ? undefined : 'r1');
        expect(await store.dispatch(holdOf(claimed), 'r1')).toBe('held');
        clock.advance(10_001);
        expect(await store.sweep()).toMatchObject(attempt < WRITE_CLAIMS ? { requeued: 1 } : { abandoned: 1 });
      }
      expect(await store.find(id)).toMatchObject({ state: 'failed', error: { code: 'OUTCOME_UNKNOWN' } });
    });

    it('keeps the time of the first dispatch under the same request id', async () => {
      await admitted(store, { write: true, maxAttempts: 1 });
      const dispatchedAt = clock.wall;
      await store.dispatch(holdOf(await claimOne(store)), 'r1');
      clock.advance(20_000);
      await store.sweep();
      await store.dispatch(holdOf(await claimOne(store)), 'r1');
      clock.advance(20_000);
      await store.sweep();
      expect((await claimOne(store)).takeover).toEqual({ requestId: 'r1', dispatchedAt });
    });

    it('does not call a write cancelled, expired or orphaned while its outcome is to be found out', async () => {
      const id = await admitted(store, {
        write: true,
        maxAttempts: 1,
        queueTimeoutMs: 1_000,
        attach: { waiter: 'w', leaseMs: 1_000 },
      });
      await store.dispatch(holdOf(await claimOne(store)), 'r1');
      clock.advance(10_001);
      await store.sweep();
      clock.advance(10_001);
      expect(await store.sweep()).toMatchObject({ expired: 0 });
      expect(await store.cancel(id, 'x')).toEqual({ outcome: 'requested' });
      const claimed = await claimOne(store);
      expect(claimed).toMatchObject({ takeover: { requestId: 'r1' }, job: { cancelRequested: expect.any(String) } });
      expect(await store.settle(holdOf(claimed), SUCCESS)).toEqual({ settled: true, state: 'succeeded' });
    });

    it('does not end a write that was sent as failed or cancelled before its outcome is known', async () => {
      const id = await admitted(store, { write: true });
      const hold = holdOf(await claimOne(store));
      const claimAnother = async () => {
        await admitted(store, { write: true });
        return await claimOne(store);
      };
      await store.dispatch(hold, 'r1');
      for (const state of ['failed', 'cancelled'] as const) {
        const guess = { state, error: FAILURE, usage: USAGE };
        await expect(store.settle(hold, guess)).rejects.toMatchObject({ data: { code: 'INVALID_ARGUMENT' } });
        expect((await store.find(id))?.state).toBe('running');
      }
      const unknown = { code: 'OUTCOME_UNKNOWN', message: 'nobody knows' } as const;
      const other = holdOf(await claimAnother());
      await store.dispatch(other, 'r3');
      expect(await store.settle(other, { state: 'failed', error: unknown, usage: USAGE })).toMatchObject({
        settled: true,
      });
      const told = { state: 'cancelled', error: FAILURE, usage: USAGE, outcomeKnown: true } as const;
      expect(await store.settle(hold, told)).toEqual({ settled: true, state: 'cancelled' });

      const read = await admitted(store);
      const readHold = holdOf(await claimOne(store));
      await store.dispatch(readHold, 'r2');
      expect(await store.settle(readHold, { state: 'failed', error: FAILURE, usage: USAGE })).toMatchObject({
        state: 'failed',
      });
      expect((await store.find(read))?.error).toEqual(FAILURE);
    });

    it('keeps the request id of a write that is to be tried again', async () => {
      await admitted(store, { write: true, maxAttempts: 1 });
      const hold = holdOf(await claimOne(store));
      await store.dispatch(hold, 'r1');
      const again = { state: 'scheduled', runAt: clock.wall, error: FAILURE, usage: USAGE } as const;
      expect(await store.settle(hold, again)).toEqual({ settled: true, state: 'queued' });
      expect((await claimOne(store)).takeover?.requestId).toBe('r1');
    });

    it('ends a lost job that somebody wants cancelled', async () => {
      const id = await admitted(store);
      await claimOne(store);
      await store.cancel(id, 'enough');
      clock.advance(10_001);
      await store.sweep();
      expect(await store.find(id)).toMatchObject({ state: 'cancelled', error: { message: 'enough' } });
    });

    it('holds a lease of another boot to be over', async () => {
      const id = await admitted(store, { attach: { waiter: 'w', leaseMs: 3_600_000 } });
      await claimOne(store, { leaseMs: 3_600_000 });
      const rebooted = await another({ monotonicNow: () => 1_000, bootId: 'the-next-boot' });
      expect(await rebooted.nextWakeAt()).toBeLessThanOrEqual(clock.wall);
      expect(await rebooted.sweep()).toMatchObject({ requeued: 1, orphaned: 1 });
      expect(await rebooted.find(id)).toMatchObject({ state: 'cancelled' });
      await rebooted.close();
    });

    it('gives fencing tokens that only grow, whatever ends in between', async () => {
      let last = 0;
      for (let n = 0; n < 5; n += 1) {
        await admitted(store);
        const claimed = await claimOne(store);
        expect(claimed.fence).toBeGreaterThan(last);
        last = claimed.fence;
        await store.settle(holdOf(claimed), SUCCESS);
      }
    });
  });
}
