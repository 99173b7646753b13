import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learned } from '../../../src/fairness/cost-estimate.js';
import {
  attained,
  chargeOf,
  chargeWhileRunning,
  clockWhen,
  correctionOf,
  isOverdue,
  LEAST_COST_S,
  lift,
  nextOf,
} from '../../../src/fairness/virtual-time.js';

interface Customer {
  virtualTime: number;
  pending: number;
  running: number;
  started: number;
  weight: number;
  queued: number;
  servedS: number;
  meanS: number | null;
}

/** Clients and a number of servers, as the store keeps them; time passes from the end of one job to the next. */
class Shop {
  clock = 0;
  clockAt = 0;
  nowMs = 0;
  readonly flows: Customer[];
  readonly #servers: number;
  #jobs: { who: number; startedMs: number; endMs: number; charge: number }[] = [];

  constructor(weights: readonly number[], servers = 1) {
    this.#servers = servers;
    this.flows = weights.map((weight) => ({
      virtualTime: 0,
      pending: 0,
      running: 0,
      started: 0,
      weight,
      queued: 0,
      servedS: 0,
      meanS: null,
    }));
  }

  join(who: number, jobs: number): void {
    const flow = this.flows[who];
    if (flow === undefined || jobs === 0) return;
    if (flow.queued === 0) flow.virtualTime = lift(flow, this.clock, this.clockAt);
    flow.queued += jobs;
  }

  /** Gives free servers to whose turn it is, then lets the first job end; answers whose it was. */
  serve(estimateS: (flow: Customer) => number, realS: (who: number) => number): number | undefined {
    while (this.#jobs.length < this.#servers) {
      const flow = nextOf(this.flows.filter((each) => each.queued > 0));
      if (flow === undefined) break;
      const who = this.flows.indexOf(flow);
      this.clock = clockWhen(this.clock, flow, this.nowMs);
      this.clockAt = this.nowMs;
      const charge = chargeOf(estimateS(flow), flow.weight);
      flow.virtualTime += charge;
      flow.pending += charge;
      flow.running += 1;
      flow.started += this.nowMs;
      flow.queued -= 1;
      this.#jobs.push({ who, startedMs: this.nowMs, endMs: this.nowMs + realS(who) * 1_000, charge });
    }
    this.#jobs.sort((a, b) => a.endMs - b.endMs);
    const job = this.#jobs.shift();
    const flow = job && this.flows[job.who];
    if (job === undefined || flow === undefined) return undefined;
    this.nowMs = job.endMs;
    const tookS = (job.endMs - job.startedMs) / 1_000;
    flow.virtualTime += correctionOf(job.charge, tookS, flow.weight);
    flow.running -= 1;
    flow.pending = flow.running === 0 ? 0 : flow.pending - job.charge;
    flow.started -= job.startedMs;
    flow.servedS += tookS;
    flow.meanS = learned(flow.meanS, tookS);
    return job.who;
  }
}

const oneSecond = () => 1;
const asLearned = ({ meanS }: Customer) => meanS ?? 1;

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
        for (let n = 0; n < 2_000; n += 1) shop.serve(oneSecond, (who) => realS[who] as number);
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
          shop.serve(oneSecond, () => 1);
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
        for (let n = 0; n < rounds; n += 1) shop.serve(oneSecond, () => 1);
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
        for (let n = 0; n < idleFor; n += 1) shop.serve(oneSecond, () => 1);
        shop.join(1, 10_000);
        const before = shop.flows[0]?.servedS ?? 0;
        for (let n = 0; n < after; n += 1) shop.serve(oneSecond, () => 1);
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
        for (let n = 0; n < jobs; n += 1) expect(shop.serve(oneSecond, () => 3)).toBe(1);
        expect(shop.serve(oneSecond, () => 1)).toBeUndefined();
      }),
    );
  });

  it('charges jobs that take no time at all', () => {
    expect(chargeOf(0, 1)).toBe(LEAST_COST_S);
    expect(chargeOf(0, 4)).toBe(LEAST_COST_S / 4);
    expect(chargeOf(6, 2)).toBe(3);
  });

  it('with many servers, newcomers and whoever had them all share alike at once, whatever was estimated', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        costs,
        fc.constantFrom(1 / 64, 1 / 8, 1, 8, 64),
        fc.integer({ min: 1, max: 4 }),
        (servers, costS, wrongBy, newcomers) => {
          const shop = new Shop([1, ...Array.from({ length: newcomers }, () => 1)], servers);
          shop.join(0, 100_000);
          const estimate = ({ meanS }: Customer) => meanS ?? costS * wrongBy;
          for (let n = 0; n < 3 * servers; n += 1) shop.serve(estimate, () => costS);
          const had = shop.flows[0]?.servedS ?? 0;
          for (let n = 1; n <= newcomers; n += 1) shop.join(n, 100_000);
          const rounds = 40 * servers * (newcomers + 1);
          for (let n = 0; n < rounds; n += 1) shop.serve(estimate, () => costS);
          const got = shop.flows.map(({ servedS }, who) => servedS - (who === 0 ? had : 0));
          const due = (rounds * costS) / (newcomers + 1);
          for (const share of got) expect(Math.abs(share - due)).toBeLessThanOrEqual((servers + 1) * costS);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('gives equals equal seconds on many servers, with costs that change from job to job', () => {
    fc.assert(
      fc.property(
        fc.array(costs, { minLength: 5, maxLength: 40 }),
        fc.integer({ min: 2, max: 20 }),
        (pattern, servers) => {
          const shop = new Shop([1, 1, 1], servers);
          for (const who of shop.flows.keys()) shop.join(who, 100_000);
          let at = 0;
          const costOf = () => pattern[at++ % pattern.length] as number;
          for (let n = 0; n < 3_000; n += 1) shop.serve(asLearned, costOf);
          const served = shop.flows.map((flow) => flow.servedS);
          expect(Math.max(...served) - Math.min(...served)).toBeLessThanOrEqual(2 * servers * Math.max(...pattern));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('the clock is what has been served, not what is charged for what is to come', () => {
    const flow = { virtualTime: 20, weight: 2, pending: 6, running: 3, started: 3_000 };
    expect(attained(flow, 1_000)).toBe(14);
    expect(attained(flow, 3_000)).toBe(17);
    expect(attained(flow, 60_000)).toBe(20);
    expect(attained(flow, 0)).toBe(14);
    expect(attained({ ...flow, running: 0, pending: 0, started: 0 }, 0)).toBe(20);
  });

  it('a lift never takes back, and leaves on top what the running jobs still have before them', () => {
    const flow = { virtualTime: 20, weight: 1, pending: 6, running: 2, started: 2_000 };
    expect(lift(flow, 10, 2_000)).toBe(20);
    expect(lift(flow, 30, 2_000)).toBe(34);
    expect(lift(flow, 30, 90_000)).toBe(30);
  });

  it('has a clock that never goes past whose turn it is, and goes back for nothing else', () => {
    const flow = { virtualTime: 20, weight: 1, pending: 6, running: 2, started: 2_000 };
    expect(clockWhen(10, flow, 2_000)).toBe(16);
    expect(clockWhen(17, flow, 2_000)).toBe(17);
    expect(clockWhen(30, flow, 2_000)).toBe(20);
  });

  it('corrects a charge to the real cost, and raises it while the job runs longer', () => {
    expect(correctionOf(5, 1, 1)).toBe(-4);
    expect(correctionOf(5, 20, 2)).toBe(5);
    expect(correctionOf(5, 0, 2)).toBe(LEAST_COST_S / 2 - 5);
    expect(chargeWhileRunning(5, 8, 2)).toBe(5);
    expect(chargeWhileRunning(5, 10, 2)).toBe(10);
    expect(chargeWhileRunning(5, 20, 2)).toBe(20);
    const flow = { virtualTime: 0, weight: 2, pending: 5, running: 2, started: 10_000 };
    expect(isOverdue(flow, 10_000)).toBe(false);
    expect(isOverdue(flow, 10_001)).toBe(true);
    expect(isOverdue({ ...flow, running: 0, started: 0, pending: 0 }, 10_001)).toBe(false);
  });
});
