import { describe, expect, it } from 'vitest';
import type { Admission, QueuePosition } from '../../src/store/job-store.js';
import type { Store } from '../../src/store/store.js';
import {
  admitted,
  claim,
  claimOne,
  holdOf,
  LANE,
  type OpenedStore,
  RESULT,
  ROOMY,
  type StoreFactory,
  storeForEachTest,
} from './store-harness.js';

/** Who is next. */
export function fairClaimContract(makePlace: StoreFactory): void {
  describe('fair claim', () => {
    let store: Store;
    let another: OpenedStore['another'];
    storeForEachTest(makePlace, { bounds: ROOMY }, (opened) => {
      ({ store, another } = opened);
    });

    const admitMany = (count: number, change: Partial<Admission>) =>
      Promise.all(Array.from({ length: count }, () => admitted(store, change)));

    /** Claims one job after the other, each ending after `ms`, and tells whose they were. */
    const serve = async (count: number, ms: (client: string) => number = () => 1_000): Promise<string[]> => {
      const order: string[] = [];
      for (let n = 0; n < count; n += 1) {
        const claimed = await claimOne(store);
        const { client } = claimed.job;
        order.push(client);
        const usage = { executionMs: ms(client), rows: 0, bytes: 0 };
        await store.settle(holdOf(claimed), { state: 'succeeded', result: RESULT, usage });
      }
      return order;
    };
    const countOf = (order: readonly string[], client: string) => order.filter((each) => each === client).length;

    it('a flood of one client delays another by no more than one claim', async () => {
      await admitMany(1_000, { client: 'flooder' });
      await serve(50);
      await admitted(store, { client: 'quiet' });
      expect((await serve(2)).includes('quiet')).toBe(true);
    });

    it('shares by seconds, not by jobs', async () => {
      await admitMany(120, { client: 'slow' });
      await admitMany(120, { client: 'quick' });
      const order = await serve(110, (client) => (client === 'slow' ? 10_000 : 1_000));
      expect(countOf(order, 'quick')).toBeGreaterThanOrEqual(95);
      expect(countOf(order, 'slow')).toBeGreaterThanOrEqual(9);
    });

    it('an idle client saves nothing up', async () => {
      await admitMany(1, { client: 'idle' });
      await admitMany(100, { client: 'busy' });
      await serve(60);
      await admitMany(50, { client: 'idle' });
      const order = await serve(20);
      expect(countOf(order, 'idle')).toBeLessThanOrEqual(11);
      expect(countOf(order, 'idle')).toBeGreaterThanOrEqual(9);
    });

    it('is work-conserving: the only client with jobs gets every slot', async () => {
      await admitMany(1, { client: 'ada' });
      await serve(1);
      await admitMany(30, { client: 'bob' });
      expect(await claim(store, { slots: 30 })).toHaveLength(30);
    });

    it('priority orders the jobs of one client and gains nothing over others', async () => {
      await admitted(store, { client: 'ada', priority: 'low', payload: 'low' });
      await admitted(store, { client: 'ada', priority: 'normal', payload: 'normal' });
      await admitted(store, { client: 'ada', priority: 'high', payload: 'high' });
      await admitMany(10, { client: 'pushy', priority: 'high' });
      const claimed = await claim(store, { slots: 6 });
      const own = claimed.filter(({ job }) => job.client === 'ada').map(({ job }) => job.payload);
      expect(own).toEqual(['high', 'normal', 'low']);
    });

    it('equal jobs of one client go in the order they came', async () => {
      const ids = [await admitted(store), await admitted(store), await admitted(store)];
      expect((await claim(store, { slots: 3 })).map(({ job }) => job.id)).toEqual(ids);
    });

    it('keeps the caps over all openings, and goes on when a job ends', async () => {
      await store.close();
      store = await another({ bounds: { ...ROOMY, maxRunning: 5, maxRunningPerClient: 3 } });
      const other = await another({ bounds: { ...ROOMY, maxRunning: 5, maxRunningPerClient: 3 } });
      await admitMany(10, { client: 'ada' });
      const first = await claim(store, { slots: 10 });
      expect(first).toHaveLength(3);
      expect(await claim(other, { slots: 10 })).toEqual([]);
      await admitMany(10, { client: 'bob' });
      expect(await claim(other, { slots: 10 })).toHaveLength(2);
      expect(await claim(store, { slots: 10 })).toEqual([]);
      expect((await store.stats()).available_slots).toBe(0);
      const [one] = first;
      if (one === undefined) throw new Error('nothing was claimed');
      const usage = { executionMs: 1, rows: 0, bytes: 0 };
      await store.settle(holdOf(one), { state: 'succeeded', result: RESULT, usage });
      expect(await claim(other, { slots: 10 })).toHaveLength(1);
      await other.close();
    });

    it('a cap counts the running jobs of all lanes', async () => {
      await store.close();
      store = await another({ bounds: { ...ROOMY, maxRunningPerClient: 2 } });
      await admitMany(3, { client: 'ada' });
      await admitMany(3, { client: 'ada', lane: 'local:metadata' });
      expect(await claim(store, { slots: 6, lanes: [LANE, 'local:metadata'] })).toHaveLength(2);
      expect(await claim(store, { slots: 6, lanes: ['local:metadata'] })).toEqual([]);
    });

    it('serves only the lanes and the client that were asked for', async () => {
      await admitted(store, { client: 'ada' });
      await admitted(store, { client: 'bob', lane: 'prod:sql' });
      expect(await claim(store, { lanes: ['prod:metadata', 'unknown:sql'], slots: 5 })).toEqual([]);
      expect(await claim(store, { lanes: [LANE, 'prod:sql'], client: 'bob', slots: 5 })).toMatchObject([
        { job: { client: 'bob' } },
      ]);
      expect(await claim(store, { client: 'nobody', slots: 5 })).toEqual([]);
      expect(await claim(store, { slots: 5 })).toMatchObject([{ job: { client: 'ada' } }]);
    });

    it('a full lane does not keep another waiting', async () => {
      await admitMany(50, { client: 'ada' });
      await serve(5);
      await admitMany(1, { client: 'bob', lane: 'local:metadata' });
      const lanes = [LANE, 'local:metadata'];
      const next = await claim(store, { lanes, slots: 2 });
      expect(next.map(({ job }) => job.lane)).toContain('local:metadata');
    });

    it('tells the place in the queue as it will be claimed', async () => {
      await admitMany(5, { client: 'ada' });
      await admitMany(3, { client: 'bob' });
      await admitMany(4, { client: 'eve', priority: 'low' });
      const { jobs } = await store.list({ limit: 100 });
      const foretold = new Map<string, number | undefined>();
      for (const job of jobs) foretold.set(job.id, (await store.position(job.id))?.ahead);
      const order = (await claim(store, { slots: 100 })).map(({ job }) => job.id);
      expect(order.map((id) => foretold.get(id))).toEqual(order.map((_, n) => n));
      expect(await store.position(order[0] as string)).toBeUndefined();
    });

    const working = (change: { readonly lanes?: readonly string[]; readonly client?: string } = {}) =>
      store.registerWorker({
        id: 'w',
        pid: 1,
        host: 'h',
        lanes: [LANE],
        concurrency: 2,
        heartbeatMs: 5_000,
        ...change,
      });
    const lastOf = async (client: string): Promise<QueuePosition | undefined> => {
      const { jobs } = await store.list({ client, limit: 1 });
      return store.position(jobs[0]?.id as string);
    };

    it('estimates the wait from what the jobs ahead have been seen to take', async () => {
      await admitMany(5, { client: 'ada' });
      expect(await lastOf('ada')).toEqual({ ahead: 4, running: 0 });
      await serve(1, () => 4_000);
      expect(await lastOf('ada')).toEqual({ ahead: 3, running: 0 });
      await working();
      expect(await lastOf('ada')).toEqual({ ahead: 3, running: 0, estimatedWaitMs: 4_000 });
      await claim(store, { slots: 2 });
      expect(await lastOf('ada')).toEqual({ ahead: 1, running: 2, estimatedWaitMs: 4_000 });
    });

    it('a job that a free slot can take does not wait', async () => {
      await admitMany(2, { client: 'ada' });
      await serve(1, () => 4_000);
      await working();
      expect(await lastOf('ada')).toEqual({ ahead: 0, running: 0, estimatedWaitMs: 0 });
    });

    it('counts only workers that would take the job, and only jobs that they would take before', async () => {
      await admitMany(1, { client: 'bob' });
      await serve(1, () => 4_000);
      await admitMany(30, { client: 'ada' });
      await admitMany(3, { client: 'bob' });
      await working({ lanes: ['other:sql'] });
      expect((await lastOf('bob'))?.estimatedWaitMs).toBeUndefined();
      await working({ client: 'ada' });
      expect((await lastOf('bob'))?.estimatedWaitMs).toBeUndefined();
      await working({ client: 'bob' });
      expect(await lastOf('bob')).toEqual({ ahead: 2, running: 0, estimatedWaitMs: 2_000 });
      await working();
      expect((await lastOf('bob'))?.ahead).toBeGreaterThan(2);
    });

    it('tells a client at its cap that it waits for its own jobs, and others that it goes on before them', async () => {
      await store.saveClient('ada', { maxRunning: 1 });
      await admitMany(4, { client: 'ada' });
      await serve(1, () => 4_000);
      await working();
      await claim(store, { slots: 2 });
      expect(await lastOf('ada')).toMatchObject({ ahead: 1, estimatedWaitMs: 8_000 });
      await admitMany(20, { client: 'bob' });
      expect((await lastOf('bob'))?.ahead).toBeGreaterThan(19);
    });

    it('tells a client whose limits make it wait when they let it go on', async () => {
      await store.saveClient('ada', { smooth: true });
      await store.setRate({ client: 'ada' }, 'query', { count: 1, perMs: 60_000, burst: 1 });
      await admitMany(2, { client: 'ada' });
      await serve(1, () => 1_000);
      await working();
      expect(await claim(store)).toEqual([]);
      expect((await lastOf('ada'))?.estimatedWaitMs).toBeGreaterThan(50_000);
    });
  });
}
