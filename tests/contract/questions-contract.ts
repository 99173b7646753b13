import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.js';
import {
  admitted,
  claim,
  claimOne,
  holdOf,
  type OpenedStore,
  type StoreFactory,
  SUCCESS,
  storeForEachTest,
  type TestClock,
} from './store-harness.js';

/** What can be asked about jobs, and how one hears of news. */
export function questionsContract(makePlace: StoreFactory): void {
  describe('questions about jobs', () => {
    let clock: TestClock;
    let store: Store;
    let another: OpenedStore['another'];
    storeForEachTest(makePlace, {}, (opened) => {
      ({ clock, store, another } = opened);
    });

    it('lists newest first, page after page, none twice and none left out', async () => {
      const ids: string[] = [];
      for (let n = 0; n < 25; n += 1) ids.push(await admitted(store, { client: n % 2 ? 'ada' : 'bob' }));
      const seen: string[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await store.list({ limit: 10, ...(cursor !== undefined && { cursor }) });
        seen.push(...page.jobs.map((job) => job.id));
        cursor = page.nextCursor;
        if (cursor === undefined) break;
        await admitted(store);
      }
      expect(seen).toEqual(ids.reverse());
      const own = await store.list({ limit: 100, client: 'bob' });
      expect(own.jobs).toHaveLength(13);
      expect(own.nextCursor).toBeUndefined();
      await store.cancel(ids[3] as string, 'x');
      const cancelled = await store.list({ limit: 100, states: ['cancelled'] });
      expect(cancelled.jobs.map((job) => job.id)).toEqual([ids[3]]);
      expect((await store.list({ limit: 5, kinds: ['metadata'] })).jobs).toEqual([]);
      expect((await store.list({ limit: 5, client: 'nobody' })).jobs).toEqual([]);
      clock.advance(1_000);
      const late = await admitted(store, { session: 'late' });
      const since = await store.list({ limit: 100, since: clock.wall });
      expect(since.jobs.map((job) => job.id)).toEqual([late]);
      expect((await store.list({ limit: 1, since: clock.wall - 500, states: ['queued'] })).nextCursor).toBeUndefined();
      expect((await store.list({ limit: 5, session: 'late' })).jobs.map((job) => job.id)).toEqual([late]);
      await expect(store.list({ limit: 0 })).rejects.toMatchObject({ data: { code: 'INVALID_ARGUMENT' } });
      await expect(store.list({ limit: 5, cursor: 'nonsense' })).rejects.toMatchObject({
        data: { code: 'INVALID_ARGUMENT' },
      });
    });

    it('tells ends in the order of their commits, each once', async () => {
      const { sequence: begin } = await store.settledSince('latest', 10);
      const ids = [await admitted(store), await admitted(store), await admitted(store)];
      const holds = (await claim(store, { slots: 2 })).map(holdOf);
      await store.settle(holds[1] as (typeof holds)[0], SUCCESS);
      await store.cancel(ids[2] as string, 'x');
      const early = await store.settledSince(begin, 10);
      expect(early.ids).toEqual([ids[1], ids[2]]);
      await store.settle(holds[0] as (typeof holds)[0], SUCCESS);
      const late = await store.settledSince(early.sequence, 10);
      expect(late.ids).toEqual([ids[0]]);
      expect(await store.settledSince(late.sequence, 10)).toEqual({ ids: [], sequence: late.sequence });
      expect((await store.settledSince(begin, 2)).ids).toHaveLength(2);
      expect(await store.settledSince('latest', 10)).toEqual({ ids: [], sequence: late.sequence });
    });

    it('counts in the names of the first queue', async () => {
      await admitted(store);
      await admitted(store);
      await admitted(store, { client: 'bob', runAt: clock.wall + 60_000 });
      clock.advance(400);
      const hold = holdOf(await claimOne(store));
      expect(await store.stats()).toMatchObject({
        total_queued: 1,
        total_active: 1,
        available_slots: 19,
        clients: {
          ada: { queued: 1, active: 1, total: 2, wait_p50_ms: 400, wait_p95_ms: 400 },
          bob: { queued: 0, active: 0, total: 0, scheduled: 1 },
        },
        states: { queued: 1, running: 1, scheduled: 1, succeeded: 0 },
        wait_p50_ms: 400,
        oldest_queued_ms: 400,
        finished_last_minute: 0,
      });
      await store.settle(hold, SUCCESS);
      expect(await store.stats()).toMatchObject({
        total_active: 0,
        clients: { ada: { succeeded: 1 } },
        finished_last_minute: 1,
        finished_last_hour: 1,
      });
      clock.advance(61_000);
      expect(await store.stats()).toMatchObject({ finished_last_minute: 0, finished_last_hour: 1 });
    });

    it('tells other openings of the same place that something has changed', async () => {
      const other = await another();
      const heard = new Promise<void>((resolve) => {
        const stop = other.onChange(() => {
          stop();
          resolve();
        });
      });
      const heardOwn = new Promise<void>((resolve) => store.onChange(resolve));
      const id = await admitted(store);
      await Promise.all([heard, heardOwn]);
      expect(await other.find(id)).toMatchObject({ state: 'queued' });
      await other.close();
    });

    it('says so when it is closed', async () => {
      const other = await another();
      const last = admitted(other);
      await other.close();
      expect(await store.find(await last)).toMatchObject({ state: 'queued' });
      await expect(other.find('x')).rejects.toMatchObject({ data: { code: 'STORE_UNAVAILABLE' } });
      await expect(other.cancel('x', 'y')).rejects.toMatchObject({ data: { code: 'STORE_UNAVAILABLE' } });
      await other.close();
    });
  });
}
