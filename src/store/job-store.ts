import type { ErrorData } from '../errors/snow-error.js';
import type { AuditedCall } from './audit-store.js';
import type {
  JobKind,
  JobProgress,
  JobRecord,
  JobState,
  JobUsage,
  Json,
  Priority,
  ResultSummary,
  WarehouseContext,
} from './job.js';
import type { Service } from './lane.js';
import type { JobCaps } from './usage-store.js';

/**
 * Bounds that admission and claim keep over all processes, for each of warehouse, memory and code by itself: what fills one
 * keeps nothing of the others out. The defaults are those of seed 000.
 */
export interface QueueBounds {
  /** Running jobs in all (20). */
  readonly maxRunning: number;
  /** Queued jobs in all (100). */
  readonly maxQueued: number;
  /** Running jobs per client (10). */
  readonly maxRunningPerClient: number;
  /** Queued jobs per client (100). */
  readonly maxQueuedPerClient: number;
}

export interface Admission {
  /** Minted by the caller (UUID v7, so that ids sort by time). */
  readonly id: string;
  readonly client: string;
  readonly kind: JobKind;
  /** `<connection profile>:<class of kind>`, e.g. `local:sql`: what a worker must be able to do for it. */
  readonly lane: string;
  readonly priority: Priority;
  readonly payload: Json;
  readonly session?: string;
  readonly context: WarehouseContext;
  /** Its outcome is asked for by request id before it is run again. */
  readonly write: boolean;
  /** How often it may be started, the first time included (1 or more). */
  readonly maxAttempts: number;
  /** Start no earlier than this (ms since the epoch); in the future the job is `scheduled`. */
  readonly runAt?: number;
  /** An attached job is cancelled when its waiter's lease runs out; absent means detached from the start. */
  readonly attach?: { readonly waiter: string; readonly leaseMs: number };
  /** Attached jobs that could run for this long and were not claimed become `expired`. */
  readonly queueTimeoutMs: number;
  /** The same key of the same client gives the first job again, whatever state it is in. */
  readonly idempotencyKey?: string;
  readonly flags: Readonly<Record<string, boolean>>;
  /** Seconds of execution it is taken to cost until jobs of its client or lane have told better. */
  readonly estimateS: number;
  /** Free text of the caller, for the audit. */
  readonly reason?: string;
  /** For the audit; without it the kind stands in for the tool. */
  readonly call?: AuditedCall;
  /** How long the result is kept after the end, in ms. */
  readonly resultTtlMs: number;
}

export type AdmitOutcome =
  | {
      readonly admitted: true;
      readonly job: JobRecord /** The key was known: nothing new was queued. */;
      readonly repeated: boolean;
    }
  | { readonly admitted: false; readonly refusal: ErrorData };

export interface ClaimRequest {
  readonly worker: string;
  readonly lanes: readonly string[];
  /** At most this many jobs. */
  readonly slots: number;
  /** Only this client's jobs (workers inside `serve --stdio`). */
  readonly client?: string;
  /** How long the jobs stay with a worker that is not heard of any more, in ms. */
  readonly leaseMs: number;
}

/** A job in the hands of a worker. `attempt` and `fence` name the lease: every later word about the job carries both. */
export interface ClaimedJob {
  readonly job: JobRecord;
  readonly attempt: number;
  /** Fencing token: grows with every claim of any job. */
  readonly fence: number;
  /**
   * Set when an earlier attempt was dispatched and never settled (its worker died). A write must ask for this request
   * id instead of running again.
   */
  readonly takeover?: { readonly requestId: string; readonly dispatchedAt: number };
  /** What its client's quotas leave it; it may use no more. */
  readonly caps?: JobCaps;
}

export interface JobHold {
  readonly id: string;
  readonly attempt: number;
  readonly fence: number;
}

export type HoldVerdict = 'held' | 'lost';

export interface HeartbeatReply extends JobHold {
  readonly verdict: HoldVerdict;
  /** Present when somebody asked for the job to be cancelled: why. */
  readonly cancelRequested?: string;
}

/** Whether an attempt reached the warehouse over its connection; what is no fault of the connection reached it. */
export interface ConnectionOutcome {
  readonly profile: string;
  readonly reached: boolean;
}

/** `connection`: for the breaker; absent where the attempt says nothing about it. */
export type Settlement = { readonly connection?: ConnectionOutcome } & (
  | { readonly state: 'succeeded'; readonly result: ResultSummary; readonly usage: JobUsage }
  | {
      readonly state: 'failed' | 'cancelled';
      readonly error: ErrorData;
      readonly usage: JobUsage;
      /** The warehouse said how the statement ended, or it never left: without it, a write that was sent is not ended. */
      readonly outcomeKnown?: boolean;
    }
  /** Try again at `runAt`; when attempts are used up the store makes it `failed` with `error`. */
  | { readonly state: 'scheduled'; readonly runAt: number; readonly error: ErrorData; readonly usage: JobUsage }
  /** It could not begin and waits for something else until `runAt`: no attempt is counted. */
  | { readonly state: 'scheduled'; readonly runAt: number; readonly uncounted: true; readonly usage: JobUsage }
);

/** The end of a result that is not worth a transaction of its own. */
export interface LastPage {
  readonly page: number;
  readonly rows: readonly (readonly Json[])[];
}

/** `lost`: the lease belongs to someone else or the job has ended; nothing was changed. */
export type SettleOutcome =
  | { readonly settled: true; readonly state: JobState }
  | { readonly settled: false; readonly reason: 'lost' };

export type CancelOutcome =
  /** It had not started: it has ended as `cancelled`. */
  | { readonly outcome: 'cancelled' }
  /** It runs: its worker will read the request at the next heartbeat (the bell is rung, so at once). */
  | { readonly outcome: 'requested' }
  | { readonly outcome: 'already-final'; readonly state: JobState }
  | { readonly outcome: 'not-found' };

export interface JobFilter {
  readonly client?: string;
  readonly states?: readonly JobState[];
  readonly kinds?: readonly JobKind[];
  readonly session?: string;
  /** Made since then (ms since the epoch). */
  readonly since?: number;
  /** At most this many (1 to 1,000). Newest first. */
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

export interface JobPage {
  readonly jobs: readonly JobRecord[];
  readonly nextCursor?: string;
}

export interface QueuePosition {
  /** Jobs that fair order would start before this one; 0 means next. */
  readonly ahead: number;
  readonly running: number;
  /** From the mean execution time of what ended lately; absent when nothing has. */
  readonly estimatedWaitMs?: number;
  /** Its connection's breaker is not closed (or has closed this moment): it keeps its place and starts when it may. */
  readonly waitsFor?: 'connection';
}

export interface SweepReport {
  /** Leases that ran out: jobs put back to `queued`. */
  readonly requeued: number;
  /** Leases that ran out on the last attempt: jobs ended as `failed`. */
  readonly abandoned: number;
  /** `scheduled` jobs whose time has come. */
  readonly due: number;
  readonly expired: number;
  /** Attached jobs whose waiter is gone: cancelled, or asked to be. */
  readonly orphaned: number;
  readonly resultsDeleted: number;
  readonly jobsDeleted: number;
  readonly workersForgotten: number;
  /** Entries of the audit older than its retention. */
  readonly auditDeleted: number;
  /** Sessions that nobody used for too long. */
  readonly sessionsEnded: number;
  /** Past their time, or of removed namespaces. */
  readonly memoriesDeleted: number;
}

export interface ClientLoad {
  readonly queued: number;
  readonly active: number;
  readonly total: number;
  readonly scheduled: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly expired: number;
  /** Of jobs claimed within the last hour. */
  readonly wait_p50_ms?: number;
  readonly wait_p95_ms?: number;
}

/** Names of the first level that seed 000 gave are kept as they are there. */
export interface QueueStats {
  readonly total_queued: number;
  readonly total_active: number;
  /** Of the warehouse. */
  readonly available_slots: number;
  /** Jobs by what they work on; each kind has the bounds of the queue for itself. */
  readonly services: Readonly<Record<Service, { readonly running: number; readonly waiting: number }>>;
  readonly clients: Readonly<Record<string, ClientLoad>>;
  readonly states: Readonly<Record<JobState, number>>;
  /** Jobs that reached a final state within the last minute, and hour. */
  readonly finished_last_minute: number;
  readonly finished_last_hour: number;
  readonly wait_p50_ms?: number;
  readonly wait_p95_ms?: number;
  /** Age of the oldest job that could run, in ms. */
  readonly oldest_queued_ms?: number;
}

/** Every method is one atomic step; every promise resolves after its commit. */
export interface JobStore {
  /** Checks bounds and idempotency key and queues the job, or says why not. A refusal is a value. */
  admit(admission: Admission): Promise<AdmitOutcome>;

  /** The next jobs in weighted fair order, leased to the worker. Empty when there is none or the caps are reached. */
  claim(request: ClaimRequest): Promise<readonly ClaimedJob[]>;

  /** Written before the warehouse is asked to do anything. `lost`: do not start. */
  dispatch(hold: JobHold, requestId: string): Promise<HoldVerdict>;

  /** Extends leases, stores progress, reads back cancel requests; one call for all jobs of a worker. */
  heartbeat(
    worker: string,
    leaseMs: number,
    holds: readonly (JobHold & { readonly progress?: JobProgress })[],
  ): Promise<readonly HeartbeatReply[]>;

  /** One page of a running job's result (rows as JSON arrays). Pages of a lost lease are never seen by anyone. */
  writePage(hold: JobHold, page: number, rows: readonly (readonly Json[])[]): Promise<HoldVerdict>;

  /**
   * The last word about a job; with `lastPage`, the last page of its result is written in the same transaction. Throws
   * `INVALID_ARGUMENT` when a write that was sent is to end as failed or cancelled while its outcome is not known
   * (and its error does not say just that, `OUTCOME_UNKNOWN`).
   */
  settle(hold: JobHold, settlement: Settlement, lastPage?: LastPage): Promise<SettleOutcome>;

  /** Puts a job that was claimed but not dispatched back, without counting the attempt (a worker that drains). */
  release(hold: JobHold): Promise<HoldVerdict>;

  cancel(id: string, reason: string): Promise<CancelOutcome>;

  /** A new run of a job that ended as failed, cancelled or expired: a new job with the same work, whose id is returned. */
  retry(id: string, newId: string): Promise<AdmitOutcome>;

  /** Extends the waiter's lease of an attached job. `false`: detached or final. */
  renewWaiter(id: string, waiter: string, leaseMs: number): Promise<boolean>;

  /** From now on the job lives without its waiter. Committed before the id is answered. */
  detach(id: string): Promise<boolean>;

  find(id: string): Promise<JobRecord | undefined>;

  list(filter: JobFilter): Promise<JobPage>;

  /** `undefined` when the job is not queued. */
  position(id: string): Promise<QueuePosition | undefined>;

  /** Rows of one result page (0-based); `undefined` when there is none (any more). */
  readPage(id: string, page: number): Promise<readonly (readonly Json[])[] | undefined>;

  /**
   * Ids of jobs that reached a final state after `sequence`, in commit order, and the sequence to ask from next.
   * One query serves all waiters of a process. `'latest'` gives no ids and the sequence of now, to begin with.
   */
  settledSince(
    sequence: number | 'latest',
    limit: number,
  ): Promise<{ readonly ids: readonly string[]; readonly sequence: number }>;

  /** Everything that time does to jobs. Safe to run from several processes at once. */
  sweep(): Promise<SweepReport>;

  /** When the next sweep or claim has something to do (ms since the epoch), `undefined` if nothing is planned. */
  nextWakeAt(): Promise<number | undefined>;

  stats(): Promise<QueueStats>;
}
