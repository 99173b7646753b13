import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryBudget } from '../../../src/resilience/retry-budget.js';

describe('RetryBudget', () => {
  it('lets retries through until half of its tokens are gone', () => {
    const budget = new RetryBudget({ tokens: 10, ratio: 0.1 });
    expect(Array.from({ length: 7 }, () => budget.failed())).toEqual([true, true, true, true, true, false, false]);
  });

  it('comes back with successes, a tenth of a token each', () => {
    const budget = new RetryBudget({ tokens: 10, ratio: 0.1 });
    for (let failures = 0; failures < 6; failures += 1) budget.failed();
    expect(budget.failed()).toBe(false);
    for (let successes = 0; successes < 35; successes += 1) budget.succeeded();
    expect(budget.tokens).toBeCloseTo(6.5);
    expect(budget.failed()).toBe(true);
  });

  it('never allows more retries than half its tokens and a share of the successes, whatever comes in which order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.boolean(), { maxLength: 500 }),
        (tokens, ratio, outcomes) => {
          const budget = new RetryBudget({ tokens, ratio });
          let retries = 0;
          let successes = 0;
          for (const success of outcomes) {
            if (success) {
              successes += 1;
              budget.succeeded();
            } else if (budget.failed()) {
              retries += 1;
            }
            expect(budget.tokens).toBeGreaterThanOrEqual(0);
            expect(budget.tokens).toBeLessThanOrEqual(tokens);
          }
          expect(retries).toBeLessThanOrEqual(tokens / 2 + ratio * successes + 1e-6);
        },
      ),
    );
  });
});
