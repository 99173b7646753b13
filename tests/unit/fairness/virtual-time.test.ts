import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, chargeOf, correctionOf, LEAST_COST_S, lift, nextOf } from '../../../src/fairness/virtual-time.js';

/** Clients on one worker, as the store keeps them: served one job at a time, in fair order. */
class Shop {
  clock = 0;
  readonly flows: { virtualTime: number; weight: number; queued: number; servedS: number }[];

  constructor(weights: readonly number[]) {
    this.flows = weights.map((weight) => ({ virtualTime: 0, weight, queued: 0, servedS: 0 }));
  }

  join(who: number, jobs: number): void {
    const flow = this.flows[who];
    if (flow === undefined || jobs === 0) return;
    if (flow.queued === 0) flow.virtualTime = lift(flow.virtualTime, this.clock);
    flow.queued += jobs;
  }

  /** Serves one job that was estimated to take `estimateS` and takes `realS`; answers whose it was. */
  serve(estimateS: number, realS: (who: number) => number): number | undefined {
    const flow = nextOf(this.flows.filter((each) => each.queued > 0));
    if (flow === undefined) return undefined;
    const who = this.flows.indexOf(flow);
    this.clock = advance(this.clock, flow.virtualTime);
    flow.virtualTime += chargeOf(estimateS, flow.weight);
    flow.queued -= 1;
    flow.servedS += realS(who);
    flow.virtualTime += correctionOf(estimateS, realS(who), flow.weight, false);
    return who;
  }
}

function jainIndex(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return (sum * sum) / (shares.length * squares);
}

const costs = fc.integer({ min: 1, max: 64 }).map((n) => n / 8);

describe('virtual time', () => {
  it('gives equal clients equal seconds, however differently long their jobs are and however many they queue', () => {
    fc.assert(
      fc.property(fc.array(costs, { minLength: 2, maxLength: 8 }), fc.integer({ min: 0, max: 500 }), (realS, flood) => {
        const shop = new Shop(realS.map(() => 1));
        for (const who of realS.keys()) shop.join(who, 10_000 + (who === 0 ? flood * 100 : 0));
        for (let n = 0; n < 2_000; n += 1) shop.serve(1, (who) => realS[who] as number);
        const longest = Math.max(...realS);
        const served = shop.flows.map((flow) => flow.servedS);
        expect(Math.max(...served) - Math.min(...served)).toBeLessThanOrEqual(2 * longest);
        expect(jainIndex(served)).toBeGreaterThan(0.9);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps backlogged equals within two jobs of each other under random arrivals of the others', () => {
    const arrivals = fc.array(fc.tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 0, max: 4 })), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(arrivals, (events) => {
        const shop = new Shop([1, 1, 1, 1, 1, 1]);
        shop.join(0, 10_000);
        shop.join(1, 10_000);
        for (const [who, jobs] of events) {
          shop.join(who, jobs);
          shop.serve(1, () => 1);
          const [a, b] = shop.flows;
          expect(Math.abs((a?.servedS ?? 0) - (b?.servedS ?? 0))).toBeLessThanOrEqual(2);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('shares in proportion to weights', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 2, maxLength: 6 }), (weights) => {
        const shop = new Shop(weights);
        for (const who of weights.keys()) shop.join(who, 100_000);
        const rounds = weights.reduce((sum, weight) => sum + weight, 0) * 40;
        for (let n = 0; n < rounds; n += 1) shop.serve(1, () => 1);
        for (const flow of shop.flows)
          expect(Math.abs(flow.servedS - flow.weight * 40)).toBeLessThanOrEqual(flow.weight + 1);
      }),
      { numRuns: 60 },
    );
  });

  it('lets nobody catch up on the time he asked for nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 50 }), (idleFor, after) => {
        const shop = new Shop([1, 1]);
        shop.join(0, 10_000);
        for (let n = 0; n < idleFor; n += 1) shop.serve(1, () => 1);
        shop.join(1, 10_000);
        const before = shop.flows[0]?.servedS ?? 0;
        for (let n = 0; n < after; n += 1) shop.serve(1, () => 1);
        const other = (shop.flows[0]?.servedS ?? 0) - before;
        expect(Math.abs(other - (shop.flows[1]?.servedS ?? 0))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('never idles while somebody has a job: a client alone gets everything', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (jobs) => {
        const shop = new Shop([1, 1, 1]);
        shop.join(1, jobs);
        for (let n = 0; n < jobs; n += 1) expect(shop.serve(1, () => 3)).toBe(1);
        expect(shop.serve(1, () => 1)).toBeUndefined();
      }),
    );
  });

  it('charges jobs that take no time at all', () => {
    expect(chargeOf(0, 1)).toBe(LEAST_COST_S);
    expect(chargeOf(0, 4)).toBe(LEAST_COST_S / 4);
    expect(chargeOf(6, 2)).toBe(3);
  });

  it('a refund from before a lift is void, an additional charge never is', () => {
    expect(correctionOf(5, 1, 1, false)).toBe(-4);
    expect(correctionOf(5, 1, 1, true)).toBe(0);
    expect(correctionOf(5, 9, 2, true)).toBe(2);
  });
});
