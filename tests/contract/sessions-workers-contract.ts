import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.js';
import {
  admitted,
  claimOne,
  LANE,
  type OpenedStore,
  type StoreFactory,
  storeForEachTest,
  type TestClock,
} from './store-harness.js';

/** Sessions and workers. */
export function sessionsAndWorkersContract(makePlace: StoreFactory): void {
  let clock: TestClock;
  let store: Store;
  let another: OpenedStore['another'];
  storeForEachTest(makePlace, {}, (opened) => {
    ({ clock, store, another } = opened);
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
      const other = await another();
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

  describe('idle sessions', () => {
    const HOUR = 3_600_000;

    it('end with the sweep after their time, others stay, and the sweep is planned for it', async () => {
      const short = await another({ sessionIdleMs: HOUR });
      await short.setSession('ada', 'old', { database: 'DB' });
      clock.advance(HOUR - 60_000);
      await short.setSession('ada', 'new', { database: 'DB' });
      expect(await short.nextWakeAt()).toBe(clock.wall + 60_000);
      expect((await short.sweep()).sessionsEnded).toBe(0);
      clock.advance(60_000);
      expect((await short.sweep()).sessionsEnded).toBe(1);
      expect((await short.listSessions('ada')).map(({ name }) => name)).toEqual(['new']);
      expect((await short.getSession('ada', 'old')).context).toEqual({});
      await short.close();
    });

    it('make room for new ones when a client has a thousand: the longest unused goes', async () => {
      await store.setSession('ada', 'old', { database: 'DB' });
      clock.advance(60_000);
      await store.setSession('ada', 'kept', { database: 'DB' });
      await store.setSession('bob', 'old', {});
      clock.advance(60_000);
      await Promise.all(Array.from({ length: 998 }, (_, n) => store.getSession('ada', `s${n}`)));
      expect(await store.listSessions('ada')).toHaveLength(1_000);
      await store.setSession('ada', 'one more', { database: 'DB' });
      const names = (await store.listSessions('ada')).map(({ name }) => name);
      expect([names.length, names.includes('old'), names.includes('kept'), names.includes('one more')]).toEqual([
        1_000,
        false,
        true,
        true,
      ]);
      expect(await store.listSessions('bob')).toHaveLength(1);
    });

    it('are not those that are used, however little', async () => {
      const short = await another({ sessionIdleMs: HOUR });
      await short.setSession('ada', 'default', { database: 'DB' });
      for (let n = 0; n < 5; n += 1) {
        clock.advance(HOUR - 60_001);
        expect((await short.getSession('ada', 'default')).context).toEqual({ database: 'DB' });
        expect((await short.sweep()).sessionsEnded).toBe(0);
      }
      await short.close();
    });

    it('are all ended, however many, and give up what a pin of theirs holds', async () => {
      const short = await another({ sessionIdleMs: HOUR });
      await Promise.all(Array.from({ length: 250 }, (_, n) => short.getSession('ada', `s${n}`)));
      await short.acquireLease('pin:p1', 'w1', 10 * HOUR);
      await short.pinSession('ada', 's7', { id: 'p1', worker: 'w1', lane: 'l' });
      clock.advance(HOUR);
      expect((await short.sweep()).sessionsEnded).toBe(250);
      expect(await short.leaseHolder('pin:p1')).toBeUndefined();
      expect(await short.nextWakeAt()).toBeUndefined();
      await short.close();
    });
  });

  describe('connections of pinned sessions', () => {
    const connection = { pin: 'p1', lane: LANE, warehouseSession: '4711' };

    it('are abandoned when nobody holds their pin, until they are closed', async () => {
      await store.acquireLease('pin:p1', 'w1', 5_000);
      await store.rememberConnection(connection);
      await store.rememberConnection({ ...connection, warehouseSession: '1' });
      expect(await store.abandonedConnections()).toEqual([]);
      clock.advance(5_001);
      expect(await store.abandonedConnections()).toEqual([connection]);
      await store.forgetConnection('p1');
      expect(await store.abandonedConnections()).toEqual([]);
    });

    it('are abandoned also when the pin was given up, or the machine was started anew', async () => {
      await store.acquireLease('pin:p1', 'w1', 5_000);
      await store.rememberConnection(connection);
      const rebooted = await another({ bootId: 'another' });
      expect(await rebooted.abandonedConnections()).toEqual([connection]);
      await rebooted.close();
      await store.releaseLease('pin:p1', 'w1');
      expect(await store.abandonedConnections()).toEqual([connection]);
    });
  });

  describe('pinned sessions', () => {
    const pin = { id: 'p1', worker: 'w1', lane: `${LANE}:pin:w1` };

    it('know where their connection is held until they are unpinned', async () => {
      await store.setSession('ada', 'default', { database: 'DB' });
      const { context } = await store.pinSession('ada', 'default', pin);
      expect(context).toEqual({ database: 'DB' });
      const other = await another();
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
