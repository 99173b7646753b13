import { describe, expect, it } from 'vitest';
import type { ErrorData } from '../../src/errors/snow-error.js';
import type { Settlement } from '../../src/store/job-store.js';
import type { Store } from '../../src/store/store.js';
import {
  admission,
  admitted,
  claim,
  claimOne,
  holdOf,
  LANE,
  type OpenedStore,
  ROOMY,
  type StoreFactory,
  SUCCESS,
  storeForEachTest,
  type TestClock,
  USAGE,
} from './store-harness.js';

const UNREACHED = { profile: 'local', reached: false };
const REACHED = { profile: 'local', reached: true };
const LOST: ErrorData = { code: 'CONNECTION_FAILED', message: 'nobody listens' };
const QUICK = { ...USAGE, executionMs: 5 };

/** The breaker of a connection profile, as all processes share it. */
export function breakerContract(makePlace: StoreFactory): void {
  describe('breakers', () => {
    let clock: TestClock;
    let store: Store;
    let another: OpenedStore['another'];
    const options = { bootId: 'boot', bounds: { ...ROOMY, maxRunning: 20 }, breaker: { jitter: 0 } };
    storeForEachTest(makePlace, options, (opened) => {
      ({ clock, store, another } = opened);
    });

    async function attempts(count: number, settlement: Settlement): Promise<void> {
      for (let n = 0; n < count; n += 1) {
        await admitted(store, { maxAttempts: 1 });
        await store.settle(holdOf(await claimOne(store)), settlement);
      }
    }
    const fail = (count: number) =>
      attempts(count, { state: 'failed', error: LOST, usage: QUICK, connection: UNREACHED });
    const succeed = (count: number) => attempts(count, { ...SUCCESS, usage: QUICK, connection: REACHED });

    async function open(): Promise<void> {
      await fail(10);
      const known = await store.breakers();
      expect(known[0]).toMatchObject({ profile: 'local', state: 'open', mode: 'offline' });
    }

    async function probe(reached: boolean, holder = 'prober'): Promise<void> {
      expect(await store.takeProbe('local', holder)).toBe(true);
      await store.endProbe('local', holder, reached);
    }

    async function close(): Promise<void> {
      clock.advance(500);
      await probe(true);
      await probe(true);
      const known = await store.breakers();
      expect(known[0]).toMatchObject({ profile: 'local', state: 'closed', mode: 'normal' });
    }

    it('opens at the failures of all processes together', async () => {
      const other = await another();
      await succeed(9);
      await fail(8);
      expect(await store.breakers()).toMatchObject([{ state: 'closed', attempts: 17, failed: 8, mode: 'normal' }]);
      await admitted(other, { maxAttempts: 1 });
      const hold = holdOf(await claimOne(other));
      await other.settle(hold, { state: 'failed', error: LOST, usage: QUICK, connection: UNREACHED });
      expect(await store.breakers()).toMatchObject([
        { state: 'open', reason: expect.stringContaining('9 of the last 18') },
      ]);
      await other.close();
    });

    it('counts what says something about the connection only', async () => {
      await attempts(20, { state: 'failed', error: LOST, usage: QUICK });
      await attempts(20, {
        state: 'failed',
        error: { code: 'SNOWFLAKE_ERROR', message: 'no such table' },
        usage: QUICK,
        connection: REACHED,
      });
      expect(await store.breakers()).toMatchObject([{ state: 'closed', attempts: 20, failed: 0 }]);
    });

    it('refuses at admission, with the time to come back and the mode, and tells the audit', async () => {
      await open();
      const outcome = await store.admit(admission());
      expect(outcome).toMatchObject({
        admitted: false,
        refusal: {
          code: 'CIRCUIT_OPEN',
          retryAfterMs: 750,
          mode: 'offline',
          message: expect.stringContaining('"local"'),
        },
      });
      const { entries } = await store.audit({ limit: 20 });
      const told = entries.map(({ tool, code, reason }) => code ?? `${tool} ${reason}`);
      expect(told.filter((entry) => entry !== 'CONNECTION_FAILED')).toEqual([
        'CIRCUIT_OPEN',
        'degradation local: offline (it cannot be reached)',
        'breaker local: open, 10 of the last 10 attempts did not reach the warehouse',
      ]);
      expect(await store.admit(admission({ lane: 'other:sql' }))).toMatchObject({ admitted: true });
      expect(await store.admit(admission({ lane: 'local:memory' }))).toMatchObject({ admitted: true });
      expect(await store.admit(admission({ runAt: clock.wall + 60_000 }))).toMatchObject({ admitted: true });
    });

    it('gives a job that was there already also while it is open', async () => {
      const id = await admitted(store, { idempotencyKey: 'k', lane: 'local:sql', runAt: clock.wall + 1_000 });
      await open();
      expect(await store.admit(admission({ idempotencyKey: 'k' }))).toMatchObject({ admitted: true, job: { id } });
    });

    it('keeps what was admitted in the queue, and the jobs of other connections going', async () => {
      await admitted(store, { client: 'other', lane: 'other:sql' });
      const waiting = await admitted(store, { client: 'patient', runAt: clock.wall + 10 });
      await open();
      clock.advance(100);
      await store.sweep();
      const lanes = [LANE, `${LANE}:pin:w`, 'other:sql'];
      expect((await claim(store, { lanes, slots: 10 })).map(({ job }) => job.lane)).toEqual(['other:sql']);
      expect(await store.find(waiting)).toMatchObject({ state: 'queued' });
      expect(await store.position(waiting)).toMatchObject({ waitsFor: 'connection' });
      await close();
      expect((await claimOne(store, { lanes })).job.id).toBe(waiting);
    });

    it('lets a job that waited too long for the connection expire with that reason', async () => {
      const id = await admitted(store, { client: 'patient', attach: { waiter: 'w', leaseMs: 900_000 } });
      await store.setBreaker('local', 'open', { by: 'ada' });
      clock.advance(300_001);
      expect(await store.sweep()).toMatchObject({ expired: 1 });
      expect(await store.find(id)).toMatchObject({
        state: 'expired',
        error: { code: 'QUEUE_TIMEOUT', message: expect.stringContaining('could not be reached') },
      });
    });

    it('lets one probe out at a time, whoever asks, and gives up one that is not heard of', async () => {
      const other = await another();
      await open();
      expect(await store.takeProbe('local', 'a')).toBe(false);
      clock.advance(500);
      const taken = await Promise.all([store.takeProbe('local', 'a'), other.takeProbe('local', 'b')]);
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await store.breakers()).toMatchObject([{ state: 'half-open', probing: true, mode: 'offline' }]);
      expect(await store.admit(admission())).toMatchObject({ admitted: false, refusal: { code: 'CIRCUIT_OPEN' } });
      clock.advance(15_000);
      expect(await other.takeProbe('local', 'c')).toBe(true);
      await store.endProbe('local', 'a', true);
      await store.endProbe('local', 'b', true);
      expect(await store.breakers()).toMatchObject([{ state: 'half-open', probing: true }]);
      expect(await store.takeProbe('nowhere', 'a')).toBe(false);
      await other.close();
    });

    it('opens again at a failed probe, for longer the longer the outage', async () => {
      await open();
      const opened = clock.monotonic;
      let last = 0;
      for (const seconds of [1, 30, 300, 3_000]) {
        clock.monotonic = opened + seconds * 1_000;
        await probe(false);
        const [{ probeInMs = 0 } = {}] = await store.breakers();
        expect(probeInMs).toBeGreaterThan(last);
        last = probeInMs;
      }
      expect(last).toBe(30_000);
    });

    it('closes after its probes, and lets the running jobs grow from one to all', async () => {
      await open();
      await close();
      for (let n = 0; n < 30; n += 1) await admitted(store, { client: `c${n}` });
      expect(await claim(store, { slots: 30 })).toHaveLength(1);
      expect(await claim(store, { slots: 30 })).toHaveLength(0);
      clock.advance(500);
      expect(await claim(store, { slots: 30 })).toHaveLength(9);
      clock.advance(500);
      expect(await claim(store, { slots: 30 })).toHaveLength(10);
      const { entries } = await store.audit({ limit: 100 });
      expect(entries.map(({ reason }) => reason)).toContain('local: closed, reached again after 0.5 s');
    });

    it('does not take the failures of attempts that began before it closed for new ones', async () => {
      const holds = [];
      for (let n = 0; n < 15; n += 1) {
        await admitted(store, { client: 'slow', maxAttempts: 1 });
        holds.push(holdOf(await claimOne(store)));
      }
      await store.setBreaker('local', 'closed', { by: 'ada' });
      clock.advance(1_000);
      const late = {
        state: 'failed',
        error: LOST,
        usage: { ...USAGE, executionMs: 5_000 },
        connection: UNREACHED,
      } as const;
      for (const hold of holds) await store.settle(hold, late);
      expect(await store.breakers()).toMatchObject([{ state: 'closed', attempts: 0 }]);
    });

    it('brings forward the retries that waited for the connection', async () => {
      const failing = async (error: ErrorData): Promise<string> => {
        const id = await admitted(store, { client: 'retrying' });
        const runAt = clock.wall + 60_000;
        await store.settle(holdOf(await claimOne(store)), { state: 'scheduled', runAt, error, usage: QUICK });
        return id;
      };
      const lost = await failing(LOST);
      const told = await failing({ ...LOST, retryAfterMs: 60_000 });
      await open();
      await close();
      clock.advance(2_000);
      await store.sweep();
      expect((await store.find(lost))?.state).toBe('queued');
      expect((await store.find(told))?.state).toBe('scheduled');
    });

    it('is not moved by a wall clock that jumps', async () => {
      await open();
      clock.wall += 86_400_000;
      expect(await store.breakers()).toMatchObject([{ state: 'open', probeInMs: 500 }]);
      clock.wall -= 2 * 86_400_000;
      expect(await store.breakers()).toMatchObject([{ state: 'open', probeInMs: 500 }]);
      await close();
    });

    it('outlives processes, and after a reboot is probed at once', async () => {
      await open();
      await store.close();
      store = await another();
      expect(await store.breakers()).toMatchObject([{ state: 'open', probeInMs: 500 }]);
      const rebooted = await another({ bootId: 'next', monotonicNow: () => 1_000 });
      expect(await rebooted.breakers()).toMatchObject([{ state: 'open', probeInMs: 0 }]);
      expect(await rebooted.admit(admission())).toMatchObject({ admitted: false });
      expect(await rebooted.takeProbe('local', 'a')).toBe(true);
      await rebooted.close();
    });

    it('is held open and closed by hand', async () => {
      expect(await store.setBreaker('local', 'open', { by: 'ada', reason: 'maintenance' })).toMatchObject({
        state: 'open',
        held: true,
        changedBy: 'ada',
        reason: 'maintenance',
      });
      clock.advance(3_600_000);
      expect(await store.takeProbe('local', 'a')).toBe(false);
      const { admitted: passed, ...rest } = await store.admit(admission());
      expect(passed).toBe(false);
      expect(rest).toMatchObject({
        refusal: { code: 'CIRCUIT_OPEN', message: expect.stringContaining('maintenance') },
      });

      await store.setBreaker('local', 'closed', { by: 'ada', hold: true });
      clock.advance(2_000);
      await fail(50);
      expect(await store.breakers()).toMatchObject([{ state: 'closed', held: true, attempts: 50, failed: 50 }]);
      await store.setBreaker('local', 'closed', { by: 'ada' });
      clock.advance(2_000);
      await open();
      const { entries } = await store.audit({ client: 'ada', limit: 100 });
      expect(entries.flatMap(({ tool, reason }) => (tool === 'breaker' ? [reason] : []))).toEqual([
        'local: closed',
        'local: held closed',
        'local: held open, maintenance',
      ]);
    });

    it('does nothing while the flag is off', async () => {
      await open();
      const waiting = await store.admit(admission());
      expect(waiting.admitted).toBe(false);
      await store.setFlag('circuit-breaker', 'all', false, 'ada');
      await fail(30);
      expect(await store.breakers()).toEqual([]);
      expect(await store.takeProbe('local', 'a')).toBe(false);
      await expect(store.setBreaker('local', 'open', { by: 'ada' })).rejects.toMatchObject({
        data: { code: 'INVALID_ARGUMENT' },
      });
      await store.setFlag('circuit-breaker', 'all', true, 'ada');
      expect(await store.admit(admission())).toMatchObject({ admitted: false });
      await close();
    });
  });

  describe('degradation', () => {
    let clock: TestClock;
    let store: Store;
    const bounds = { maxRunning: 20, maxQueued: 20, maxRunningPerClient: 10, maxQueuedPerClient: 20 };
    storeForEachTest(makePlace, { bootId: 'boot', bounds }, (opened) => {
      ({ clock, store } = opened);
    });

    const refusalOf = async (change: Parameters<typeof admission>[0]) => {
      const outcome = await store.admit(admission(change));
      return outcome.admitted ? undefined : outcome.refusal;
    };

    /** Two looks, further apart than a rise takes. */
    async function look(): Promise<string | undefined> {
      for (let n = 0; n < 2; n += 1) {
        await store.admit(
          admission({ client: 'looker', runAt: clock.wall + 86_400_000, idempotencyKey: `${n}${clock.wall}` }),
        );
        clock.advance(2_500);
      }
      const [record] = await store.breakers();
      return record?.mode;
    }

    it('conserves while the queue is nearly full: no low priority, and less room for each client', async () => {
      for (let n = 0; n < 18; n += 1) await admitted(store, { client: 'flood' });
      expect(await look()).toBe('conserving');
      expect(await refusalOf({ client: 'calm', priority: 'low' })).toMatchObject({
        code: 'DEGRADED',
        mode: 'conserving',
        retryAfterMs: expect.any(Number),
      });
      expect(await refusalOf({ client: 'flood' })).toMatchObject({ code: 'QUEUE_FULL' });
      await claim(store, { slots: 10 });
      expect(await refusalOf({ client: 'calm' })).toBeUndefined();
    });

    it('takes high priority only while clients next in line wait too long, and recovers', async () => {
      await admitted(store, { client: 'hungry', attach: { waiter: 'w', leaseMs: 600_000 } });
      clock.advance(40_000);
      expect(await look()).toBe('critical');
      expect(await refusalOf({})).toMatchObject({ code: 'DEGRADED', mode: 'critical' });
      expect(await refusalOf({ priority: 'high' })).toBeUndefined();
      await claim(store, { slots: 10 });
      clock.advance(5_000);
      expect(await look()).toBe('normal');
      const { entries } = await store.audit({ limit: 100 });
      const changes = entries.flatMap(({ tool, reason }) => (tool === 'degradation' ? [reason?.split(' (')[0]] : []));
      expect(changes).toEqual(['local: normal', 'local: critical']);
    });

    it('does not mind how long the jobs of a client that is being served have been there', async () => {
      for (let n = 0; n < 12; n += 1)
        await admitted(store, { client: 'flood', attach: { waiter: 'w', leaseMs: 600_000 } });
      await claim(store, { slots: 1 });
      clock.advance(120_000);
      expect(await look()).toBe('normal');
    });

    it('judges nobody while the flag is off', async () => {
      for (let n = 0; n < 18; n += 1) await admitted(store, { client: 'flood' });
      expect(await look()).toBe('conserving');
      await claim(store, { slots: 1 });
      expect(await refusalOf({ client: 'calm', priority: 'low' })).toMatchObject({ code: 'DEGRADED' });
      await store.setFlag('circuit-breaker', 'all', false, 'ada');
      expect(await refusalOf({ client: 'calm', priority: 'low' })).toBeUndefined();
    });
  });
}
