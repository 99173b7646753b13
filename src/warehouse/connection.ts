import type { BackoffPolicy } from '../resilience/backoff.js';
import type { Json, ResultColumn, WarehouseContext } from '../store/job.js';

/**
 * The connection port: what the rooms above need of a warehouse connection, in their own words. One adapter speaks
 * snowflake-sdk; real and local Snowflake are one code path.
 */

export type Bind = string | number | boolean | null;

export interface StatementRequest {
  readonly sql: string;
  /** Positional (`?` or `:1`) values, or rows of them for an array bind. */
  readonly binds?: readonly Bind[] | readonly (readonly Bind[])[];
  /** UUID; sent as the statement's request id. A repeated id gives the first run's result. */
  readonly requestId: string;
  /** It may change the warehouse: its success is told even when it comes after the statement was given up. */
  readonly write?: boolean;
  /** What it does to the session's parameters when it succeeds, by upper-case name; `null` unsets. */
  readonly sessionParameters?: Readonly<Record<string, string | null>>;
  /** At most 2,000 characters; goes into QUERY_TAG for this statement only. */
  readonly queryTag: string;
  /** Rows delivered before the result is cut (and `truncated` is set). */
  readonly maxRows: number;
  /** Bytes of JSON delivered before the result is cut. */
  readonly maxBytes: number;
  /** Our own deadline over all of the driver's retries, in ms. Also sent as STATEMENT_TIMEOUT_IN_SECONDS. */
  readonly timeoutMs: number;
  /** No sign of life from the server for this long (ms) fails the statement with `CONNECTION_FAILED`. */
  readonly stallMs: number;
  /** Aborting cancels in the warehouse as well; the promise rejects only after the server knows or cannot be reached. */
  readonly signal?: AbortSignal;
  /** Rows arrive in batches as they stream; awaiting the promise is the back-pressure. */
  readonly onRows: (rows: readonly (readonly Json[])[]) => Promise<void>;
  /** Called once the server has given the statement an id. */
  readonly onQueryId?: (queryId: string) => void;
}

export interface StatementResult {
  readonly queryId: string;
  readonly columns: readonly ResultColumn[];
  readonly rowCount: number;
  readonly truncated: boolean;
  /** Rows changed, for DML. */
  readonly rowsAffected?: number;
  /** The session's context after the statement, as the server told it. */
  readonly context: WarehouseContext;
}

/**
 * One session with a warehouse. Errors are `SnowError`s: `SNOWFLAKE_ERROR` with the server's number, sqlState, line and
 * position; `CONNECTION_FAILED`; `STATEMENT_TIMEOUT`; `CANCELLED`. The last two are `UnconfirmedEnd`s when the warehouse did
 * not say that the statement ended.
 */
export interface WarehouseConnection {
  readonly profile: string;
  /** False once the session is known to be lost; the pool then closes it. */
  readonly alive: boolean;
  execute(request: StatementRequest): Promise<StatementResult>;
  /** Cheap round trip; rejects when the session is lost. */
  ping(timeoutMs: number): Promise<void>;
  /** Brings database, schema, warehouse, role and parameters to the given context with as few statements as possible. */
  applyContext(
    context: WarehouseContext,
    options: {
      readonly timeoutMs: number;
      readonly signal?: AbortSignal;
      /** Throws `INVALID_ARGUMENT` for a context that only a new session could have, instead of opening one. */
      readonly keepSession?: boolean;
    },
  ): Promise<void>;
  close(): Promise<void>;
}

export interface PoolOptions {
  /** Connections at once (10). */
  readonly maxConnections: number;
  /** A connection unused for this long (ms) is closed (5 min). */
  readonly idleMs: number;
  /** Connections idle for longer than this (ms) are pinged before they are given out (30 s). */
  readonly checkAfterMs: number;
  /** How long `acquire` waits for a free connection before it fails with `CONNECTION_FAILED` and a hint (30 s). */
  readonly acquireTimeoutMs: number;
  /** Pauses of the whole pool after a connection could not be opened (100 ms, doubled up to 1 s, ±50%). */
  readonly openingBackoff: Omit<BackoffPolicy, 'attempts'>;
}

/** Connections, and who has none. */
export interface PoolStats {
  /** `idle` and `busy` together, and those that are being opened or closed. */
  readonly open: number;
  readonly idle: number;
  readonly busy: number;
  /** Callers of `acquire` that have no connection yet. */
  readonly waiting: number;
}

export interface ConnectionPool {
  /**
   * A healthy connection for exclusive use. `affinity` prefers the connection this key used last. Throws `CONNECTION_FAILED` when
   * none is free within `acquireTimeoutMs` or none can be opened, and what `signal` was aborted with.
   */
  acquire(options: { readonly affinity?: string; readonly signal?: AbortSignal }): Promise<WarehouseConnection>;
  /** Gives it back. `dirty` closes it instead: it may hold temporary objects, a transaction or variables. */
  release(connection: WarehouseConnection, options: { readonly dirty: boolean }): Promise<void>;
  stats(): PoolStats;
  close(): Promise<void>;
}
