import type { Json, WarehouseContext } from '../../store/job.js';

/** What a statement gave. */
export interface SqlOutcome {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly Json[])[];
  /** Rows there are, also those that were not fetched. */
  readonly rowCount: number;
  /** True when rows are missing because of a cap. */
  readonly truncated: boolean;
  readonly queryId?: string;
  /** Milliseconds in the queue; absent where there is none. */
  readonly queuedMs?: number;
  /** Milliseconds in the warehouse. */
  readonly elapsedMs: number;
}

export interface RunOptions {
  /** Rows to fetch at most. */
  readonly maxRows: number;
  /** Aborting cancels the statement in the warehouse. */
  readonly signal: AbortSignal;
  /** What is going on while one waits. */
  readonly onProgress?: (text: string) => void;
}

/** Where a person's statements go: through the queue, or straight into the local Snowflake. */
export interface SqlSession {
  /** For the greeting: `local Snowflake at http://127.0.0.1:8085`. */
  readonly where: string;
  /** Throws the statement's error as a `SnowError`. */
  run(sql: string, options: RunOptions): Promise<SqlOutcome>;
  context(): Promise<WarehouseContext>;
  /** Names in a container: databases in none, schemas in a database, tables and views in a schema, columns in a table or view. */
  names(container: readonly string[]): Promise<readonly string[]>;
  close(): Promise<void>;
}
