import { describe, expect, it } from 'vitest';
import type { JobHold } from '../../src/store/job-store.js';
import type { MemoryAsker } from '../../src/store/memory-store.js';
import type { Store } from '../../src/store/store.js';
import {
  admitted,
  claimOne,
  FAILURE,
  holdOf,
  ROOMY,
  type StoreFactory,
  SUCCESS,
  storeForEachTest,
  type TestClock,
  USAGE,
} from './store-harness.js';

const LANE = 'code';
const ADA: MemoryAsker = { client: 'ada', owner: 'ada', quotas: true };
const BOB: MemoryAsker = { client: 'bob', owner: 'bob', quotas: true };
const SYNC = { name: 'shop', folder: '/srv/shop', full: false };
const FACTS = { files: 2, chunks: 3, bytes: 10, indexBytes: 100, languages: { sql: 2 } };
const staged = (generation: number, answer = `answer ${generation}`) => ({ generation, facts: FACTS, answer });

/** Repositories: one sync at a time, and nothing of it is seen before its job has succeeded. */
export function repositoriesContract(makePlace: StoreFactory): void {
  describe('repositories', () => {
    let clock: TestClock;
    let store: Store;
    storeForEachTest(makePlace, { bounds: ROOMY }, (opened) => {
      ({ clock, store } = opened);
    });

    async function syncJob(client = 'ada'): Promise<JobHold> {
      await admitted(store, {
        kind: 'repo-sync',
        lane: LANE,
        client,
        flags: { 'fair-queue': true, 'rate-limits': false },
      });
      return holdOf(await claimOne(store, { lanes: [LANE] }));
    }
    const begin = (hold: JobHold, change: Partial<typeof SYNC> = {}, asker = ADA) =>
      store.beginSync(hold, asker, 'own', { ...SYNC, ...change });
    const shop = () => store.findRepository(ADA, 'own', 'shop');
    const setBack = (hold: JobHold) =>
      store.settle(hold, { state: 'scheduled', runAt: clock.wall + 60_000, uncounted: true, usage: USAGE });
    const again = async () => holdOf(await claimOne(store, { lanes: [LANE] }));

    it('publishes what was staged when the job succeeds', async () => {
      const hold = await syncJob();
      expect(await begin(hold)).toMatchObject({ outcome: 'begun', repository: { name: 'shop', generation: 0 } });
      expect(await store.stageSync(hold, staged(1))).toBe('held');
      expect(await shop()).toMatchObject({ generation: 0, syncing: { since: clock.wall } });
      clock.advance(5);
      await store.settle(hold, SUCCESS);
      const published = await shop();
      expect(published).toMatchObject({ generation: 1, facts: FACTS, syncedAt: clock.wall, folder: '/srv/shop' });
      expect(published.syncing).toBeUndefined();
    });

    it.each(['failed', 'cancelled'] as const)('publishes nothing of a sync that %s, and says why', async (state) => {
      const hold = await syncJob();
      await begin(hold);
      await store.stageSync(hold, staged(1));
      await store.settle(hold, { state, error: FAILURE, usage: USAGE });
      expect(await shop()).toMatchObject({ generation: 0, failure: FAILURE, failedAt: clock.wall });
      const next = await syncJob();
      expect(await begin(next)).toMatchObject({ outcome: 'begun' });
      await store.stageSync(next, staged(1));
      await store.settle(next, SUCCESS);
      expect((await shop()).failure).toBeUndefined();
    });

    it('forgets what was staged by a worker that died; its late word changes nothing', async () => {
      const dead = await syncJob();
      await begin(dead);
      await store.stageSync(dead, staged(1, 'dead'));
      clock.advance(10_001);
      await store.sweep();
      expect((await shop()).syncing).toBeUndefined();
      const alive = await again();
      expect(alive.id).toBe(dead.id);
      expect(await begin(alive)).toMatchObject({ outcome: 'begun' });
      expect(await store.stageSync(dead, staged(7, 'late'))).toBe('lost');
      expect(await store.settle(dead, SUCCESS)).toMatchObject({ settled: false });
      await store.stageSync(alive, staged(1, 'alive'));
      await store.settle(alive, SUCCESS);
      expect(await shop()).toMatchObject({ generation: 1 });
    });

    it('a second sync joins the first, holds no slot, and gets its answer in the moment it ends', async () => {
      const first = await syncJob();
      await begin(first);
      const second = await syncJob();
      expect(await begin(second)).toEqual({ outcome: 'joined' });
      await setBack(second);
      expect(await store.find(second.id)).toMatchObject({ state: 'scheduled', attempts: 0 });
      await store.stageSync(first, staged(1, 'the same'));
      clock.advance(1_000);
      await store.settle(first, SUCCESS);
      await store.sweep();
      expect(await begin(await again())).toEqual({ outcome: 'answered', answer: 'the same' });
    });

    it('the first ends before the second is set back: it is due at once', async () => {
      const first = await syncJob();
      await begin(first);
      const second = await syncJob();
      await begin(second);
      await store.stageSync(first, staged(1));
      await store.settle(first, SUCCESS);
      await setBack(second);
      await store.sweep();
      expect(await begin(await again())).toMatchObject({ outcome: 'answered' });
    });

    it('the second takes over when the first fails', async () => {
      const first = await syncJob();
      await begin(first);
      const second = await syncJob();
      await begin(second);
      await setBack(second);
      await store.settle(first, { state: 'failed', error: FAILURE, usage: USAGE });
      await store.sweep();
      expect(await begin(await again())).toMatchObject({ outcome: 'begun' });
    });

    it('one that reads all files is not answered by one that does not', async () => {
      const first = await syncJob();
      await begin(first);
      const second = await syncJob();
      expect(await begin(second, { full: true })).toEqual({ outcome: 'joined' });
      await setBack(second);
      await store.stageSync(first, staged(1));
      await store.settle(first, SUCCESS);
      await store.sweep();
      expect(await begin(await again(), { full: true })).toMatchObject({ outcome: 'begun' });
    });

    it('a repository that is removed while it is synced stays removed', async () => {
      const hold = await syncJob();
      await begin(hold);
      const waiting = await syncJob();
      await begin(waiting, {});
      await setBack(waiting);
      await store.removeRepository(ADA, 'own', 'shop');
      expect(await store.stageSync(hold, staged(1))).toBe('lost');
      await store.settle(hold, SUCCESS);
      await expect(shop()).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await store.sweep();
      expect(await store.find(waiting.id)).toMatchObject({ state: 'queued' });
    });

    it('is found and synced by nobody else: what is not one’s own is not there', async () => {
      await begin(await syncJob());
      await expect(store.findRepository(BOB, 'all', 'shop')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await store.listRepositories(BOB, 'all')).toEqual([]);
      const own = await syncJob('bob');
      expect(await begin(own, { folder: '/srv/other' }, BOB)).toMatchObject({ outcome: 'begun' });
      expect(await shop()).toMatchObject({ folder: '/srv/shop' });
    });

    it('in a shared namespace: who may read finds it, who may write syncs it', async () => {
      await store.saveClient('ada', {});
      await store.saveClient('bob', {});
      await store.addNamespace({ name: 'team', kind: 'team' });
      await store.grantNamespace('team', { to: { client: 'ada' }, write: true });
      await store.grantNamespace('team', { to: { client: 'bob' }, write: false });
      const team = { shared: 'team' };
      const hold = await syncJob();
      await store.beginSync(hold, ADA, team, SYNC);
      await store.stageSync(hold, staged(1));
      await store.settle(hold, SUCCESS);
      expect(await store.findRepository(BOB, 'all', 'shop')).toMatchObject({ namespace: 'team', mayWrite: false });
      await expect(store.beginSync(await syncJob('bob'), BOB, team, SYNC)).rejects.toMatchObject({
        code: 'NOT_PERMITTED',
      });
      await expect(store.removeRepository(BOB, team, 'shop')).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
      await store.removeNamespace('team');
      await expect(store.findRepository(ADA, 'all', 'shop')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await store.repositoryKeys()).toEqual(new Set());
    });

    it('keeps its folder: another one under its name is refused, none at all is that one', async () => {
      const hold = await syncJob();
      await begin(hold);
      await store.stageSync(hold, staged(1));
      await store.settle(hold, SUCCESS);
      const next = await syncJob();
      await expect(begin(next, { folder: '/srv/else' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      expect(await store.beginSync(next, ADA, 'own', { name: 'shop', full: false })).toMatchObject({
        outcome: 'begun',
      });
      await expect(store.beginSync(next, ADA, 'own', { name: 'none', full: false })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    });

    it('a watched one is due every so often, for one taker, and not while its job has not ended', async () => {
      await begin(await syncJob());
      await store.watchRepository(ADA, 'own', 'shop', 600_000);
      expect(await store.takeDueWatch('none')).toBeUndefined();
      expect(await store.nextWatchAt()).toBe(clock.wall + 600_000);
      clock.advance(600_000);
      const job = await admitted(store, { kind: 'repo-sync', lane: LANE, idempotencyKey: 'first' });
      expect(await store.takeDueWatch('first')).toEqual({ client: 'ada', name: 'shop' });
      expect(await store.takeDueWatch('another')).toBeUndefined();
      clock.advance(600_000);
      expect(await store.takeDueWatch('another')).toBeUndefined();
      await store.cancel(job, 'enough');
      clock.advance(600_000);
      expect(await store.takeDueWatch('third', 'bob')).toBeUndefined();
      expect(await store.takeDueWatch('third', 'ada')).toMatchObject({ name: 'shop' });
      expect(await store.watchRepository(ADA, 'own', 'shop', undefined)).not.toHaveProperty('watch');
      expect(await store.nextWatchAt()).toBeUndefined();
    });
  });
}
