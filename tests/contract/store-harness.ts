import { afterEach, beforeEach } from 'vitest';
import type { ErrorData } from '../../src/errors/snow-error.js';
import type { JobUsage, ResultSummary } from '../../src/store/job.js';
import { newJobId } from '../../src/store/job-id.js';
import type {
  Admission,
  AdmitOutcome,
  ClaimedJob,
  ClaimRequest,
  JobHold,
  Settlement,
} from '../../src/store/job-store.js';
import type { Store, StoreOptions } from '../../src/store/store.js';

/** Clocks that only tests move. */
export class TestClock {
  wall = 1_800_000_000_000;
  monotonic = 5_000_000;

  advance(ms: number): void {
    this.wall += ms;
    this.monotonic += ms;
  }
}

export type EngineOptions = Omit<StoreOptions, 'path'>;

/** One place where stores meet: every `open` is another process's view of the same data. */
export interface StorePlace {
  open(options?: EngineOptions): Promise<Store>;
  remove(): Promise<void>;
}

export type StoreFactory = () => Promise<StorePlace>;

export interface OpenedStore {
  readonly clock: TestClock;
  readonly store: Store;
  /** Another process's view of the same data, by the same clock and settings but for `change`. */
  another(change?: EngineOptions): Promise<Store>;
}

/** Hands each test of the suite a store of its own; it and all others that were opened beside it are closed after the test. */
export function storeForEachTest(
  makePlace: StoreFactory,
  { startAt, ...options }: EngineOptions & { /** Ms since the epoch. */ readonly startAt?: number },
  begin: (opened: OpenedStore) => void,
): void {
  const stores: Store[] = [];
  let place: StorePlace;

  beforeEach(async () => {
    place = await makePlace();
    const clock = new TestClock();
    clock.wall = startAt ?? clock.wall;
    const another = async (change: EngineOptions = {}) => {
      const store = await place.open({
        now: () => clock.wall,
        monotonicNow: () => clock.monotonic,
        ...options,
        ...change,
      });
      stores.push(store);
      return store;
    };
    begin({ clock, store: await another(), another });
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    await place.remove();
  });
}

export const LANE = 'local:sql';

export const USAGE: JobUsage = { executionMs: 1_000, rows: 1, bytes: 10 };

export const RESULT: ResultSummary = { columns: [], rowCount: 0, pageCount: 0, truncated: false };

export const SUCCESS: Settlement = { state: 'succeeded', result: RESULT, usage: USAGE };

export const FAILURE: ErrorData = { code: 'SNOWFLAKE_ERROR', message: 'no such table', number: '002003' };

export function admission(change: Partial<Admission> = {}): Admission {
  return {
    id: newJobId(),
    client: 'ada',
    kind: 'query',
    lane: LANE,
    priority: 'normal',
    payload: { sql: 'select 1' },
    context: { database: 'DB' },
    write: false,
    maxAttempts: 3,
    queueTimeoutMs: 300_000,
    flags: { 'fair-queue': true },
    estimateS: 1,
    resultTtlMs: 3_600_000,
    ...change,
  };
}

export async function admitted(store: Store, change: Partial<Admission> = {}): Promise<string> {
  const outcome = await store.admit(admission(change));
  return idOf(outcome);
}

export function idOf(outcome: AdmitOutcome): string {
  if (!outcome.admitted) throw new Error(`refused: ${outcome.refusal.message}`);
  return outcome.job.id;
}

export function claim(store: Store, change: Partial<ClaimRequest> = {}): Promise<readonly ClaimedJob[]> {
  return store.claim({ worker: 'worker-1', lanes: [LANE], slots: 1, leaseMs: 10_000, ...change });
}

export async function claimOne(store: Store, change: Partial<ClaimRequest> = {}): Promise<ClaimedJob> {
  const [claimed] = await claim(store, { slots: 1, ...change });
  if (claimed === undefined) throw new Error('nothing to claim');
  return claimed;
}

export function holdOf(claimed: ClaimedJob): JobHold {
  return { id: claimed.job.id, attempt: claimed.attempt, fence: claimed.fence };
}

export const ROOMY = { maxRunning: 1_000, maxQueued: 100_000, maxRunningPerClient: 1_000, maxQueuedPerClient: 100_000 };
