import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DATABASE_BACKOFF, exponentialBackoffMs } from '../../../src/resilience/backoff.js';

describe('exponentialBackoffMs', () => {
  it('follows the formula: nothing at first, then doubled up to the cap', () => {
    const delays = [0, 1, 2, 3, 6, 7, 8, 60].map((failures) =>
      exponentialBackoffMs(failures, DATABASE_BACKOFF, () => 0.5),
    );
    expect(delays).toEqual([0, 1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('jitters by a tenth at most, whatever the failures', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, random) => {
          const exact = exponentialBackoffMs(failures, DATABASE_BACKOFF, () => 0.5);
          const delay = exponentialBackoffMs(failures, DATABASE_BACKOFF, () => random);
          expect(Math.abs(delay - exact)).toBeLessThanOrEqual(exact * 0.1 + 1e-6);
        },
      ),
    );
  });
});
