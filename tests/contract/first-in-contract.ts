import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.js';
import {
  admitted,
  claim,
  claimOne,
  holdOf,
  LANE,
  type OpenedStore,
  ROOMY,
  type StoreFactory,
  SUCCESS,
  storeForEachTest,
} from './store-harness.js';

/** The off side of the fair queue. */
export function firstInContract(makePlace: StoreFactory): void {
  let store: Store;
  let another: OpenedStore['another'];
  storeForEachTest(makePlace, { bounds: ROOMY }, (opened) => {
    ({ store, another } = opened);
  });

  describe('the fair queue switched off', () => {
    const order = async (count: number): Promise<string[]> => {
      const clients: string[] = [];
      for (let turn = 0; turn < count; turn += 1) clients.push((await claimOne(store)).job.client);
      return clients;
    };
    const queueUp = async (): Promise<void> => {
      for (const client of ['ada', 'ada', 'ada', 'bob', 'ada', 'bob']) await admitted(store, { client });
    };

    it('is first in, first out from the next claim on, whoever asked and however urgent', async () => {
      await queueUp();
      await admitted(store, { client: 'cid', priority: 'high' });
      const other = await another();
      await other.setFlag('fair-queue', 'all', false, 'root');
      await other.close();
      expect(await order(7)).toEqual(['ada', 'ada', 'ada', 'bob', 'ada', 'bob', 'cid']);
    });

    it('tells waiting callers the place they will be served at', async () => {
      await store.setFlag('fair-queue', 'all', false, 'root');
      await queueUp();
      const last = await admitted(store, { client: 'cid', priority: 'high' });
      expect(await store.position(last)).toMatchObject({ ahead: 6 });
      await order(2);
      expect(await store.position(last)).toMatchObject({ ahead: 4 });
      await store.setFlag('fair-queue', 'all', null, 'root');
      expect((await store.position(last))?.ahead).toBeLessThan(4);
    });

    it('keeps the order within one claim and across lanes', async () => {
      await store.setFlag('fair-queue', 'all', false, 'root');
      await admitted(store, { client: 'ada', lane: 'b:sql' });
      await admitted(store, { client: 'bob' });
      await admitted(store, { client: 'ada', lane: 'b:sql' });
      await admitted(store, { client: 'ada' });
      const claimed = await claim(store, { slots: 10, lanes: [LANE, 'b:sql'] });
      expect(claimed.map(({ job }) => `${job.client} ${job.lane}`)).toEqual([
        'ada b:sql',
        `bob ${LANE}`,
        'ada b:sql',
        `ada ${LANE}`,
      ]);
    });

    it('gives a worker of one client that client’s jobs only, and keeps the caps', async () => {
      await store.setFlag('fair-queue', 'all', false, 'root');
      await queueUp();
      const narrow = await another({ bounds: { ...ROOMY, maxRunningPerClient: 2 } });
      const ofBob = await claim(narrow, { slots: 10, client: 'bob' });
      expect(ofBob.map(({ job }) => job.client)).toEqual(['bob', 'bob']);
      const rest = await claim(narrow, { slots: 10 });
      expect(rest.map(({ job }) => job.client)).toEqual(['ada', 'ada']);
      await narrow.settle(holdOf(rest[0] as never), SUCCESS);
      expect(await claim(narrow, { slots: 10 })).toHaveLength(1);
      await narrow.close();
    });

    it('asks nobody to pay back what they had while it was off', async () => {
      await store.setFlag('fair-queue', 'all', false, 'root');
      for (let turn = 0; turn < 5; turn += 1) await admitted(store, { client: 'ada' });
      await admitted(store, { client: 'bob' });
      for (const claimed of await claim(store, { slots: 5 }))
        await store.settle(holdOf(claimed), { ...SUCCESS, usage: { executionMs: 100_000, rows: 0, bytes: 0 } });
      await store.setFlag('fair-queue', 'all', null, 'root');
      for (let turn = 0; turn < 3; turn += 1) for (const client of ['ada', 'bob']) await admitted(store, { client });
      expect(new Set(await order(2))).toEqual(new Set(['ada', 'bob']));
      expect(new Set(await order(2))).toEqual(new Set(['ada', 'bob']));
    });
  });
}
