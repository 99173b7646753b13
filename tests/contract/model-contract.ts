import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FINAL_STATES, type JobState } from '../../src/store/job.js';
import type { JobHold } from '../../src/store/job-store.js';
import type { Store } from '../../src/store/store.js';
import { admission, FAILURE, LANE, type StoreFactory, SUCCESS, TestClock, USAGE } from './store-harness.js';

const LEASE_MS = 10_000;
const CAPS = { maxRunning: 4, maxQueued: 12, maxRunningPerClient: 3, maxQueuedPerClient: 8 };

interface ModelJob {
  readonly client: string;
  readonly maxAttempts: number;
  state: JobState;
  attempts: number;
  fence: number;
  leaseUntil: number;
  runAt: number;
  cancelRequested: boolean;
}

interface World {
  readonly store: Store;
  readonly clock: TestClock;
  readonly jobs: Map<string, ModelJob>;
  /** Every hold ever given, with the good ones among them. */
  readonly holds: JobHold[];
  lastFence: number;
}

const countOf = (world: World, passes: (job: ModelJob) => boolean) => [...world.jobs.values()].filter(passes).length;
const isWaiting = (job: ModelJob) => job.state === 'queued' || job.state === 'scheduled';

const admit = (client: string, delayMs: number, maxAttempts: number) => async (world: World) => {
  const { store, clock, jobs } = world;
  const runAt = clock.wall + delayMs;
  const asked = admission({ client, maxAttempts, runAt });
  const full =
    countOf(world, isWaiting) >= CAPS.maxQueued ||
    countOf(world, (job) => isWaiting(job) && job.client === client) >= CAPS.maxQueuedPerClient;
  expect((await store.admit(asked)).admitted).toBe(!full);
  if (full) return;
  const state = delayMs > 0 ? 'scheduled' : 'queued';
  jobs.set(asked.id, {
    client,
    maxAttempts,
    state,
    attempts: 0,
    fence: 0,
    leaseUntil: 0,
    runAt,
    cancelRequested: false,
  });
};

const makeDue = ({ clock, jobs }: World) => {
  for (const job of jobs.values()) if (job.state === 'scheduled' && job.runAt <= clock.wall) job.state = 'queued';
};

const claim = (slots: number) => async (world: World) => {
  const { store, clock, jobs, holds } = world;
  makeDue(world);
  const running = countOf(world, (job) => job.state === 'running');
  const perClient = new Map<string, { queued: number; running: number }>();
  for (const job of jobs.values()) {
    const counts = perClient.get(job.client) ?? { queued: 0, running: 0 };
    if (job.state === 'queued') counts.queued += 1;
    if (job.state === 'running') counts.running += 1;
    perClient.set(job.client, counts);
  }
  let possible = 0;
  for (const counts of perClient.values())
    possible += Math.min(counts.queued, CAPS.maxRunningPerClient - counts.running);
  const expected = Math.max(0, Math.min(slots, possible, CAPS.maxRunning - running));
  const claimed = await store.claim({ worker: 'w', lanes: [LANE], slots, leaseMs: LEASE_MS });
  expect(claimed).toHaveLength(expected);
  for (const { job, attempt, fence } of claimed) {
    const model = jobs.get(job.id);
    expect(model?.state).toBe('queued');
    if (model === undefined) continue;
    model.state = 'running';
    model.attempts += 1;
    model.fence = fence;
    model.leaseUntil = clock.monotonic + LEASE_MS;
    expect(attempt).toBe(model.attempts);
    expect(fence).toBeGreaterThan(world.lastFence);
    world.lastFence = fence;
    holds.push({ id: job.id, attempt, fence });
  }
};

function pick(world: World, which: number): { hold: JobHold; job: ModelJob; good: boolean } | undefined {
  const hold = world.holds[which % Math.max(1, world.holds.length)];
  const job = hold && world.jobs.get(hold.id);
  if (hold === undefined || job === undefined) return undefined;
  return { hold, job, good: job.state === 'running' && job.fence === hold.fence };
}

const settle = (which: number, how: 'succeeded' | 'failed' | 'scheduled') => async (world: World) => {
  const picked = pick(world, which);
  if (picked === undefined) return;
  const { hold, job, good } = picked;
  const runAt = world.clock.wall + 1_000;
  const settlement =
    how === 'succeeded'
      ? SUCCESS
      : how === 'failed'
        ? ({ state: 'failed', error: FAILURE, usage: USAGE } as const)
        : ({ state: 'scheduled', runAt, error: FAILURE, usage: USAGE } as const);
  const outcome = await world.store.settle(hold, settlement);
  expect(outcome.settled).toBe(good);
  if (!good) return;
  if (how !== 'scheduled') job.state = how;
  else if (job.cancelRequested) job.state = 'cancelled';
  else if (job.attempts >= job.maxAttempts) job.state = 'failed';
  else {
    job.state = 'scheduled';
    job.runAt = runAt;
  }
};

const heartbeat = (which: number) => async (world: World) => {
  const picked = pick(world, which);
  if (picked === undefined) return;
  const { hold, job, good } = picked;
  const [reply] = await world.store.heartbeat('w', LEASE_MS, [hold]);
  expect(reply?.verdict).toBe(good ? 'held' : 'lost');
  if (good) job.leaseUntil = world.clock.monotonic + LEASE_MS;
};

const release = (which: number) => async (world: World) => {
  const picked = pick(world, which);
  if (picked === undefined) return;
  const { hold, job, good } = picked;
  expect(await world.store.release(hold)).toBe(good ? 'held' : 'lost');
  if (!good) return;
  if (job.cancelRequested) job.state = 'cancelled';
  else {
    job.state = 'queued';
    job.attempts -= 1;
  }
};

const cancel = (which: number) => async (world: World) => {
  const [id, job] = [...world.jobs][which % Math.max(1, world.jobs.size)] ?? [];
  if (id === undefined || job === undefined) return;
  const { outcome } = await world.store.cancel(id, 'x');
  if (FINAL_STATES.has(job.state)) expect(outcome).toBe('already-final');
  else if (job.state === 'running') {
    expect(outcome).toBe('requested');
    job.cancelRequested = true;
  } else {
    expect(outcome).toBe('cancelled');
    job.state = 'cancelled';
  }
};

const sweepAfter = (ms: number) => async (world: World) => {
  const { clock, jobs, store } = world;
  clock.advance(ms);
  await store.sweep();
  for (const job of jobs.values()) {
    if (job.state !== 'running' || job.leaseUntil > clock.monotonic) continue;
    job.state = job.cancelRequested ? 'cancelled' : job.attempts < job.maxAttempts ? 'queued' : 'failed';
  }
  makeDue(world);
};

const which = fc.nat(30);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom('ada', 'bob', 'eve'), fc.constantFrom(0, 0, 0, 2_000), fc.integer({ min: 1, max: 3 }))
      .map(([client, delayMs, max]) => admit(client, delayMs, max)),
  },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }).map(claim) },
  {
    weight: 4,
    arbitrary: fc.tuple(which, fc.constantFrom('succeeded', 'failed', 'scheduled')).map(([n, how]) => settle(n, how)),
  },
  { weight: 1, arbitrary: which.map(heartbeat) },
  { weight: 1, arbitrary: which.map(release) },
  { weight: 2, arbitrary: which.map(cancel) },
  { weight: 2, arbitrary: fc.constantFrom(500, 3_000, 10_000).map(sweepAfter) },
);

/** Random histories against a model that has no queue, no transaction and no index: just what each job's state must be. */
export function modelContract(makePlace: StoreFactory): void {
  describe('random histories', () => {
    it('end as the model says, and the counts agree with the jobs', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
          const place = await makePlace();
          const clock = new TestClock();
          const options = { now: () => clock.wall, monotonicNow: () => clock.monotonic, bounds: CAPS };
          const store = await place.open({ ...options, synchronous: 'NORMAL' });
          try {
            const world: World = { store, clock, jobs: new Map(), holds: [], lastFence: 0 };
            for (const run of steps) await run(world);
            const { jobs } = await store.list({ limit: 1_000 });
            const actual = Object.fromEntries(jobs.map((job) => [job.id, [job.state, job.attempts]]));
            const expected = Object.fromEntries([...world.jobs].map(([id, job]) => [id, [job.state, job.attempts]]));
            expect(actual).toEqual(expected);
            const { states } = await store.stats();
            for (const [state, count] of Object.entries(states))
              expect(count, state).toBe(countOf(world, (job) => job.state === state));
            const ended = countOf(world, (job) => FINAL_STATES.has(job.state));
            expect((await store.settledSince(0, 1_000)).ids).toHaveLength(ended);
          } finally {
            await store.close();
            await place.remove();
          }
        }),
        { numRuns: 40 },
      );
    });
  });
}
