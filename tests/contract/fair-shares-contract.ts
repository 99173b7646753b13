import { describe, expect, it } from 'vitest';
import type { ClaimedJob } from '../../src/store/job-store.js';
import type { Store } from '../../src/store/store.js';
import {
  admitted,
  claim,
  holdOf,
  RESULT,
  ROOMY,
  type StoreFactory,
  storeForEachTest,
  type TestClock,
} from './store-harness.js';

interface Arrival {
  readonly atMs: number;
  readonly client: string;
  readonly jobs: number;
}

interface Day {
  readonly slots: number;
  readonly forMs: number;
  readonly arrivals: readonly Arrival[];
  readonly costMs: (client: string) => number;
  /** Whoever has its answer asks the next thing so many ms later. */
  readonly againMs?: () => number;
}

/** When a job of a client ran, in ms since the beginning. */
interface Run {
  readonly client: string;
  readonly from: number;
  readonly until: number;
}

/** What clients get of the slots of all workers, from the first moment on, when each statement takes a known time. */
export function fairSharesContract(makePlace: StoreFactory): void {
  let clock: TestClock;
  let store: Store;
  storeForEachTest(makePlace, { bounds: ROOMY, synchronous: 'NORMAL' }, (opened) => {
    ({ clock, store } = opened);
  });

  /** Goes from one event to the next: arrivals and ends; free slots are filled at each. */
  async function live({ slots, forMs, arrivals, costMs, againMs }: Day): Promise<readonly Run[]> {
    const begin = clock.wall;
    const runs: Run[] = [];
    let running: { readonly claimed: ClaimedJob; readonly from: number; readonly until: number }[] = [];
    const toCome = [...arrivals].sort((a, b) => a.atMs - b.atMs);
    for (;;) {
      const now = Math.min(toCome[0]?.atMs ?? forMs, forMs, ...running.map(({ until }) => until));
      clock.advance(begin + now - clock.wall);
      const ended = running.filter(({ until }) => until <= now);
      running = running.filter(({ until }) => until > now);
      const work: Promise<unknown>[] = ended.map(({ claimed, from, until }) => {
        const { client } = claimed.job;
        runs.push({ client, from, until });
        if (againMs !== undefined) toCome.push({ atMs: now + againMs(), client, jobs: 1 });
        const usage = { executionMs: until - from, rows: 0, bytes: 0 };
        return store.settle(holdOf(claimed), { state: 'succeeded', result: RESULT, usage });
      });
      toCome.sort((a, b) => a.atMs - b.atMs);
      while (toCome[0] !== undefined && toCome[0].atMs <= now) {
        const { client, jobs } = toCome.shift() as Arrival;
        for (let n = 0; n < jobs; n += 1) work.push(admitted(store, { client, estimateS: 0.1 }));
      }
      await Promise.all(work);
      if (now >= forMs) break;
      const taken = await claim(store, { slots: slots - running.length, leaseMs: 60_000 });
      for (const claimed of taken) running.push({ claimed, from: now, until: now + costMs(claimed.job.client) });
    }
    for (const { claimed, from } of running) runs.push({ client: claimed.job.client, from, until: forMs });
    return runs;
  }

  /** Ms of slots that each client had within a window. */
  const shares = (runs: readonly Run[], clients: readonly string[], fromMs: number, untilMs: number): number[] =>
    clients.map((client) =>
      runs
        .filter((run) => run.client === client)
        .reduce((sum, run) => sum + Math.max(0, Math.min(run.until, untilMs) - Math.max(run.from, fromMs)), 0),
    );

  const jainIndex = (values: readonly number[]): number => {
    const sum = values.reduce((total, value) => total + value, 0);
    return (sum * sum) / (values.length * values.reduce((total, value) => total + value * value, 0));
  };

  const EQUALS = ['flood', 'one', 'two', 'three', 'four'];
  const after = (atMs: number, jobs: number): Arrival[] => EQUALS.slice(1).map((client) => ({ atMs, client, jobs }));

  describe('fair shares', () => {
    it('whoever had all slots to itself is neither ahead of those that join nor behind them', async () => {
      const arrivals = [{ atMs: 0, client: 'flood', jobs: 500 }, ...after(260, 200)];
      const runs = await live({ slots: 20, forMs: 2_260, arrivals, costMs: () => 50 });
      expect(jainIndex(shares(runs, EQUALS, 260, 1_260))).toBeGreaterThan(0.99);
      expect(jainIndex(shares(runs, EQUALS, 260, 2_260))).toBeGreaterThan(0.995);
    });

    it('nor when what the first ones took was mostly no work of theirs', async () => {
      for (let n = 0; n < 10; n += 1) await admitted(store, { client: 'flood', estimateS: 0.1 });
      const first = await claim(store, { slots: 2, leaseMs: 60_000 });
      // A connection is opened for a second; then they run, and another is claimed before anybody joins.
      clock.advance(1_000);
      await claim(store, { slots: 1, leaseMs: 60_000 });
      clock.advance(10);
      const usage = { executionMs: 10, rows: 0, bytes: 0 };
      for (const claimed of first) await store.settle(holdOf(claimed), { state: 'succeeded', result: RESULT, usage });
      await admitted(store, { client: 'one', estimateS: 0.1 });
      const next = await claim(store, { slots: 2, leaseMs: 60_000 });
      expect(next.map(({ job }) => job.client)).toContain('one');
    });

    it('nor when nothing has ended yet that could tell what its statements take', async () => {
      const arrivals = [{ atMs: 0, client: 'flood', jobs: 120 }, ...after(1_000, 70)];
      const runs = await live({ slots: 20, forMs: 31_000, arrivals, costMs: () => 2_000 });
      expect(jainIndex(shares(runs, EQUALS, 1_000, 21_000))).toBeGreaterThan(0.99);
      expect(jainIndex(shares(runs, EQUALS, 1_000, 31_000))).toBeGreaterThan(0.995);
    });

    it('statements of 50 ms and of 5 s get the same seconds', async () => {
      const arrivals = ['short', 'long'].map((client) => ({ atMs: 0, client, jobs: client === 'short' ? 800 : 60 }));
      const costMs = (client: string) => (client === 'short' ? 50 : 5_000);
      const runs = await live({ slots: 4, forMs: 20_000, arrivals, costMs });
      expect(jainIndex(shares(runs, ['short', 'long'], 0, 20_000))).toBeGreaterThan(0.99);
    });

    it('a statement that runs on and on is paid for while it does', async () => {
      const costMs = (client: string) => (client === 'short' ? 100 : 3_600_000);
      await live({ slots: 6, forMs: 10_000, arrivals: [{ atMs: 0, client: 'endless', jobs: 40 }], costMs });
      // Those six go on; now there are two slots more, and somebody else.
      const runs = await live({ slots: 2, forMs: 20_000, arrivals: [{ atMs: 0, client: 'short', jobs: 700 }], costMs });
      expect(shares(runs, ['endless'], 0, 20_000)).toEqual([0]);
    });

    it('clients that ask one short statement after the other get equally many, however long each is seen to take', async () => {
      const clients = Array.from({ length: 40 }, (_, at) => `asker-${at}`);
      // Of what a busy machine measures: mostly 10 ms, at times 48; a fixed sequence (a linear congruential generator).
      let state = 7;
      const chance = () => {
        state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
        return state / 2 ** 31;
      };
      const runs = await live({
        slots: 4,
        forMs: 4_000,
        arrivals: clients.map((client) => ({ atMs: 0, client, jobs: 1 })),
        costMs: () => (chance() < 0.6 ? 10 : 48),
        againMs: () => Math.ceil(chance() * 30),
      });
      const answers = clients.map((client) => runs.filter((run) => run.client === client).length);
      expect(Math.min(...answers), answers.join()).toBeGreaterThan(10);
      expect(jainIndex(answers), answers.join()).toBeGreaterThan(0.995);
    });

    it('whoever happened to need the login is not charged for it', async () => {
      for (const client of ['first', 'other']) await admitted(store, { client });
      const usage = { first: { executionMs: 3_020, connectingMs: 3_000 }, other: { executionMs: 20 } };
      for (const claimed of await claim(store, { slots: 2 })) {
        const spent = { ...usage[claimed.job.client as 'first' | 'other'], rows: 0, bytes: 0 };
        await store.settle(holdOf(claimed), { state: 'succeeded', result: RESULT, usage: spent });
      }
      for (const client of ['first', 'other', 'first', 'other']) await admitted(store, { client });
      const order = await claim(store, { slots: 4 });
      expect(
        order
          .map(({ job }) => job.client)
          .slice(0, 2)
          .sort(),
      ).toEqual(['first', 'other']);
    });

    it('weights 1, 2 and 4 are 1, 2 and 4 from the first second on', async () => {
      const weights = [1, 2, 4];
      const clients = weights.map((weight) => `weight-${weight}`);
      for (const [at, client] of clients.entries()) await store.saveClient(client, { weight: weights[at] as number });
      const arrivals = [
        { atMs: 0, client: 'weight-1', jobs: 400 },
        { atMs: 300, client: 'weight-2', jobs: 600 },
        { atMs: 300, client: 'weight-4', jobs: 900 },
      ];
      const runs = await live({ slots: 14, forMs: 3_300, arrivals, costMs: () => 50 });
      const got = shares(runs, clients, 300, 3_300).map((share, at) => share / (weights[at] as number));
      for (const share of got) expect(share / (got[0] as number)).toBeCloseTo(1, 1);
      const [first = 0, ...others] = got;
      for (const other of others) expect(Math.abs(other / first - 1)).toBeLessThan(0.05);
    });

    it('who comes back after a pause is owed nothing and owes nothing', async () => {
      const arrivals = [
        { atMs: 0, client: 'back', jobs: 40 },
        { atMs: 0, client: 'steady', jobs: 600 },
        { atMs: 1_500, client: 'back', jobs: 200 },
      ];
      const runs = await live({ slots: 10, forMs: 3_000, arrivals, costMs: () => 50 });
      expect(jainIndex(shares(runs, ['back', 'steady'], 1_500, 3_000))).toBeGreaterThan(0.99);
    });
  });
}
