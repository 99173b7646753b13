import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Admission } from '../../src/store/job-store.js';
import type { Store } from '../../src/store/store.js';
import type { QuotaLimit, QuotaUse, UsageReport } from '../../src/store/usage-store.js';
import {
  admission,
  admitted,
  claim,
  claimOne,
  holdOf,
  type OpenedStore,
  RESULT,
  ROOMY,
  type StoreFactory,
  SUCCESS,
  storeForEachTest,
  type TestClock,
} from './store-harness.js';

const MINUTELY = { count: 60, perMs: 60_000, burst: 3 };
const HOUR = 3_600_000;

function hourly(metric: QuotaLimit['metric'], limit: number, of: QuotaLimit['class'] = 'query'): QuotaLimit {
  return { class: of, metric, period: 'hour', limit };
}

function quotaOf(report: UsageReport, metric: string): QuotaUse {
  const found = report.quotas.find((quota) => quota.metric === metric);
  if (found === undefined) throw new Error(`no quota of ${metric}`);
  return found;
}

/** Rates and quotas: what is taken when, and what is given back. */
export function usageContract(makePlace: StoreFactory): void {
  describe('rates and quotas', () => {
    let clock: TestClock;
    let store: Store;
    let another: OpenedStore['another'];
    // Ten minutes after a full hour, six hours after midnight.
    const startAt = Date.parse('2026-11-21T06:10:00Z');
    storeForEachTest(makePlace, { bounds: ROOMY, startAt }, (opened) => {
      ({ clock, store, another } = opened);
    });

    const refusalOf = async (change: Partial<Admission> = {}) => {
      const outcome = await store.admit(admission(change));
      if (outcome.admitted) throw new Error('admitted');
      return outcome.refusal;
    };
    const run = async (usage: { executionMs?: number; rows?: number; bytes?: number } = {}) => {
      const claimed = await claimOne(store);
      const used = { executionMs: 0, rows: 0, bytes: 0, ...usage };
      await store.settle(holdOf(claimed), { state: 'succeeded', result: RESULT, usage: used });
      return claimed;
    };

    it('refuses what a bucket does not hold, takes nothing for a refusal, and says when to come back', async () => {
      await store.setRate({ client: 'ada' }, 'query', MINUTELY);
      for (let n = 0; n < 3; n += 1) await admitted(store);
      const refusal = await refusalOf();
      expect(refusal).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 1_000, hint: expect.any(String) });
      expect(refusal.message).toContain('60 a minute');
      await refusalOf();
      clock.advance(999);
      expect((await refusalOf()).retryAfterMs).toBe(1);
      clock.advance(1);
      await admitted(store);
      await admitted(store, { client: 'bob' });
      await admitted(store, { kind: 'metadata' });
      expect((await store.stats()).total_queued).toBe(6);
    });

    it('has one bucket for all clients, too, and takes from both or from none', async () => {
      await store.setRate('global', 'query', { count: 2, perMs: HOUR, burst: 2 });
      await store.setRate('default', 'query', { count: 5, perMs: HOUR, burst: 5 });
      await admitted(store, { client: 'ada' });
      await admitted(store, { client: 'bob' });
      expect(await refusalOf({ client: 'ada' })).toMatchObject({ code: 'RATE_LIMITED' });
      expect((await store.usage('ada')).rates).toContainEqual(
        expect.objectContaining({ class: 'query', available: 4 }),
      );
      await store.setRate('global', 'query', null);
      await admitted(store, { client: 'ada' });
    });

    it('takes the narrowest setting: client, group, default, built in', async () => {
      const rate = (count: number) => ({ count, perMs: HOUR, burst: count });
      const of = async (client: string) =>
        (await store.usage(client)).rates.find((each) => each.class === 'memory') ?? { count: 0, from: 'none' };
      await store.saveClient('ada', { group: 'analysts' });
      expect(await of('ada')).toMatchObject({ count: 100, perMs: 60_000, from: 'built-in' });
      await store.setRate('default', 'memory', rate(7));
      expect(await of('ada')).toMatchObject({ count: 7, from: 'default' });
      await store.setRate({ group: 'analysts' }, 'memory', rate(8));
      expect(await of('ada')).toMatchObject({ count: 8, from: 'group' });
      await store.setRate({ client: 'ada' }, 'memory', rate(9));
      expect(await of('ada')).toMatchObject({ count: 9, available: 9, from: 'client' });
      expect(await of('a stranger')).toMatchObject({ count: 7, available: 7 });
      await store.setRate({ client: 'ada' }, 'memory', null);
      await store.saveClient('ada', { group: null });
      expect(await of('ada')).toMatchObject({ count: 7 });
      expect(await store.limitSettings()).toEqual([
        { scope: 'default', class: 'memory', rate: rate(7) },
        { scope: { group: 'analysts' }, class: 'memory', rate: rate(8) },
      ]);
    });

    it('sees at once what another process has set', async () => {
      const other = await another();
      try {
        await admitted(store);
        await other.setQuota({ client: 'ada' }, hourly('requests', 2));
        await admitted(store);
        expect(await refusalOf()).toMatchObject({ code: 'QUOTA_EXCEEDED' });
        await other.setQuota({ client: 'ada' }, { ...hourly('requests', 0), limit: null });
        await admitted(store);
      } finally {
        await other.close();
      }
    });

    it('counts requests by class and in all, the hour and the day, and says how much is used until when', async () => {
      await store.setQuota('default', hourly('requests', 3));
      await store.setQuota({ client: 'ada' }, { class: 'all', metric: 'requests', period: 'day', limit: 5 });
      for (let n = 0; n < 3; n += 1) await admitted(store);
      const refusal = await refusalOf();
      expect(refusal).toMatchObject({ code: 'QUOTA_EXCEEDED', retryAfterMs: 50 * 60_000 });
      expect(refusal.message).toContain('3 of 3 requests');
      expect(refusal.hint).toContain('2026-11-21T07:00:00.000Z');
      await admitted(store, { kind: 'metadata' });
      await admitted(store, { kind: 'metadata' });
      const daily = await refusalOf({ kind: 'metadata' });
      expect(daily).toMatchObject({ retryAfterMs: 17 * HOUR + 50 * 60_000 });
      expect(daily.message).toContain('5 of 5 requests');
      // Both are used up: the longer wait is told.
      expect((await refusalOf()).retryAfterMs).toBe(daily.retryAfterMs);
      clock.advance(50 * 60_000);
      expect(await refusalOf()).toMatchObject({ code: 'QUOTA_EXCEEDED' });
      const report = await store.usage('ada');
      expect(await store.usageOf(['stranger', 'ada'])).toEqual([await store.usage('stranger'), report]);
      expect(report.quotas).toContainEqual(
        expect.objectContaining({ metric: 'requests', period: 'day', used: 5, limit: 5, from: 'client' }),
      );
      expect(report.used).toContainEqual(
        expect.objectContaining({ class: 'query', period: 'hour', requests: 0, seconds: 0 }),
      );
      expect(report.used).toContainEqual(expect.objectContaining({ class: 'query', period: 'day', requests: 3 }));
      clock.advance(17 * HOUR);
      await admitted(store);
    });

    it('takes nothing for a repeated key, a full queue, and a refusal of the other kind', async () => {
      await store.setRate({ client: 'ada' }, 'query', { count: 3, perMs: HOUR, burst: 3 });
      await store.setQuota({ client: 'ada' }, hourly('requests', 2));
      await admitted(store, { idempotencyKey: 'k' });
      await admitted(store, { idempotencyKey: 'k' });
      expect(quotaOf(await store.usage('ada'), 'requests').used).toBe(1);
      await admitted(store);
      expect(await refusalOf()).toMatchObject({ code: 'QUOTA_EXCEEDED' });
      expect((await store.usage('ada')).rates).toContainEqual(
        expect.objectContaining({ class: 'query', available: 1 }),
      );
      const small = await another({ bounds: { ...ROOMY, maxQueuedPerClient: 1 } });
      await small.admit(admission({ client: 'bob' }));
      expect(await small.admit(admission({ client: 'bob' }))).toMatchObject({ refusal: { code: 'QUEUE_FULL' } });
      expect((await small.usage('bob')).used).toContainEqual(expect.objectContaining({ requests: 1 }));
      await small.close();
    });

    it('counts what attempts use, also where no limit is set, retries and dead attempts among it', async () => {
      await admitted(store);
      const first = holdOf(await claimOne(store));
      const error = { code: 'CONNECTION_FAILED', message: 'x' } as const;
      await store.settle(first, {
        state: 'scheduled',
        runAt: clock.wall,
        error,
        usage: { executionMs: 1_500, rows: 4, bytes: 40 },
      });
      await claimOne(store, { leaseMs: 10_000 });
      clock.advance(20_000);
      expect(await store.sweep()).toMatchObject({ requeued: 1 });
      await run({ executionMs: 500, rows: 6, bytes: 60 });
      const used = { requests: 1, seconds: 22, rows: 10, bytes: 100 };
      expect((await store.usage('ada')).used).toEqual([
        { class: 'query', period: 'hour', ...used },
        { class: 'query', period: 'day', ...used },
      ]);
    });

    it('reserves what a job may use, caps it, and gives back what it did not use', async () => {
      await store.setQuota({ client: 'ada' }, hourly('seconds', 100));
      await store.setQuota({ client: 'ada' }, hourly('rows', 1_000, 'all'));
      await store.setQuota({ client: 'ada' }, { class: 'query', metric: 'bytes', period: 'day', limit: 5_000 });
      const payload = { sql: 'select 1', timeoutMs: 60_000, maxRows: 800, maxBytes: 9_000 };
      await admitted(store, { payload });
      const claimed = await claimOne(store);
      expect(claimed.caps).toEqual({ executionMs: 60_000, rows: 800, bytes: 5_000 });
      expect(quotaOf(await store.usage('ada'), 'seconds')).toMatchObject({ used: 0, reserved: 60 });
      expect(quotaOf(await store.usage('ada'), 'bytes')).toMatchObject({ used: 0, reserved: 5_000 });
      await store.settle(holdOf(claimed), {
        state: 'succeeded',
        result: RESULT,
        usage: { executionMs: 30_000, rows: 300, bytes: 100 },
      });
      expect(quotaOf(await store.usage('ada'), 'seconds')).toMatchObject({ used: 30, reserved: 0 });
      await admitted(store, { payload });
      expect((await claimOne(store)).caps).toEqual({ executionMs: 60_000, rows: 700, bytes: 4_900 });
    });

    it('lets a job wait for those that hold what is left, and starts it when one of them has settled', async () => {
      await store.setQuota({ client: 'ada' }, hourly('rows', 1_000));
      const payload = { maxRows: 600 };
      await admitted(store, { payload });
      await admitted(store, { payload });
      await admitted(store, { client: 'bob', payload });
      const started = await claim(store, { slots: 10 });
      expect(started.map(({ job }) => job.client).sort()).toEqual(['ada', 'bob']);
      expect(await claim(store, { slots: 10 })).toEqual([]);
      const hold = started.filter(({ job }) => job.client === 'ada').map(holdOf)[0];
      if (hold === undefined) throw new Error('ada has no job');
      await store.settle(hold, { state: 'succeeded', result: RESULT, usage: { executionMs: 1, rows: 10, bytes: 0 } });
      expect((await claimOne(store)).caps).toEqual({ rows: 600 });
    });

    it('gives back what a dead attempt had reserved, and what a released job had', async () => {
      await store.setQuota({ client: 'ada' }, hourly('rows', 1_000));
      await admitted(store);
      await store.release(holdOf(await claimOne(store)));
      expect(quotaOf(await store.usage('ada'), 'rows')).toMatchObject({ used: 0, reserved: 0 });
      await claimOne(store, { leaseMs: 1_000 });
      expect(quotaOf(await store.usage('ada'), 'rows')).toMatchObject({ used: 0, reserved: 1_000 });
      clock.advance(1_000);
      await store.sweep();
      expect(quotaOf(await store.usage('ada'), 'rows')).toMatchObject({ used: 0, reserved: 0 });
      expect((await claimOne(store)).caps).toEqual({ rows: 1_000 });
    });

    it('refuses requests once seconds, rows or bytes are used up, and ends what had been admitted before', async () => {
      await store.setQuota({ client: 'ada' }, hourly('rows', 100));
      await admitted(store);
      const late = await admitted(store);
      await run({ rows: 100 });
      expect(await refusalOf()).toMatchObject({ code: 'QUOTA_EXCEEDED', retryAfterMs: 50 * 60_000 });
      expect(await claim(store)).toEqual([]);
      expect(await store.find(late)).toMatchObject({ state: 'failed', error: { code: 'QUOTA_EXCEEDED' }, attempts: 0 });
      clock.advance(50 * 60_000);
      await admitted(store);
      expect((await claimOne(store)).caps).toEqual({ rows: 100 });
    });

    it('limits running jobs without refusing any', async () => {
      await store.setQuota('default', { class: 'all', metric: 'running', period: 'now', limit: 2 });
      for (let n = 0; n < 3; n += 1) await admitted(store);
      const [first] = await claim(store, { slots: 10 });
      expect(quotaOf(await store.usage('ada'), 'running')).toMatchObject({ used: 2, limit: 2 });
      expect(await claim(store, { slots: 10 })).toEqual([]);
      if (first === undefined) throw new Error('nothing was claimed');
      await store.settle(holdOf(first), SUCCESS);
      expect(await claim(store, { slots: 10 })).toHaveLength(1);
    });

    it('refuses a client that keeps too much, until its results go', async () => {
      await store.setQuota({ client: 'ada' }, { class: 'all', metric: 'stored_mb', period: 'now', limit: 1 });
      await admitted(store, { resultTtlMs: 60_000 });
      const claimed = await claimOne(store);
      const usage = { executionMs: 1, rows: 1, bytes: 1024 * 1024 };
      await store.settle(
        holdOf(claimed),
        { state: 'succeeded', result: { ...RESULT, pageCount: 1 }, usage },
        {
          page: 0,
          rows: [['x']],
        },
      );
      expect(quotaOf(await store.usage('ada'), 'stored_mb')).toMatchObject({ used: 1, limit: 1 });
      expect(await refusalOf()).toMatchObject({ code: 'QUOTA_EXCEEDED', retryAfterMs: 60_000 });
      await admitted(store, { client: 'bob' });
      // What is too much already can be looked at and deleted, and looking at it does not make it more.
      await admitted(store, { kind: 'memory', lane: 'memory' });
      const looked = await claimOne(store, { lanes: ['memory'] });
      const page = { page: 0, rows: [['x']] };
      await store.settle(holdOf(looked), { state: 'succeeded', result: { ...RESULT, pageCount: 1 }, usage }, page);
      expect((await store.usage('ada')).kept).toEqual({ results: 1024 * 1024, memories: 0 });
      clock.advance(60_000);
      await store.sweep();
      await admitted(store);
    });

    it('makes a smooth client wait instead: its jobs start as its bucket fills, and fair order goes on around it', async () => {
      await store.saveClient('ada', { smooth: true });
      await store.setRate({ client: 'ada' }, 'query', { count: 1, perMs: 1_000, burst: 1 });
      for (let n = 0; n < 3; n += 1) await admitted(store);
      await admitted(store, { client: 'bob' });
      expect((await claim(store, { slots: 10 })).map(({ job }) => job.client).sort()).toEqual(['ada', 'bob']);
      expect(await claim(store, { slots: 10 })).toEqual([]);
      expect(await store.nextWakeAt()).toBe(clock.wall + 1_000);
      clock.advance(1_000);
      await store.sweep();
      expect(await claim(store, { slots: 10 })).toHaveLength(1);
      expect(await claim(store, { slots: 10 })).toEqual([]);
      // A higher limit holds at once, not only when the parking time is over.
      await store.setRate({ client: 'ada' }, 'query', null);
      await store.sweep();
      expect(await claim(store, { slots: 10 })).toHaveLength(1);
      expect((await store.usage('ada')).used).toContainEqual(expect.objectContaining({ period: 'hour', requests: 3 }));
    });

    it('makes a smooth client wait for the next window, and counts each request once whatever happens to the job', async () => {
      await store.saveClient('ada', { smooth: true });
      await store.setQuota({ client: 'ada' }, hourly('requests', 1));
      await admitted(store);
      await admitted(store);
      const claimed = await claimOne(store);
      await store.release(holdOf(claimed));
      await run();
      expect(await claim(store)).toEqual([]);
      expect(await store.nextWakeAt()).toBe(clock.wall + 50 * 60_000);
      clock.advance(50 * 60_000);
      await store.sweep();
      await run();
      expect(quotaOf(await store.usage('ada'), 'requests').used).toBe(1);
    });

    it('counts without refusing where the flags are off', async () => {
      await store.setRate('default', 'query', { count: 1, perMs: HOUR, burst: 1 });
      await store.setQuota('default', hourly('requests', 1));
      await store.setQuota('default', hourly('rows', 5));
      const flags = { 'rate-limits': false, quotas: false };
      for (let n = 0; n < 3; n += 1) await admitted(store, { flags });
      expect((await claimOne(store)).caps).toBeUndefined();
      expect(quotaOf(await store.usage('ada'), 'requests').used).toBe(3);
      expect(await refusalOf()).toMatchObject({ code: 'QUOTA_EXCEEDED' });
      await admitted(store, { flags: { quotas: false }, client: 'bob' });
      expect(await refusalOf({ flags: { quotas: false }, client: 'bob' })).toMatchObject({ code: 'RATE_LIMITED' });
    });

    it('takes requests of work that is no job from the same limits', async () => {
      await store.setQuota('default', hourly('requests', 2, 'memory'));
      expect(await store.takeRequest('ada', 'memory')).toEqual({ taken: true });
      expect(await store.takeRequest('ada', 'memory')).toEqual({ taken: true });
      expect(await store.takeRequest('ada', 'memory')).toMatchObject({
        taken: false,
        refusal: { code: 'QUOTA_EXCEEDED' },
      });
      for (let n = 0; n < 5; n += 1) expect((await store.takeRequest('bob', 'sync')).taken).toBe(true);
      expect(await store.takeRequest('bob', 'sync')).toMatchObject({
        taken: false,
        refusal: { code: 'RATE_LIMITED', retryAfterMs: 720_000 },
      });
    });

    it('closes ended windows once, however often and by how many it is asked, and opens those of one client anew', async () => {
      await admitted(store);
      await admitted(store, { client: 'bob' });
      expect(await store.resetQuotas()).toEqual({ closed: 0, reset: 0 });
      clock.advance(50 * 60_000);
      const other = await another();
      const both = await Promise.all([store.resetQuotas(), other.resetQuotas()]);
      expect(both.map(({ closed }) => closed).sort()).toEqual([0, 2]);
      await other.close();
      const daily = (report: UsageReport) => report.used.find(({ period }) => period === 'day')?.requests;
      expect(daily(await store.usage('ada'))).toBe(1);
      expect(await store.resetQuotas({ client: 'ada' })).toEqual({ closed: 0, reset: 1 });
      expect(await store.resetQuotas({ client: 'ada' })).toEqual({ closed: 0, reset: 0 });
      expect(daily(await store.usage('ada'))).toBe(0);
      expect(daily(await store.usage('bob'))).toBe(1);
      clock.advance(48 * HOUR);
      await store.resetQuotas();
      expect((await store.usage('bob')).used).toEqual([]);
    });

    it('cuts days where the time zone does, and keeps to a window that another zone has opened', async () => {
      const inIndia = await another({ timeZone: 'Asia/Kolkata' });
      try {
        await inIndia.setQuota('default', { class: 'query', metric: 'requests', period: 'day', limit: 1 });
        await inIndia.admit(admission());
        const refused = await inIndia.admit(admission());
        // 18:30 UTC is midnight there.
        expect(refused).toMatchObject({ refusal: { retryAfterMs: 12 * HOUR + 20 * 60_000 } });
        expect(await refusalOf()).toMatchObject({ retryAfterMs: 12 * HOUR + 20 * 60_000 });
      } finally {
        await inIndia.close();
      }
    });

    it.each([
      ['a rate of 0', () => store.setRate('default', 'query', { ...MINUTELY, count: 0 })],
      ['half a request', () => store.setRate('default', 'query', { ...MINUTELY, count: 0.5 })],
      ['a burst of none', () => store.setRate('default', 'query', { ...MINUTELY, burst: 0 })],
      ['an unknown class', () => store.setRate('default', 'nothing' as 'query', MINUTELY)],
      ['a client without a name', () => store.setRate({ client: ' ' }, 'query', MINUTELY)],
      ['a negative quota', () => store.setQuota('default', hourly('rows', -1))],
      ['no number', () => store.setQuota('default', hourly('rows', Number.NaN))],
      ['half a row', () => store.setQuota('default', hourly('rows', 1.5))],
      ['running jobs by the hour', () => store.setQuota('default', hourly('running', 3, 'all'))],
      ['running jobs of a class', () => store.setQuota('default', { ...hourly('running', 3), period: 'now' })],
      ['rows at any time', () => store.setQuota('default', { ...hourly('rows', 3), period: 'now' })],
      ['an unknown metric', () => store.setQuota('default', hourly('credits' as 'rows', 3))],
      [
        'no running job at all',
        () => store.setQuota('default', { class: 'all', metric: 'running', period: 'now', limit: 0 }),
      ],
      ['a request of an unknown class', () => store.takeRequest('ada', 'nothing' as 'query')],
    ])('refuses to set %s', async (_, set) => {
      await expect(set()).rejects.toMatchObject({ data: { code: 'INVALID_ARGUMENT', hint: expect.any(String) } });
      expect(await store.limitSettings()).toEqual([]);
    });

    it('never lets random work exceed a quota, and counts exactly what was used', async () => {
      const limits = { rows: 500, requests: 12 };
      await store.setQuota('default', hourly('rows', limits.rows, 'all'));
      await store.setQuota('default', hourly('requests', limits.requests, 'all'));
      let clients = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.oneof(
              fc.record({ does: fc.constant('admit' as const), maxRows: fc.integer({ min: 1, max: 300 }) }),
              fc.record({ does: fc.constant('claim' as const), slots: fc.integer({ min: 1, max: 3 }) }),
              fc.record({ does: fc.constant('settle' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
            ),
            { minLength: 5, maxLength: 40 },
          ),
          async (steps) => {
            clients += 1;
            const client = `client-${clients}`;
            const running: { hold: ReturnType<typeof holdOf>; rows: number }[] = [];
            let requests = 0;
            let rows = 0;
            for (const step of steps) {
              if (step.does === 'admit') {
                const outcome = await store.admit(admission({ client, payload: { maxRows: step.maxRows } }));
                if (outcome.admitted) requests += 1;
                else expect(outcome.refusal.code).toBe('QUOTA_EXCEEDED');
              } else if (step.does === 'claim') {
                for (const claimed of await claim(store, { client, slots: step.slots }))
                  running.push({ hold: holdOf(claimed), rows: claimed.caps?.rows ?? Number.NaN });
              } else {
                const job = running.shift();
                if (job === undefined) continue;
                const used = Math.floor(job.rows * step.share);
                rows += used;
                const usage = { executionMs: 0, rows: used, bytes: 0 };
                await store.settle(job.hold, { state: 'succeeded', result: RESULT, usage });
              }
              const report = await store.usage(client);
              const held = running.reduce((sum, job) => sum + job.rows, 0);
              expect(quotaOf(report, 'rows')).toMatchObject({ used: rows, reserved: held });
              expect(quotaOf(report, 'requests').used).toBe(requests);
              expect(rows + held).toBeLessThanOrEqual(limits.rows);
              expect(requests).toBeLessThanOrEqual(limits.requests);
            }
          },
        ),
        { numRuns: 25 },
      );
    });
  });
}
