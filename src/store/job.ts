import type { ErrorData } from '../errors/snow-error.js';

/** What a job does. A worker has one handler per kind. */
export const JOB_KINDS = ['query', 'metadata', 'memory', 'repo-sync', 'export'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export const JOB_STATES = ['scheduled', 'queued', 'running', 'succeeded', 'failed', 'cancelled', 'expired'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** States that no later event changes. */
export const FINAL_STATES: ReadonlySet<JobState> = new Set(['succeeded', 'failed', 'cancelled', 'expired']);

export const PRIORITIES = ['high', 'normal', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** A client's warehouse context as it was when the job was admitted. Absent members are the connection's defaults. */
export interface WarehouseContext {
  readonly database?: string;
  readonly schema?: string;
  readonly warehouse?: string;
  readonly role?: string;
  /** Snowflake session parameters (`TIMEZONE`, …) by upper-case name. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** How far a running job has come. */
export interface JobProgress {
  /** Rows read so far, or another count that only grows. */
  readonly done: number;
  readonly total?: number;
  /** One line for a person. */
  readonly message?: string;
}

/** What a job used, in the units that limits and fairness count. */
export interface JobUsage {
  readonly executionMs: number;
  /**
   * Of `executionMs`, until it had a connection in its context: a login, or the wait for somebody else's statement, falls on
   * whoever comes first. It is not charged in fair order, where it would cost equals many turns. Absent for none.
   */
  readonly connectingMs?: number;
  readonly rows: number;
  /** Bytes of the result before compression. */
  readonly bytes: number;
}

export interface ResultColumn {
  readonly name: string;
  /** Snowflake's type in upper case, with its sizes where it has them: `NUMBER(38,0)`, `VARCHAR(16777216)`. */
  readonly type: string;
  readonly nullable: boolean;
}

/** The part of a result that is kept with the job itself; its rows lie in pages. */
export interface ResultSummary {
  readonly columns: readonly ResultColumn[];
  readonly rowCount: number;
  readonly pageCount: number;
  /** True when rows were left out because of the row or byte cap. */
  readonly truncated: boolean;
  readonly queryId?: string;
  /** Snowflake's statement class: `SELECT`, `INSERT`, …; absent for kinds without a statement. */
  readonly statement?: string;
  /** Rows changed by a DML statement. */
  readonly rowsAffected?: number;
  /** What a handler returns beside rows. */
  readonly value?: Json;
}

/** A job as anyone but its worker sees it. Times are milliseconds since the Unix epoch. */
export interface JobRecord {
  readonly id: string;
  readonly client: string;
  readonly kind: JobKind;
  readonly lane: string;
  readonly priority: Priority;
  readonly state: JobState;
  readonly session?: string;
  readonly payload: Json;
  readonly context: WarehouseContext;
  /** True when the work may change the warehouse: it is never simply run again. */
  readonly write: boolean;
  /** Attempts started so far. */
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly attached: boolean;
  readonly cancelRequested?: string;
  readonly progress?: JobProgress;
  readonly createdAt: number;
  /** The earliest time it may run. */
  readonly runAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** Time in the queue that counts as waiting: from when it could run until it was claimed (or now). */
  readonly queuedMs: number;
  readonly worker?: string;
  /** Request id of the last dispatch, and when it was written. */
  readonly requestId?: string;
  readonly dispatchedAt?: number;
  readonly result?: ResultSummary;
  readonly error?: ErrorData;
  readonly usage?: JobUsage;
  /** Flags as they were at admission. */
  readonly flags: Readonly<Record<string, boolean>>;
  readonly idempotencyKey?: string;
  readonly reason?: string;
  /** When the result's pages are deleted; after that the record says the result has expired. */
  readonly resultExpiresAt?: number;
  readonly resultExpired: boolean;
}
