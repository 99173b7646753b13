/** What the local Snowflake may use, and for how long. Each has a default; none is 0. */
export interface EngineLimits {
  /** Sessions open at once, drivers' and REST's together. */
  readonly sessions: number;
  /** Statements running or waiting at once. */
  readonly statements: number;
  /** Seconds a statement may take where neither it nor its session sets STATEMENT_TIMEOUT_IN_SECONDS. */
  readonly statementSeconds: number;
  /** Seconds a statement may take whatever STATEMENT_TIMEOUT_IN_SECONDS says; at most 604,800 (7 days), as in Snowflake. */
  readonly mostStatementSeconds: number;
  /** Bytes of memory that all statements together may use; absent: DuckDB's own, 80% of the machine's. */
  readonly memoryBytes?: number;
  /** Bytes of disk for what does not fit into that memory; absent: DuckDB's own, 90% of the free disk. */
  readonly temporaryDiskBytes?: number;
  /** Bytes of results that wait on disk for their clients. */
  readonly resultDiskBytes: number;
  /** Bytes of results kept in memory for identical queries. */
  readonly reusedResultBytes: number;
  /** Statements that the query history keeps. */
  readonly historyRows: number;
  /** Days after which the query history forgets a statement. */
  readonly historyDays: number;
}

export const DEFAULT_ENGINE_LIMITS: EngineLimits = {
  sessions: 100,
  statements: 1_000,
  statementSeconds: 300,
  mostStatementSeconds: 604_800,
  resultDiskBytes: 4 * 1024 ** 3,
  reusedResultBytes: 64 * 1024 ** 2,
  historyRows: 10_000,
  historyDays: 365,
};
