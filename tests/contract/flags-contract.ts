import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.js';
import {
  admission,
  admitted,
  type OpenedStore,
  ROOMY,
  type StoreFactory,
  storeForEachTest,
  type TestClock,
} from './store-harness.js';

/** Flags: their settings, who changed what, and the off side of the fair queue. */
export function flagsContract(makePlace: StoreFactory): void {
  let clock: TestClock;
  let store: Store;
  let another: OpenedStore['another'];
  storeForEachTest(makePlace, { bounds: ROOMY }, (opened) => {
    ({ clock, store, another } = opened);
  });

  describe('flags', () => {
    it('have one setting of each scope, seen by every process', async () => {
      await store.setFlag('job-queue', 'all', false, 'root');
      await store.setFlag('job-queue', { client: 'ada' }, true, 'root');
      await store.setFlag('job-queue', { group: 'analysts' }, false, 'root');
      await store.setFlag('job-queue', { percentage: 10 }, true, 'root');
      await store.setFlag('job-queue', { percentage: 12.5 }, true, 'bob');
      const other = await another();
      const settings = await other.flagSettings();
      await other.close();
      expect(settings).toHaveLength(4);
      expect(settings).toEqual(
        expect.arrayContaining([
          { flag: 'job-queue', scope: 'all', on: false, setAt: clock.wall, setBy: 'root' },
          { flag: 'job-queue', scope: { client: 'ada' }, on: true, setAt: clock.wall, setBy: 'root' },
          { flag: 'job-queue', scope: { group: 'analysts' }, on: false, setAt: clock.wall, setBy: 'root' },
          { flag: 'job-queue', scope: { percentage: 12.5 }, on: true, setAt: clock.wall, setBy: 'bob' },
        ]),
      );
    });

    it('remember who changed what, newest first, and nothing that changed nothing', async () => {
      await store.setFlag('fair-queue', 'all', null, 'ann');
      await store.setFlag('fair-queue', 'all', false, 'ann');
      await store.setFlag('fair-queue', 'all', false, 'bob');
      clock.advance(1_000);
      await store.setFlag('fair-queue', 'all', true, 'bob');
      await store.setFlag('client-sessions', { percentage: 5 }, false, 'bob');
      await store.setFlag('client-sessions', { percentage: 20 }, false, 'bob');
      await store.setFlag('fair-queue', 'all', null, 'cid');
      const at = clock.wall;
      expect(await store.flagChanges(10)).toEqual([
        { flag: 'fair-queue', scope: 'all', before: true, at, by: 'cid' },
        {
          flag: 'client-sessions',
          scope: { percentage: 20 },
          before: false,
          percentageBefore: 5,
          after: false,
          at,
          by: 'bob',
        },
        { flag: 'client-sessions', scope: { percentage: 5 }, after: false, at, by: 'bob' },
        { flag: 'fair-queue', scope: 'all', before: false, after: true, at, by: 'bob' },
        { flag: 'fair-queue', scope: 'all', after: false, at: at - 1_000, by: 'ann' },
      ]);
      expect(await store.flagChanges(1)).toHaveLength(1);
      await expect(store.flagChanges(0)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    });

    it.each([
      ['no-such-flag', 'all', true],
      ['fair-queue', { client: 'ada' }, false],
      ['job-queue', { percentage: 101 }, true],
      ['job-queue', { percentage: Number.NaN }, true],
      ['job-queue', { client: '' }, true],
      ['distributed-store', 'all', true],
    ] as const)('refuse what could not take effect: %s for %j to %s', async (flag, scope, on) => {
      await expect(store.setFlag(flag, scope, on, 'root')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      expect(await store.flagSettings()).toEqual([]);
      expect(await store.flagChanges(1)).toEqual([]);
    });

    it('leaves jobs as they were admitted', async () => {
      const id = await admitted(store, admission({ flags: { 'job-queue': true } }));
      await store.setFlag('job-queue', 'all', false, 'root');
      expect((await store.find(id))?.flags).toEqual({ 'job-queue': true });
    });
  });
}
