import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ADAPTIVE_BACKOFF,
  type BackoffPolicy,
  backoffMs,
  CONNECTION_BACKOFF,
  DATABASE_BACKOFF,
  FIXED_RETRY,
  retryPolicy,
} from '../../../src/resilience/backoff.js';

const middle = () => 0.5;
const LINEAR: BackoffPolicy = { ...DATABASE_BACKOFF, strategy: 'linear', maxMs: 3_500 };
const delays = (policy: BackoffPolicy, failures: readonly number[], failureRate = 0.3) =>
  failures.map((count) => backoffMs(count, policy, { random: middle, failureRate }));

const policies = fc.record({
  strategy: fc.constantFrom<BackoffPolicy['strategy'][]>('fixed', 'linear', 'exponential', 'adaptive'),
  initialMs: fc.integer({ min: 1, max: 10_000 }),
  maxMs: fc.integer({ min: 1, max: 300_000 }),
  multiplier: fc.double({ min: 1, max: 5, noNaN: true }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  attempts: fc.integer({ min: 1, max: 20 }),
});
const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoffMs', () => {
  it('follows the formulas of the presets: nothing at first, then up to the cap', () => {
    expect(delays(DATABASE_BACKOFF, [0, 1, 2, 3, 6, 7, 60])).toEqual([0, 1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
    expect(delays(CONNECTION_BACKOFF, [0, 1, 2, 3, 60])).toEqual([0, 2_000, 3_000, 4_500, 120_000]);
    expect(delays(LINEAR, [0, 1, 2, 3, 4, 60])).toEqual([0, 1_000, 2_000, 3_000, 3_500, 3_500]);
    expect(delays(FIXED_RETRY, [0, 1, 2, 60])).toEqual([0, 1_000, 1_000, 1_000]);
  });

  it('adapts to the failure rate: doubled above a half, halved below a tenth, before the cap', () => {
    expect(delays(ADAPTIVE_BACKOFF, [0, 1, 2, 60])).toEqual([0, 500, 900, 30_000]);
    expect(delays(ADAPTIVE_BACKOFF, [1, 2, 60], 0.51)).toEqual([1_000, 1_800, 30_000]);
    expect(delays(ADAPTIVE_BACKOFF, [1, 2, 60], 0.09)).toEqual([250, 450, 30_000]);
    expect(delays(ADAPTIVE_BACKOFF, [1], 0.5)).toEqual([500]);
    expect(delays(ADAPTIVE_BACKOFF, [1], 0.1)).toEqual([500]);
    expect(backoffMs(1, ADAPTIVE_BACKOFF, { random: middle })).toBe(500);
  });

  it('allows five, three and eight attempts', () => {
    expect([DATABASE_BACKOFF, CONNECTION_BACKOFF, ADAPTIVE_BACKOFF].map(({ attempts }) => attempts)).toEqual([5, 3, 8]);
    expect([retryPolicy(true), retryPolicy(false)]).toEqual([ADAPTIVE_BACKOFF, FIXED_RETRY]);
  });

  it('jitters by the share of the policy at most, and never goes below zero', () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 5_000 }), draw, draw, (policy, failures, value, failureRate) => {
        const exact = backoffMs(failures, policy, { random: middle, failureRate });
        const delay = backoffMs(failures, policy, { random: () => value, failureRate });
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(Math.abs(delay - exact)).toBeLessThanOrEqual(exact * policy.jitter + 1e-6);
      }),
    );
  });

  it('never shrinks with further failures or a higher failure rate, and keeps to the cap', () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 0, max: 200 }), draw, draw, (policy, failures, one, other) => {
        const at = (count: number, failureRate: number) => backoffMs(count, policy, { random: middle, failureRate });
        expect(at(failures + 1, one)).toBeGreaterThanOrEqual(at(failures, one));
        expect(at(failures, Math.max(one, other))).toBeGreaterThanOrEqual(at(failures, Math.min(one, other)));
        expect(at(failures, one)).toBeLessThanOrEqual(policy.maxMs);
      }),
    );
  });
});
