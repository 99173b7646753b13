import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.js';
import { type StoreFactory, storeForEachTest, type TestClock } from './store-harness.js';

const COLUMNS = [{ name: 'name', type: 'VARCHAR(16777216)', nullable: true }];

/** Answers of the catalog, kept for when the warehouse cannot be asked. */
export function listingsContract(makePlace: StoreFactory): void {
  describe('known listings', () => {
    let clock: TestClock;
    let store: Store;
    storeForEachTest(makePlace, {}, (opened) => {
      ({ clock, store } = opened);
    });

    const keep = (question: string, ...names: readonly string[]) =>
      store.keepListing(question, { subject: 'tables', columns: COLUMNS, rows: names.map((name) => [name]) });

    it('are found by question and by an id that changes with the answer', async () => {
      await keep('q', 'OLD');
      const first = await store.findListing({ question: 'q' });
      expect(first).toMatchObject({ subject: 'tables', asOf: clock.wall, columns: COLUMNS, rows: [['OLD']] });
      clock.advance(1_000);
      await keep('q', 'NEW');
      const second = await store.findListing({ question: 'q' });
      expect(second).toMatchObject({ asOf: clock.wall, rows: [['NEW']] });
      expect(await store.listingAge('q')).toBe(clock.wall);
      expect(await store.findListing({ id: first?.id ?? '' })).toBeUndefined();
      expect(await store.findListing({ id: second?.id ?? '' })).toEqual(second);
      expect(await store.findListing({ question: 'other' })).toBeUndefined();
    });

    it('are kept for a day, and as many as there is room for', async () => {
      await keep('q', 'A');
      clock.advance(86_400_000);
      expect(await store.findListing({ question: 'q' })).toBeUndefined();
      expect(await store.listingAge('q')).toBeUndefined();
      for (let n = 0; n < 1_002; n += 1) {
        clock.advance(1);
        await keep(`q${n}`, 'A');
      }
      const found = await Promise.all([0, 1, 2, 1_001].map((n) => store.findListing({ question: `q${n}` })));
      expect(found.map((listing) => listing !== undefined)).toEqual([false, false, true, true]);
    });

    it('are not kept when they are too large', async () => {
      const random = Array.from({ length: 200 }, () =>
        Array.from({ length: 2_000 }, () => Math.random().toString(36).slice(2)).join(''),
      );
      await keep('large', ...random);
      expect(await store.findListing({ question: 'large' })).toBeUndefined();
    });
  });
}
