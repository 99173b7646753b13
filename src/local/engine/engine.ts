import type { AccessLog } from './access-log.js';
import type { AccessScope } from './grants/rights-at-login.js';
import type { SnowflakeType } from './snowflake-type.js';

/**
 * What the wire (and later the REST API) needs of the engine. The engine knows no HTTP; the wire knows no DuckDB.
 */

/** Names as the catalog has them: in upper case unless they were quoted. */
export interface SessionContext {
  readonly database?: string;
  readonly schema?: string;
  readonly warehouse?: string;
  readonly role?: string;
}

export interface SessionOptions {
  readonly user: string;
  readonly context: SessionContext;
  /** Session parameters given at login, by upper-case name. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** Given, Snowflake's roles and grants hold for the session; without it, it may do everything. */
  readonly access?: AccessScope;
}

/** One bind as the wire carries it: Snowflake's type name and text, or a column of texts for an array bind. */
export interface BindValue {
  readonly type: string;
  readonly value: string | null | readonly (string | null)[];
}

export interface StatementInput {
  readonly text: string;
  /** UUID given by the caller (the wire). */
  readonly queryId: string;
  /** A request id that was seen before gives the first run's outcome and changes nothing. */
  readonly requestId?: string;
  /** By position (`'1'`, `'2'`, …) or name. */
  readonly binds?: Readonly<Record<string, BindValue>>;
  /** Where a driver has put array binds as CSV files, in place of `binds`: `@SYSTEM$BIND/…`. */
  readonly bindStage?: string;
  /** Parameters for this statement only: QUERY_TAG, STATEMENT_TIMEOUT_IN_SECONDS, MULTI_STATEMENT_COUNT, … */
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
  /** The client runs it on its own account, not for its user. */
  readonly internal?: boolean;
  /** Columns only, nothing runs. */
  readonly describeOnly?: boolean;
  /** Aborting interrupts DuckDB; the promise rejects with 000604 / 57014 (`reason` may be another LocalError, e.g. 000630). */
  readonly signal?: AbortSignal;
}

export interface WireColumn {
  readonly name: string;
  readonly type: SnowflakeType;
  readonly nullable: boolean;
  readonly database?: string;
  readonly schema?: string;
  readonly table?: string;
}

/** Rows already in the wire's form: JSON arrays of `string | null`, joined by commas, without outer brackets. */
export interface RowBlock {
  readonly json: string;
  readonly rows: number;
}

/** What PUT and GET answer: the driver copies the files itself, to or from a folder of this machine. Named as on the wire. */
export interface FileTransfer {
  readonly command: 'UPLOAD' | 'DOWNLOAD';
  /** UPLOAD: one path of the client's, with `*` for several. DOWNLOAD: paths below the stage's location. */
  readonly src_locations: readonly string[];
  /** DOWNLOAD: a folder of the client's. */
  readonly localLocation?: string;
  readonly autoCompress?: boolean;
  readonly sourceCompression?: string;
  readonly overwrite?: boolean;
  readonly parallel: number;
  readonly stageInfo: {
    readonly locationType: 'LOCAL_FS';
    readonly location: string;
    readonly path: string;
    readonly region: string;
    readonly creds: object;
  };
}

export interface StatementOutcome {
  readonly queryId: string;
  /** Snowflake's statementTypeId: 0x1000 SELECT, 0x3100 INSERT, … */
  readonly statementTypeId: number;
  readonly columns: readonly WireColumn[];
  /** Rows in order, in blocks of bounded size. Read once; `return()` releases what the engine holds. */
  readonly blocks: AsyncIterable<RowBlock>;
  /** The session's context after the statement. */
  readonly context: SessionContext;
  readonly numberOfBinds: number;
  /** The rows are those of an earlier, identical query. */
  readonly reused?: boolean;
  /** PUT and GET. */
  readonly transfer?: FileTransfer;
  /**
   * When the text held several statements (MULTI_STATEMENT_COUNT): the outcome of each, in order, under a query id of its
   * own. Their blocks are read one child after the other, after all of them have run, and this outcome's own at the end.
   */
  readonly children?: readonly StatementOutcome[];
}

/** A statement that ran or runs; moments in milliseconds since the epoch. */
export interface QueryHistoryEntry {
  readonly queryId: string;
  /** The script, procedure or request of several statements that ran it. */
  readonly parentId?: string;
  readonly sessionId: string;
  readonly user: string;
  readonly role?: string;
  readonly warehouse?: string;
  readonly database?: string;
  readonly schema?: string;
  /** Without the passwords and keys that it set; its first 10,000 characters. */
  readonly text: string;
  /** Snowflake's word for what it does: SELECT, CREATE_TABLE, … */
  readonly type?: string;
  /** What DuckDB was given: its first 10,000 characters. */
  readonly translated?: string;
  readonly queryTag: string;
  readonly status: 'RUNNING' | 'SUCCESS' | 'FAILED_WITH_ERROR';
  readonly errorNumber?: string;
  readonly errorMessage?: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** Rows that it gave, or that it changed. */
  readonly rows?: number;
  /** Milliseconds of the time between them that went into translation, waiting for the session, and waiting for locks. */
  readonly compiledMs?: number;
  readonly queuedMs?: number;
  readonly blockedMs?: number;
  /** An earlier, identical query's result answered it. */
  readonly reused?: boolean;
  /** The client ran it on its own account. */
  readonly internal?: boolean;
}

export interface EngineSession {
  readonly id: string;
  readonly user: string;
  readonly context: SessionContext;
  /** Effective parameters that result formatting needs (TIMEZONE, DATE_OUTPUT_FORMAT, BINARY_OUTPUT_FORMAT, …). */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** Statements of one session run one after the other. */
  execute(input: StatementInput): Promise<StatementOutcome>;
  /** Rolls back, drops temporary objects, closes the DuckDB connection. */
  close(): Promise<void>;
}

export interface Engine {
  openSession(options: SessionOptions): Promise<EngineSession>;
  /** A query by id, running or ended; history is kept over restarts. */
  history(queryId: string): Promise<QueryHistoryEntry | undefined>;
  /** Attempts to get in and at things; who lets callers in records them there. */
  readonly accessLog: Pick<AccessLog, 'record' | 'latest'>;
  /** Whether a user may look at what others do; everybody may where nobody is held back. */
  monitorsAccount(user: Pick<SessionOptions, 'user' | 'access'>): boolean;
  /** The RSA public keys that a user was given by SQL. `user` in upper case. */
  publicKeysOf(user: string): readonly string[];
  /** The last queries of all users, newest first. */
  recentQueries(limit: number): readonly QueryHistoryEntry[];
  close(): Promise<void>;
}
