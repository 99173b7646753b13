import type { ErrorCode, ErrorData } from '../errors/snow-error.js';
import type { Scope } from '../store/client-store.js';
import type { JobProgress, JobState, Json, Priority, ResultColumn, WarehouseContext } from '../store/job.js';
import type { Bind } from '../warehouse/connection.js';
import type { KnowledgeItem } from './knowledge-item.js';
import type { OperationAnswer, OperationRequest } from './operation-request.js';

/** Who asks. Over stdio the name is a label for accounting, not a proof. */
export interface Caller {
  readonly client: string;
  /** What its token may be used for; absent over stdio, where everything is. */
  readonly scopes?: readonly Scope[];
  /** What calls in the place of a tool (`enqueue`), for the audit. */
  readonly via?: string;
}

export interface QueryRequest {
  readonly sql: string;
  readonly binds?: readonly Bind[] | undefined;
  readonly database?: string | undefined;
  readonly schema?: string | undefined;
  /** Name of the session whose context is used (`default`). */
  readonly session?: string | undefined;
  /** Rows in the answer, or in `jobResult`'s, and in each page after it. */
  readonly maxRows?: number | undefined;
  /** Seconds to wait before the job id is answered instead (0 to 55, default 45). */
  readonly waitS?: number | undefined;
  /** Seconds the statement may run (up to a day, default 300). */
  readonly timeoutS?: number | undefined;
  readonly priority?: Priority | undefined;
  readonly reason?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** Start no earlier than this (ms since the epoch); for `startQuery`. */
  readonly runAt?: number | undefined;
}

/** What a waiting caller is told while its job goes on. */
export type WaitProgress =
  | {
      readonly state: 'queued' | 'scheduled';
      readonly ahead: number;
      readonly estimatedWaitMs?: number;
      /** Nothing starts before the warehouse can be reached again. */
      readonly waitsFor?: 'connection';
    }
  | { readonly state: 'running'; readonly elapsedMs: number; readonly progress?: JobProgress };

export interface WaitOptions {
  /** Aborting cancels the job if it is still attached. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: WaitProgress) => void) | undefined;
}

/**
 * The answer of `query` and `job_result`, in the names of section 9 of the design. A job that ended as failed, cancelled or
 * expired is an answer too, with its `error`: the job exists and can be looked at. What was refused is thrown.
 */
export interface QueryAnswer {
  readonly job_id: string;
  readonly state: JobState;
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Json[])[];
  /** Rows of the whole stored result. */
  readonly row_count: number;
  /** True when rows were left out of the stored result because of a cap. */
  readonly truncated: boolean;
  readonly next_cursor?: string;
  readonly queued_ms: number;
  readonly elapsed_ms: number;
  readonly query_id?: string;
  readonly rows_affected?: number;
  /** Present while the work goes on: how to get at the result. */
  readonly message?: string;
  readonly error?: ErrorData;
  /** With an error of the statement: what is known about its tables. */
  readonly knowledge?: readonly KnowledgeItem[];
}

export interface JobSummary {
  readonly job_id: string;
  readonly client: string;
  readonly kind: string;
  readonly state: JobState;
  readonly priority: Priority;
  readonly created_at: string;
  readonly started_at?: string;
  readonly finished_at?: string;
  /** When the rows of the result are deleted; known from the end of the job on. */
  readonly result_expires_at?: string;
  readonly queued_ms: number;
  readonly elapsed_ms?: number;
  readonly attempts: number;
  readonly position?: number;
  readonly estimated_wait_ms?: number;
  /** Nothing of it starts before the warehouse can be reached again. */
  readonly waits_for?: 'connection';
  readonly progress?: JobProgress;
  readonly row_count?: number;
  readonly query_id?: string;
  readonly reason?: string;
  /** First 200 characters of the statement, or of what an operation says of itself. */
  readonly statement?: string;
  readonly error?: ErrorData;
}

export interface ListRequest {
  readonly database?: string | undefined;
  readonly schema?: string | undefined;
  /** SQL LIKE pattern, as SHOW … LIKE takes it. */
  readonly like?: string | undefined;
  /** Names in the answer (1 to 1,000, default 100). */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly session?: string | undefined;
}

/** A listing as a job of its own, in the background: its result is what `SHOW` gives. */
export interface ListingRequest {
  /** `databases`, `schemas`, `tables`, `views`, or `columns` of `table`. */
  readonly subject: string;
  readonly database?: string | undefined;
  readonly schema?: string | undefined;
  /** May be qualified; only for `columns`. */
  readonly table?: string | undefined;
  readonly like?: string | undefined;
  readonly session?: string | undefined;
  readonly priority?: Priority | undefined;
  readonly reason?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** Start no earlier than this (ms since the epoch). */
  readonly runAt?: number | undefined;
}

/** One page of a listing; `items` are plain objects with lower-case snake_case names. */
export interface Listing {
  readonly items: readonly { readonly [key: string]: Json }[];
  readonly next_cursor?: string;
  /** The warehouse cannot be asked at the moment: it was so at `as_of` (ISO 8601). */
  readonly stale?: true;
  readonly as_of?: string;
  /** Of a table: what memories and repositories say about it. */
  readonly knowledge?: readonly KnowledgeItem[];
}

export interface ServerStatus {
  readonly version: string;
  readonly connection: string;
  /** Statement classes that may run. */
  readonly allow: readonly string[];
  readonly mode: 'normal' | 'conserving' | 'critical' | 'offline';
  readonly breaker: 'closed' | 'open' | 'half-open';
  readonly queue: { readonly queued: number; readonly running: number; readonly slots_free: number };
  readonly workers: number;
  readonly you: { readonly client: string; readonly queued: number; readonly running: number };
}

export interface SessionAnswer {
  readonly session: string;
  readonly context: WarehouseContext;
  /** Only of a pinned session: whether what it left in its connection is still there. */
  readonly pinned?: 'held' | 'lost';
}

export interface JobHandle {
  readonly job_id: string;
  readonly state: JobState;
  readonly position?: number;
  readonly estimated_wait_ms?: number;
}

/**
 * What every way in (MCP, CLI, later REST) calls. Refusals are thrown as `SnowError`, and so is what fails without a job to
 * answer with; a job of another client does not exist (`NOT_FOUND`).
 */
export interface Gateway {
  /** Queues the statement attached to the caller and waits; after `waitS` the job is detached and its id answered. */
  query(caller: Caller, request: QueryRequest, wait?: WaitOptions): Promise<QueryAnswer>;
  /** Queues the statement detached and answers at once. */
  startQuery(caller: Caller, request: QueryRequest): Promise<JobHandle>;
  /** Queues a listing detached and answers at once. */
  startListing(caller: Caller, request: ListingRequest): Promise<JobHandle>;
  /**
   * Queues an operation on memories or repositories attached to the caller and waits; after `waitS` it is detached, and the
   * answer is its job id. What it ends with other than well is thrown.
   */
  operate(caller: Caller, request: OperationRequest, wait?: WaitOptions): Promise<OperationAnswer>;
  /** Queues it detached and answers at once. */
  startOperation(caller: Caller, request: OperationRequest): Promise<JobHandle>;
  listDatabases(caller: Caller, request: ListRequest, wait?: WaitOptions): Promise<Listing>;
  listSchemas(caller: Caller, request: ListRequest, wait?: WaitOptions): Promise<Listing>;
  listTables(caller: Caller, request: ListRequest, wait?: WaitOptions): Promise<Listing>;
  listViews(caller: Caller, request: ListRequest, wait?: WaitOptions): Promise<Listing>;
  describeTable(
    caller: Caller,
    request: { readonly table: string } & Pick<ListRequest, 'database' | 'schema' | 'session'>,
    wait?: WaitOptions,
  ): Promise<Listing>;
  jobStatus(caller: Caller, id: string): Promise<JobSummary>;
  /** A page of the result; waits up to `waitS` (default 0) for the job to end. */
  jobResult(
    caller: Caller,
    request: {
      readonly id: string;
      readonly cursor?: string | undefined;
      readonly maxRows?: number | undefined;
      readonly waitS?: number | undefined;
    },
    wait?: WaitOptions,
  ): Promise<QueryAnswer>;
  jobCancel(caller: Caller, id: string, reason?: string): Promise<JobSummary>;
  /**
   * Calls back once when the job has ended, also if it had before. The result stops watching; whoever stops in time is not
   * called any more.
   */
  watchJob(caller: Caller, id: string, onEnded: () => void): Promise<() => void>;
  listJobs(
    caller: Caller,
    request: {
      readonly states?: readonly JobState[] | undefined;
      readonly limit?: number | undefined;
      readonly cursor?: string | undefined;
    },
  ): Promise<{ readonly jobs: readonly JobSummary[]; readonly next_cursor?: string }>;
  getSession(caller: Caller, name?: string): Promise<SessionAnswer>;
  /** `pinned` keeps one connection for the session, or gives it up; it waits until a worker has one. */
  setSession(
    caller: Caller,
    name: string | undefined,
    change: { readonly [K in keyof WarehouseContext]?: WarehouseContext[K] | null } & { readonly pinned?: boolean },
  ): Promise<SessionAnswer>;
  status(caller: Caller): Promise<ServerStatus>;
  /**
   * What the caller may look at, as a text that is another one when that has changed: for whoever remembers answers. Throws
   * `NOT_PERMITTED` for one who may look at nothing.
   */
  rightsOf(caller: Caller): Promise<string>;
  /** Notes for the audit that a call was refused before it could be made. */
  refused(caller: Caller, tool: string, code: ErrorCode): void;
  /**
   * Lets calls end before the process does: jobs that run have `graceMs`, then and for all others the caller is answered the
   * id of the job, which lives on. Admits nothing from now on; resolves when no call is under way any more.
   */
  drain(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

/** What there is to call, without the audit. */
export type UnauditedGateway = Omit<Gateway, 'refused'>;
