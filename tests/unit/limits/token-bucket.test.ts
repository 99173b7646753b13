import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  availableTokens,
  type BucketRate,
  type BucketState,
  LONGEST_REFILL_MS,
  MOST_TOKENS,
  refilled,
  takeToken,
} from '../../../src/limits/token-bucket.js';

const START = 1_800_000_000_000;

const anyRate: fc.Arbitrary<BucketRate> = fc.record({
  count: fc.integer({ min: 1, max: MOST_TOKENS }),
  perMs: fc.integer({ min: 1_000, max: LONGEST_REFILL_MS }),
  burst: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: MOST_TOKENS })),
});

/** Takes all it can at once; answers how many it got. */
function drain(rate: BucketRate, state: BucketState | undefined, now: number): { taken: number; state: BucketState } {
  let current = refilled(rate, state, now);
  for (let taken = 0; ; taken += 1) {
    const taking = takeToken(rate, current, now);
    if (!taking.taken) return { taken, state: current };
    current = taking.state;
  }
}

describe('token bucket', () => {
  it('gives its burst at once, then one at each interval', () => {
    const rate = { count: 60, perMs: 60_000, burst: 10 };
    const { taken, state } = drain(rate, undefined, START);
    expect(taken).toBe(10);
    expect(takeToken(rate, state, START + 999)).toEqual({ taken: false, retryAfterMs: 1 });
    expect(takeToken(rate, state, START + 1_000).taken).toBe(true);
    expect(availableTokens(rate, state, START + 5_500)).toBe(5);
    expect(availableTokens(rate, state, START + 3_600_000)).toBe(10);
  });

  it('never gives more than burst and refill together, to the token, whatever is asked when', () => {
    fc.assert(
      fc.property(
        fc.record({
          count: fc.integer({ min: 1, max: 1_000 }),
          perMs: fc.integer({ min: 1_000, max: LONGEST_REFILL_MS }),
          burst: fc.integer({ min: 1, max: 50 }),
        }),
        fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 100 }),
        (rate, pauses) => {
          let state: BucketState | undefined;
          let now = START;
          let taken = 0;
          for (const pause of pauses) {
            now += pause;
            const taking = takeToken(rate, state, now);
            if (taking.taken) {
              taken += 1;
              state = taking.state;
            }
            expect(taken).toBeLessThanOrEqual(rate.burst + Math.floor(((now - START) * rate.count) / rate.perMs));
          }
        },
      ),
    );
  });

  it('does not drift: a rate of thirds gives exactly its count over a long time', () => {
    const rate = { count: 7, perMs: 3_000, burst: 1 };
    let { state } = drain(rate, undefined, START);
    let taken = 0;
    for (let now = START + 1; now <= START + 300_000; now += 1) {
      const taking = takeToken(rate, state, now);
      if (taking.taken) {
        taken += 1;
        state = taking.state;
      } else {
        state = refilled(rate, state, now);
      }
    }
    // A capacity of one token loses what would overflow it between two whole milliseconds, never more.
    expect(taken).toBeGreaterThanOrEqual(699);
    expect(taken).toBeLessThanOrEqual(700);
  });

  it('says exactly when to come back: a token is there then and not a millisecond before', () => {
    fc.assert(
      fc.property(anyRate, fc.integer({ min: 0, max: 1_000_000 }), (rate, later) => {
        const empty: BucketState = { parts: 0, perMs: rate.perMs, at: START };
        const now = START + later;
        const taking = takeToken(rate, empty, now);
        if (taking.taken) return;
        expect(taking.retryAfterMs).toBeGreaterThan(0);
        expect(takeToken(rate, empty, now + taking.retryAfterMs).taken).toBe(true);
        expect(takeToken(rate, empty, now + taking.retryAfterMs - 1).taken).toBe(false);
      }),
    );
  });

  it('gives nothing for a clock that is set back, and goes on from there', () => {
    const rate = { count: 60, perMs: 60_000, burst: 5 };
    const { state } = drain(rate, undefined, START);
    const back = START - 3_600_000;
    expect(takeToken(rate, state, back).taken).toBe(false);
    const after = refilled(rate, state, back);
    expect(availableTokens(rate, after, back + 2_000)).toBe(2);
    // A step within a second is waited for: two clocks that take turns gain nothing.
    let current = state;
    for (let n = 0; n < 1_000; n += 1) current = refilled(rate, current, START + (n % 2 === 0 ? 0 : -500));
    expect(availableTokens(rate, current, START)).toBe(0);
  });

  it('keeps what is left in tokens when the rate is changed', () => {
    const hourly = { count: 100, perMs: 3_600_000, burst: 100 };
    const state: BucketState = { parts: 40 * hourly.perMs, perMs: hourly.perMs, at: START };
    expect(availableTokens({ count: 10, perMs: 1_000, burst: 100 }, state, START)).toBe(40);
    expect(availableTokens({ count: 10, perMs: 1_000, burst: 20 }, state, START)).toBe(20);
  });
});
