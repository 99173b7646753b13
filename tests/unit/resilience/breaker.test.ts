import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BREAKER_POLICY,
  type Breaker,
  beginProbe,
  closeBreaker,
  endProbe,
  failureRateOf,
  NEW_BREAKER,
  openBreaker,
  openForMs,
  rampLimit,
  recordOutcome,
  retryAfterMs,
  windowTotals,
} from '../../../src/resilience/breaker.js';

const policy = { ...BREAKER_POLICY, jitter: 0 };
const START = 1_000_000;

function after(outcomes: readonly boolean[], everyMs = 10, from: Breaker = NEW_BREAKER): Breaker {
  return outcomes.reduce(
    (breaker, reached, at) => recordOutcome(breaker, { reached, now: START + at * everyMs, ranMs: 0 }, policy),
    from,
  );
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('breaker', () => {
  it('opens at its failure rate, and not with fewer attempts than its minimum', () => {
    expect(after([true, false, true, false, true, false, true, false, true]).state).toBe('closed');
    expect(after([true, false, true, false, true, false, true, false, true, false]).state).toBe('open');
    expect(after([...times(11, true), ...times(9, false)]).state).toBe('closed');
  });

  it('opens after failures in a row however many successes came before', () => {
    const busy = after(times(1_000, true), 1);
    const failing = (count: number) =>
      times(count, false).reduce(
        (breaker, reached) => recordOutcome(breaker, { reached, now: START + 1_000, ranMs: 5 }, policy),
        busy,
      );
    expect(failing(policy.inRow - 1).state).toBe('closed');
    expect(failing(policy.inRow).state).toBe('open');
  });

  it('forgets what is older than its window', () => {
    const failing = after(times(9, false));
    const later = START + policy.windowMs + policy.windowMs / policy.buckets;
    expect(windowTotals(failing, START + 80, policy)).toEqual({ attempts: 9, failed: 9 });
    expect(windowTotals(failing, later, policy)).toEqual({ attempts: 0, failed: 0 });
    expect(failureRateOf(failing, START, policy)).toBe(0);
    expect(failureRateOf(after([false, ...times(9, true)]), START + 100, policy)).toBeCloseTo(0.1);
  });

  it('counts nothing that began before it closed', () => {
    const closed = closeBreaker(START);
    const late = times(50, 0).reduce<Breaker>(
      (breaker) => recordOutcome(breaker, { reached: false, now: START + 100, ranMs: 200 }, policy),
      closed,
    );
    expect(late).toEqual(closed);
    expect(recordOutcome(closed, { reached: false, now: START + 100, ranMs: 50 }, policy).failuresInRow).toBe(1);
  });

  it('lets one probe out at a time, and another when the prober is not heard of', () => {
    const open = openBreaker(NEW_BREAKER, START, policy);
    expect(beginProbe(open, 'a', START + policy.openMs - 1, policy)).toBeUndefined();
    const probing = beginProbe(open, 'a', START + policy.openMs, policy) as Breaker;
    expect(probing).toMatchObject({ state: 'half-open', probe: { holder: 'a' } });
    expect(beginProbe(probing, 'b', START + policy.openMs + policy.probeLeaseMs - 1, policy)).toBeUndefined();
    const taken = beginProbe(probing, 'b', START + policy.openMs + policy.probeLeaseMs, policy) as Breaker;
    expect(taken.probe?.holder).toBe('b');
    expect(endProbe(taken, { holder: 'a', reached: true, now: START + 20_000 }, policy)).toBe(taken);
    expect(beginProbe(NEW_BREAKER, 'a', START, policy)).toBeUndefined();
  });

  it('closes after its probes in a row, and opens again at one that fails', () => {
    const open = openBreaker(NEW_BREAKER, START, policy);
    const first = beginProbe(open, 'a', START + 500, policy) as Breaker;
    const half = endProbe(first, { holder: 'a', reached: true, now: START + 510 }, policy);
    expect(half).toMatchObject({ state: 'half-open', passed: 1, probeAt: START + 510 });
    const second = beginProbe(half, 'b', START + 510, policy) as Breaker;
    expect(endProbe(second, { holder: 'b', reached: true, now: START + 520 }, policy)).toEqual(
      closeBreaker(START + 520),
    );
    const again = endProbe(second, { holder: 'b', reached: false, now: START + 520 }, policy);
    expect(again).toMatchObject({ state: 'open', passed: 0, openedAt: START, probeAt: START + 520 + policy.openMs });
  });

  it('tells to come back after the next probe', () => {
    const open = openBreaker(NEW_BREAKER, START, policy);
    expect(retryAfterMs(open, START)).toBeGreaterThan(policy.openMs);
    expect(retryAfterMs(open, START + 10_000)).toBeGreaterThan(0);
  });

  it('lets the running jobs grow after it closed', () => {
    const closed = closeBreaker(START);
    expect([0, 100, 500, 999].map((ms) => rampLimit(closed, START + ms, 20, policy))).toEqual([1, 2, 10, 19]);
    expect(rampLimit(closed, START + policy.rampMs, 20, policy)).toBeUndefined();
    expect(rampLimit(NEW_BREAKER, START, 20, policy)).toBeUndefined();
  });

  it('notices what comes back after a share of the outage, whatever its length', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (outageMs, draw) => {
          let breaker = openBreaker(NEW_BREAKER, 0, BREAKER_POLICY, () => draw);
          while (breaker.probeAt < outageMs) {
            const now = breaker.probeAt;
            const probing = beginProbe(breaker, 'a', now, BREAKER_POLICY) as Breaker;
            breaker = endProbe(probing, { holder: 'a', reached: false, now }, BREAKER_POLICY, () => draw);
          }
          const most = Math.min(Math.max(500, outageMs * 0.03), 30_000) * 1.1;
          expect(breaker.probeAt - outageMs).toBeLessThanOrEqual(most);
        },
      ),
    );
  });

  it('pauses within bounds and jitter', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (outageMs, draw) => {
          const ms = openForMs(outageMs, BREAKER_POLICY, () => draw);
          expect(ms).toBeGreaterThanOrEqual(450);
          expect(ms).toBeLessThanOrEqual(33_000);
        },
      ),
    );
  });

  it('keeps a bounded window that counts exactly what lies within it', () => {
    const attempts = fc.array(fc.record({ afterMs: fc.nat(8_000), reached: fc.boolean() }), { maxLength: 200 });
    const never = { ...policy, failureRate: 2, inRow: Number.POSITIVE_INFINITY };
    fc.assert(
      fc.property(attempts, (steps) => {
        let now = START;
        let breaker = NEW_BREAKER;
        const seen: { readonly at: number; readonly reached: boolean }[] = [];
        for (const { afterMs, reached } of steps) {
          now += afterMs;
          breaker = recordOutcome(breaker, { reached, now, ranMs: 0 }, never);
          seen.push({ at: now, reached });
        }
        const partMs = never.windowMs / never.buckets;
        const from = (Math.floor(now / partMs) - never.buckets + 1) * partMs;
        const kept = seen.filter(({ at }) => at >= from);
        expect(breaker.tallies.length).toBeLessThanOrEqual(never.buckets);
        expect(windowTotals(breaker, now, never)).toEqual({
          attempts: kept.length,
          failed: kept.filter(({ reached }) => !reached).length,
        });
      }),
    );
  });
});
