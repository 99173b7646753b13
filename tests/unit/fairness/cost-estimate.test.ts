import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateOf, learned, learnedOfLane } from '../../../src/fairness/cost-estimate.js';

const seconds = fc.double({ min: 0, max: 86_400, noNaN: true });

describe('cost estimate', () => {
  it('stays between what was known and what was seen', () => {
    fc.assert(
      fc.property(seconds, seconds, (mean, cost) => {
        const next = learned(mean, cost);
        expect(next).toBeGreaterThanOrEqual(Math.min(mean, cost) - 1e-9);
        expect(next).toBeLessThanOrEqual(Math.max(mean, cost) + 1e-9);
      }),
    );
  });

  it('takes the first as it is, and follows a change within a handful', () => {
    expect(learned(null, 7)).toBe(7);
    let mean: number | null = 60;
    for (let n = 0; n < 10; n += 1) mean = learned(mean, 0.05);
    expect(mean).toBeLessThan(4);
  });

  it('is the client’s own, else the lane’s, else the job’s', () => {
    expect(estimateOf(2, 3, 4)).toBe(2);
    expect(estimateOf(null, 3, 4)).toBe(3);
    expect(estimateOf(null, null, 4)).toBe(4);
  });

  it('a lane learns from clients that are known, none of them outweighing the others', () => {
    expect(learnedOfLane(null, null)).toBeNull();
    expect(learnedOfLane(5, null)).toBe(5);
    expect(learnedOfLane(null, 5)).toBe(5);
    expect(learnedOfLane(16, 32)).toBe(17);
  });
});
