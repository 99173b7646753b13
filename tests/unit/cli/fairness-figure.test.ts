import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairnessFigure, jainIndex, maxMinShares, percentile } from '../../../src/cli/demo/fairness-figure.js';

describe('Jain’s index', () => {
  it('is 1 for equals and 1/n when one has everything', () => {
    expect(jainIndex([3, 3, 3])).toBeCloseTo(1);
    expect(jainIndex([5, 0, 0, 0])).toBeCloseTo(0.25);
  });

  it('lies between 1/n and 1, whatever the unit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (values, unit) => {
          const index = jainIndex(values);
          expect(index).toBeGreaterThanOrEqual(1 / values.length - 1e-9);
          expect(index).toBeLessThanOrEqual(1 + 1e-9);
          expect(jainIndex(values.map((value) => value * unit))).toBeCloseTo(index, 9);
        },
      ),
    );
  });
});

describe('max-min shares', () => {
  it('leave to others what one does not ask for', () => {
    expect(maxMinShares([10, 1, 1], 4)).toEqual([2, 1, 1]);
    expect(maxMinShares([10, 10, 1], 4)).toEqual([1.5, 1.5, 1]);
    expect(maxMinShares([1, 1], 4)).toEqual([1, 1]);
  });

  it('give nobody more than asked, all there is, and to those left wanting no less than to anyone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 0, max: 60 }),
        (demands, slots) => {
          const shares = maxMinShares(demands, slots);
          const total = demands.reduce((sum, demand) => sum + demand, 0);
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(Math.min(total, slots));
          const most = Math.max(...shares);
          shares.forEach((share, at) => {
            const demand = demands[at] ?? 0;
            expect(share).toBeLessThanOrEqual(demand + 1e-9);
            if (share < demand - 1e-6) expect(share).toBeCloseTo(most);
          });
        },
      ),
    );
  });
});

describe('the fairness of a run', () => {
  const flood = Array.from({ length: 20 }, (_, number) => ({
    client: 'flood',
    createdAt: 0,
    startedAt: number * 10,
    finishedAt: number * 10 + 10,
  }));

  it('is poor when one slot serves a late comer last, and good when it serves it next', () => {
    const last = { client: 'late', createdAt: 5, startedAt: 200, finishedAt: 210 };
    expect(fairnessFigure([...flood, last]).jain).toBeLessThan(0.6);

    const shifted = flood.map((job) =>
      job.startedAt < 10 ? job : { ...job, startedAt: job.startedAt + 10, finishedAt: job.finishedAt + 10 },
    );
    const next = { client: 'late', createdAt: 5, startedAt: 10, finishedAt: 20 };
    const { jain, gotOfDue } = fairnessFigure([...shifted, next]);
    expect(jain).toBeGreaterThan(0.95);
    expect(gotOfDue.late).toBeGreaterThan(0.7);
  });

  it('counts the wait of a job that was cancelled before it started', () => {
    const cancelled = { client: 'late', createdAt: 0, finishedAt: 200 };
    expect(fairnessFigure([...flood, cancelled]).gotOfDue.late).toBe(0);
  });
});

describe('a percentile', () => {
  it('is a value of its list, by the nearest rank', () => {
    expect(percentile([4, 1, 3, 2], 0.5)).toBe(2);
    expect(percentile([4, 1, 3, 2], 0.95)).toBe(4);
    expect(percentile([], 0.5)).toBe(0);
  });
});
