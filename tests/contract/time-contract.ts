import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.js';
import {
  admitted,
  claim,
  claimOne,
  FAILURE,
  holdOf,
  RESULT,
  type StoreFactory,
  SUCCESS,
  storeForEachTest,
  type TestClock,
  USAGE,
} from './store-harness.js';

/** What time does to jobs. */
export function timeContract(makePlace: StoreFactory): void {
  describe('time', () => {
    let clock: TestClock;
    let store: Store;
    storeForEachTest(makePlace, { retentionMs: 7_200_000 }, (opened) => {
      ({ clock, store } = opened);
    });

    it('starts a scheduled job at its time, without a sweep, and counts its wait from there', async () => {
      const runAt = clock.wall + 5_000;
      const id = await admitted(store, { runAt });
      expect(await store.find(id)).toMatchObject({ state: 'scheduled', runAt, queuedMs: 0 });
      expect(await store.nextWakeAt()).toBe(runAt);
      expect(await store.position(id)).toBeUndefined();
      expect(await claim(store)).toEqual([]);
      clock.advance(5_300);
      expect((await claimOne(store)).job).toMatchObject({ id, queuedMs: 300 });
    });

    it('sweeps scheduled jobs into the queue when they are due', async () => {
      await admitted(store, { runAt: clock.wall + 5_000 });
      await admitted(store, { runAt: clock.wall + 50_000 });
      expect(await store.sweep()).toMatchObject({ due: 0 });
      clock.advance(5_000);
      expect(await store.sweep()).toMatchObject({ due: 1 });
      expect((await store.stats()).states).toMatchObject({ queued: 1, scheduled: 1 });
    });

    it('expires attached jobs that nobody took in time, counted from when they could run', async () => {
      const attach = { waiter: 'w', leaseMs: 3_600_000 };
      const attached = await admitted(store, { attach, queueTimeoutMs: 10_000, runAt: clock.wall + 5_000 });
      const detached = await admitted(store, { queueTimeoutMs: 10_000 });
      clock.advance(5_000);
      await store.sweep();
      clock.advance(9_999);
      expect(await store.sweep()).toMatchObject({ expired: 0 });
      expect(await store.nextWakeAt()).toBe(clock.wall + 1);
      clock.advance(1);
      expect(await store.sweep()).toMatchObject({ expired: 1 });
      expect(await store.find(attached)).toMatchObject({ state: 'expired', error: { code: 'QUEUE_TIMEOUT' } });
      expect(await store.find(detached)).toMatchObject({ state: 'queued' });
    });

    it('cancels attached jobs whose waiter is gone; detached ones live on', async () => {
      const attach = { waiter: 'w', leaseMs: 5_000 };
      const running = await admitted(store, { attach });
      const hold = holdOf(await claimOne(store));
      const waiting = await admitted(store, { attach });
      const awaited = await admitted(store, { attach });
      const detached = await admitted(store, { attach });
      clock.advance(4_000);
      expect(await store.renewWaiter(awaited, 'w', 5_000)).toBe(true);
      expect(await store.renewWaiter(awaited, 'somebody else', 5_000)).toBe(false);
      expect(await store.detach(detached)).toBe(true);
      expect(await store.renewWaiter(detached, 'w', 5_000)).toBe(false);
      clock.advance(1_001);
      expect(await store.sweep()).toMatchObject({ orphaned: 2 });
      expect(await store.sweep()).toMatchObject({ orphaned: 0 });
      expect(await store.find(waiting)).toMatchObject({ state: 'cancelled' });
      expect(await store.find(running)).toMatchObject({ state: 'running', cancelRequested: expect.any(String) });
      expect(await store.find(awaited)).toMatchObject({ state: 'queued', attached: true });
      expect(await store.find(detached)).toMatchObject({ state: 'queued', attached: false });
      expect(await store.heartbeat('worker-1', 10_000, [hold])).toMatchObject([
        { cancelRequested: expect.any(String) },
      ]);
      await store.settle(hold, { state: 'cancelled', error: { code: 'CANCELLED', message: 'x' }, usage: USAGE });
      expect(await store.detach(running)).toBe(false);
      expect(await store.detach('unknown')).toBe(false);
    });

    it('forgets results after their time, jobs after theirs', async () => {
      const id = await admitted(store, { resultTtlMs: 60_000 });
      const hold = holdOf(await claimOne(store));
      for (let page = 0; page < 60; page += 1) await store.writePage(hold, page, [[page]]);
      const result = { ...RESULT, pageCount: 60 };
      await store.settle(hold, { state: 'succeeded', result, usage: USAGE });
      expect(await store.find(id)).toMatchObject({ resultExpiresAt: clock.wall + 60_000, resultExpired: false });
      expect(await store.nextWakeAt()).toBe(clock.wall + 60_000);
      clock.advance(60_000);
      expect(await store.readPage(id, 0)).toBeUndefined();
      expect(await store.find(id)).toMatchObject({ resultExpired: true, result });
      expect(await store.sweep()).toMatchObject({ resultsDeleted: 1, jobsDeleted: 0 });
      expect(await store.sweep()).toMatchObject({ resultsDeleted: 0 });
      clock.advance(7_200_000);
      expect(await store.sweep()).toMatchObject({ jobsDeleted: 1 });
      expect(await store.find(id)).toBeUndefined();
      expect((await store.stats()).states.succeeded).toBe(0);
      // The audit's entry is what is left.
      expect(await store.nextWakeAt()).toBe(clock.wall - 7_260_000 + 30 * 86_400_000);
    });

    it('deletes what a failed job had written', async () => {
      await admitted(store);
      const hold = holdOf(await claimOne(store));
      await store.writePage(hold, 0, [[1]]);
      await store.settle(hold, { state: 'failed', error: FAILURE, usage: USAGE });
      expect(await store.sweep()).toMatchObject({ resultsDeleted: 1 });
    });

    describe('when the wall clock', () => {
      const HOUR_MS = 3_600_000;

      it('jumps, leases hold as long as they did, and end when they would have', async () => {
        const id = await admitted(store);
        const hold = holdOf(await claimOne(store, { leaseMs: 10_000 }));
        for (const stepMs of [-48 * HOUR_MS, 96 * HOUR_MS, -48 * HOUR_MS]) {
          clock.wall += stepMs;
          expect(await store.sweep()).toMatchObject({ requeued: 0, abandoned: 0 });
          expect(await store.heartbeat('worker-1', 10_000, [hold])).toMatchObject([{ verdict: 'held' }]);
        }
        clock.advance(10_001);
        clock.wall -= HOUR_MS;
        expect(await store.sweep()).toMatchObject({ requeued: 1 });
        expect(await store.find(id)).toMatchObject({ state: 'queued' });
      });

      it('is set back, a retry does not wait for the time to come again; a start somebody named does', async () => {
        const again = await admitted(store, { client: 'bob' });
        const hold = holdOf(await claimOne(store));
        await store.settle(hold, { state: 'scheduled', runAt: clock.wall + 1_000, error: FAILURE, usage: USAGE });
        const planned = await admitted(store, { runAt: clock.wall + 60_000 });
        clock.wall -= HOUR_MS;
        await store.sweep();
        expect(await store.find(again)).toMatchObject({ state: 'queued' });
        expect(await store.find(planned)).toMatchObject({ state: 'scheduled' });
        clock.advance(HOUR_MS + 60_000);
        await store.sweep();
        expect(await store.find(planned)).toMatchObject({ state: 'queued' });
      });

      it('jumps ahead by mistake and is put right, nothing was deleted for its age', async () => {
        const id = await admitted(store);
        const result = { ...RESULT, rowCount: 1, pageCount: 1 };
        await store.settle(
          holdOf(await claimOne(store)),
          { state: 'succeeded', result, usage: USAGE },
          { page: 0, rows: [[1]] },
        );
        clock.wall += 10_000 * HOUR_MS;
        expect(await store.sweep()).toMatchObject({ resultsDeleted: 0, jobsDeleted: 0, auditDeleted: 0 });
        clock.wall -= 10_000 * HOUR_MS;
        expect(await store.sweep()).toMatchObject({ resultsDeleted: 0 });
        expect(await store.readPage(id, 0)).toEqual([[1]]);
      });

      it('jumps ahead and stays there, ages count by it after ten minutes', async () => {
        const id = await admitted(store);
        await store.settle(holdOf(await claimOne(store)), SUCCESS);
        clock.wall += 10_000 * HOUR_MS;
        expect(await store.sweep()).toMatchObject({ jobsDeleted: 0 });
        clock.advance(600_000);
        expect(await store.sweep()).toMatchObject({ jobsDeleted: 1 });
        expect(await store.find(id)).toBeUndefined();
      });
    });

    it('has nothing planned when nothing waits for time, and says when a lease ends', async () => {
      expect(await store.nextWakeAt()).toBeUndefined();
      const id = await admitted(store);
      expect(await store.nextWakeAt()).toBeUndefined();
      const hold = holdOf(await claimOne(store, { leaseMs: 10_000 }));
      expect(await store.nextWakeAt()).toBe(clock.wall + 10_000);
      await store.settle(hold, SUCCESS);
      expect(await store.nextWakeAt()).toBe(clock.wall + 7_200_000);
      expect(await store.find(id)).toBeDefined();
    });
  });
}
