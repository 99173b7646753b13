import { describe, expect, it } from 'vitest';
import type { ErrorData } from '../../src/errors/snow-error.js';
import type { Store } from '../../src/store/store.js';
import { type OpenedStore, type StoreFactory, storeForEachTest, type TestClock } from './store-harness.js';

const REFUSED: ErrorData = { code: 'CONNECTION_FAILED', message: 'Incorrect password.', hint: 'Correct it.' };

/** What processes know of each other's logins. */
export function loginsContract(makePlace: StoreFactory): void {
  let clock: TestClock;
  let store: Store;
  let another: OpenedStore['another'];
  storeForEachTest(makePlace, {}, (opened) => {
    ({ clock, store, another } = opened);
  });

  describe('logins', () => {
    it('that were refused are known to all, with a pause that doubles up to a quarter of an hour', async () => {
      const other = await another();
      expect(await other.lastLogin('a')).toBeUndefined();
      const pauses: number[] = [];
      for (let n = 0; n < 7; n += 1) {
        const pause = await store.loginRefused('a', REFUSED);
        pauses.push(pause);
        expect(await other.lastLogin('a')).toEqual({ refused: REFUSED, waitMs: pause });
        clock.advance(pause - 1);
        expect(await other.lastLogin('a')).toMatchObject({ waitMs: 1 });
        clock.advance(1);
        expect(await other.lastLogin('a')).toMatchObject({ waitMs: 0 });
      }
      expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 900_000, 900_000]);
      expect(await other.lastLogin('b')).toBeUndefined();
      await other.close();
    });

    it('that were accepted end the refusals', async () => {
      await store.loginRefused('a', REFUSED);
      await store.loginAccepted('a');
      clock.advance(500);
      expect(await store.lastLogin('a')).toEqual({ acceptedAgoMs: 500 });
      expect(await store.loginRefused('a', REFUSED)).toBe(30_000);
    });

    it('of an earlier boot count for nothing, and only the latest are remembered', async () => {
      // Those of one moment are written together; which of them is older does not matter here.
      for (let n = 0; n < 250; n += 25) {
        clock.advance(1);
        await Promise.all(Array.from({ length: 25 }, (_, at) => store.loginRefused(`c${n + at}`, REFUSED)));
      }
      expect(await store.lastLogin('c49')).toBeUndefined();
      expect(await store.lastLogin('c50')).toMatchObject({ refused: REFUSED });
      clock.monotonic = 10;
      const rebooted = await another({ bootId: 'another' });
      expect(await rebooted.lastLogin('c249')).toBeUndefined();
      await rebooted.loginAccepted('new');
      expect(await rebooted.lastLogin('new')).toEqual({ acceptedAgoMs: 0 });
      await rebooted.close();
    });
  });
}
