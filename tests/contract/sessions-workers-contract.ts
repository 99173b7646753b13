import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.js';
import { admitted, claimOne, LANE, type StoreFactory, type StorePlace, TestClock } from './store-harness.js';

/** Sessions and workers. */
export function sessionsAndWorkersContract(makePlace: StoreFactory): void {
  let place: StorePlace;
  let clock: TestClock;
  let store: Store;
  const open = () => place.open({ now: () => clock.wall, monotonicNow: () => clock.monotonic });

  beforeEach(async () => {
    place = await makePlace();
    clock = new TestClock();
    store = await open();
  });
  afterEach(async () => {
    await store.close();
    await place.remove();
  });

  describe('sessions', () => {
    it('are made when first asked for, and found again', async () => {
      const made = await store.getSession('ada', 'default');
      expect(made).toEqual({ client: 'ada', name: 'default', context: {}, createdAt: clock.wall, usedAt: clock.wall });
      clock.advance(120_000);
      expect(await store.getSession('ada', 'default')).toEqual({ ...made, usedAt: clock.wall });
    });

    it('merge changes: null clears, what is not named stays', async () => {
      await store.setSession('ada', 'default', { database: 'DB', schema: 'S', parameters: { TIMEZONE: 'UTC' } });
      const changed = await store.setSession('ada', 'default', { schema: null, role: 'R' });
      expect(changed.context).toEqual({ database: 'DB', role: 'R', parameters: { TIMEZONE: 'UTC' } });
      const other = await open();
      expect((await other.getSession('ada', 'default')).context).toEqual(changed.context);
      await other.close();
    });

    it('belong to their client', async () => {
      await store.setSession('ada', 'b', { database: 'DB' });
      await store.setSession('ada', 'a', {});
      await store.setSession('bob', 'b', { database: 'OTHER' });
      const own = await store.listSessions('ada');
      expect(own.map((session) => [session.name, session.context])).toEqual([
        ['a', {}],
        ['b', { database: 'DB' }],
      ]);
    });
  });

  describe('pinned sessions', () => {
    const pin = { id: 'p1', worker: 'w1', lane: `${LANE}:pin:w1` };

    it('know where their connection is held until they are unpinned', async () => {
      await store.setSession('ada', 'default', { database: 'DB' });
      const { context } = await store.pinSession('ada', 'default', pin);
      expect(context).toEqual({ database: 'DB' });
      const other = await open();
      expect((await other.getSession('ada', 'default')).pin).toEqual(pin);
      expect((await other.setSession('ada', 'default', { schema: 'S' })).pin).toEqual(pin);
      expect((await other.listSessions('ada'))[0]?.pin).toEqual(pin);
      expect(await other.getSession('bob', 'default')).not.toHaveProperty('pin');
      await other.close();
      expect(await store.pinSession('ada', 'default', null)).not.toHaveProperty('pin');
      expect(await store.getSession('ada', 'default')).not.toHaveProperty('pin');
    });

    it('strand their jobs when their worker is lost or gone, and not before', async () => {
      const worker = { pid: 42, host: 'here', lanes: [LANE, pin.lane], concurrency: 4, heartbeatMs: 5_000 };
      await store.registerWorker({ ...worker, id: 'w1' });
      await admitted(store, { lane: pin.lane });
      await admitted(store, { lane: LANE });
      expect(await store.strandedLanes()).toEqual([]);
      clock.advance(15_001);
      expect(await store.strandedLanes()).toEqual([pin.lane]);
      await store.workerHeartbeat('w1', 'working');
      expect(await store.strandedLanes()).toEqual([]);
      await store.removeWorker('w1');
      expect(await store.strandedLanes()).toEqual([pin.lane]);
      await claimOne(store, { lanes: [pin.lane], worker: 'w2' });
      expect(await store.strandedLanes()).toEqual([]);
    });
  });

  describe('workers', () => {
    const worker = { pid: 42, host: 'here', lanes: [LANE], concurrency: 4, heartbeatMs: 5_000 };

    it('are listed with what they run, until they are removed', async () => {
      await store.registerWorker({ ...worker, id: 'w1' });
      await store.registerWorker({ ...worker, id: 'w2', client: 'ada' });
      await admitted(store);
      await claimOne(store, { worker: 'w1' });
      expect(await store.listWorkers()).toEqual([
        {
          id: 'w1',
          pid: 42,
          host: 'here',
          lanes: [LANE],
          concurrency: 4,
          running: 1,
          startedAt: clock.wall,
          heartbeatAt: clock.wall,
          state: 'working',
        },
        expect.objectContaining({ id: 'w2', client: 'ada', running: 0 }),
      ]);
      await store.removeWorker('w1');
      expect((await store.listWorkers()).map((each) => each.id)).toEqual(['w2']);
    });

    it('are lost after three missed heartbeats, and forgotten later', async () => {
      await store.registerWorker({ ...worker, id: 'w1' });
      clock.advance(15_000);
      await store.workerHeartbeat('w1', 'draining');
      expect(await store.listWorkers()).toMatchObject([{ state: 'draining', heartbeatAt: clock.wall }]);
      clock.advance(15_001);
      expect(await store.listWorkers()).toMatchObject([{ state: 'lost' }]);
      clock.advance(600_000);
      expect(await store.sweep()).toMatchObject({ workersForgotten: 1 });
      expect(await store.listWorkers()).toEqual([]);
    });
  });
}
