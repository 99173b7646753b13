import { createHash } from 'node:crypto';
import { SERVER_VERSION } from './context-functions.js';
import type { QueryHistoryEntry, WireColumn } from './engine.js';
import { BOOLEAN, column, INSTANT, instantCell, NUMBER } from './result-table.js';
import type { SnowflakeType } from './snowflake-type.js';

type Cell = string | null;

/** A column of the query history: its cells, or the one cell that all rows have. */
export interface HistoryColumn {
  readonly column: WireColumn;
  readonly cell: Cell | ((entry: QueryHistoryEntry) => Cell);
}

const REAL: SnowflakeType = { name: 'REAL' };

const text = (name: string, cell: HistoryColumn['cell']): HistoryColumn => ({ column: column(name), cell });
const count = (name: string, cell: HistoryColumn['cell'] = '0'): HistoryColumn => ({
  column: column(name, NUMBER),
  cell,
});
const instant = (name: string, cell: HistoryColumn['cell']): HistoryColumn => ({ column: column(name, INSTANT), cell });

const md5 = (value: string): string => createHash('md5').update(value).digest('hex');

/** The text with a `?` in place of each constant: statements that differ in those alone have one hash. */
const parameterized = (statement: string): string =>
  statement.replace(/'(?:[^'\\]|''|\\[\s\S])*'|\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/gi, '?');

const elapsed = (entry: QueryHistoryEntry): number | undefined =>
  entry.endedAt === undefined ? undefined : Math.max(0, entry.endedAt - entry.startedAt);

function executionMs(entry: QueryHistoryEntry): Cell {
  const total = elapsed(entry);
  if (total === undefined) return null;
  const { compiledMs = 0, queuedMs = 0, blockedMs = 0 } = entry;
  return String(Math.max(0, total - compiledMs - queuedMs - blockedMs));
}

const numberOf = (value: number | undefined): Cell => (value === undefined ? null : String(value));

const IDENTITY: readonly HistoryColumn[] = [
  text('QUERY_ID', (entry) => entry.queryId),
  text('QUERY_TEXT', (entry) => entry.text),
  text('DATABASE_NAME', (entry) => entry.database ?? null),
  text('SCHEMA_NAME', (entry) => entry.schema ?? null),
  text('QUERY_TYPE', (entry) => entry.type ?? 'UNKNOWN'),
  count('SESSION_ID', (entry) => entry.sessionId),
  text('USER_NAME', (entry) => entry.user),
  text('ROLE_NAME', (entry) => entry.role ?? null),
  text('WAREHOUSE_NAME', (entry) => entry.warehouse ?? null),
  text('WAREHOUSE_SIZE', (entry) => (entry.warehouse === undefined ? null : 'X-Small')),
  text('WAREHOUSE_TYPE', 'STANDARD'),
  count('CLUSTER_NUMBER', '1'),
  text('QUERY_TAG', (entry) => entry.queryTag),
];

const ERROR: readonly HistoryColumn[] = [
  text('ERROR_CODE', (entry) => entry.errorNumber ?? null),
  text('ERROR_MESSAGE', (entry) => entry.errorMessage ?? null),
  instant('START_TIME', (entry) => instantCell(entry.startedAt)),
  instant('END_TIME', (entry) => (entry.endedAt === undefined ? null : instantCell(entry.endedAt))),
  count('TOTAL_ELAPSED_TIME', (entry) => numberOf(elapsed(entry))),
  count('BYTES_SCANNED'),
];

const TIMES: readonly HistoryColumn[] = [
  count('COMPILATION_TIME', (entry) => String(entry.compiledMs ?? 0)),
  count('EXECUTION_TIME', executionMs),
  count('QUEUED_PROVISIONING_TIME'),
  count('QUEUED_REPAIR_TIME'),
  count('QUEUED_OVERLOAD_TIME', (entry) => String(entry.queuedMs ?? 0)),
  count('TRANSACTION_BLOCKED_TIME', (entry) => String(entry.blockedMs ?? 0)),
  text('OUTBOUND_DATA_TRANSFER_CLOUD', null),
  text('OUTBOUND_DATA_TRANSFER_REGION', null),
  count('OUTBOUND_DATA_TRANSFER_BYTES'),
  text('INBOUND_DATA_TRANSFER_CLOUD', null),
  text('INBOUND_DATA_TRANSFER_REGION', null),
  count('INBOUND_DATA_TRANSFER_BYTES'),
];

const EXTERNAL: readonly HistoryColumn[] = [
  text('RELEASE_VERSION', SERVER_VERSION),
  count('EXTERNAL_FUNCTION_TOTAL_INVOCATIONS'),
  count('EXTERNAL_FUNCTION_TOTAL_SENT_ROWS'),
  count('EXTERNAL_FUNCTION_TOTAL_RECEIVED_ROWS'),
  count('EXTERNAL_FUNCTION_TOTAL_SENT_BYTES'),
  count('EXTERNAL_FUNCTION_TOTAL_RECEIVED_BYTES'),
];

const CREDITS: HistoryColumn = { column: column('CREDITS_USED_CLOUD_SERVICES', REAL), cell: '0' };

const IS_INTERNAL: HistoryColumn = {
  column: column('IS_CLIENT_GENERATED_STATEMENT', BOOLEAN),
  cell: (entry) => String(entry.internal === true),
};

const HASHES: readonly HistoryColumn[] = [
  text('QUERY_HASH', (entry) => md5(entry.text)),
  count('QUERY_HASH_VERSION', '2'),
  text('QUERY_PARAMETERIZED_HASH', (entry) => md5(parameterized(entry.text))),
  count('QUERY_PARAMETERIZED_HASH_VERSION', '1'),
];

/** Beyond Snowflake's: what DuckDB was given, the statement that ran this one, and whether a result was used again. */
const OWN: readonly HistoryColumn[] = [
  text('TRANSLATED_QUERY_TEXT', (entry) => entry.translated ?? null),
  text('PARENT_QUERY_ID', (entry) => entry.parentId ?? null),
  { column: column('RESULT_REUSED', BOOLEAN), cell: (entry) => String(entry.reused === true) },
];

/** INFORMATION_SCHEMA.QUERY_HISTORY and its kin. */
export const QUERY_HISTORY_COLUMNS: readonly HistoryColumn[] = [
  ...IDENTITY,
  text('EXECUTION_STATUS', (entry) => entry.status),
  ...ERROR,
  count('ROWS_PRODUCED', (entry) => numberOf(entry.rows)),
  ...TIMES,
  CREDITS,
  count('LIST_EXTERNAL_FILE_TIME'),
  ...EXTERNAL,
  IS_INTERNAL,
  ...HASHES,
  ...OWN,
];

const rowsOf =
  (type: RegExp) =>
  (entry: QueryHistoryEntry): Cell =>
    type.test(entry.type ?? '') ? String(entry.rows ?? 0) : '0';

const STATUS: Readonly<Record<QueryHistoryEntry['status'], string>> = {
  RUNNING: 'RUNNING',
  SUCCESS: 'SUCCESS',
  FAILED_WITH_ERROR: 'FAIL',
};

/** SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY. */
export const ACCOUNT_QUERY_HISTORY_COLUMNS: readonly HistoryColumn[] = [
  ...IDENTITY,
  text('EXECUTION_STATUS', (entry) => STATUS[entry.status]),
  ...ERROR,
  { column: column('PERCENTAGE_SCANNED_FROM_CACHE', REAL), cell: '0' },
  count('BYTES_WRITTEN'),
  count('BYTES_WRITTEN_TO_RESULT'),
  count('BYTES_READ_FROM_RESULT'),
  count('ROWS_PRODUCED', (entry) => numberOf(entry.rows)),
  count('ROWS_INSERTED', rowsOf(/^(INSERT|MULTI_TABLE_INSERT|CREATE_TABLE_AS_SELECT)$/)),
  count('ROWS_UPDATED', rowsOf(/^UPDATE$/)),
  count('ROWS_DELETED', rowsOf(/^DELETE$/)),
  count('ROWS_UNLOADED', '0'),
  count('BYTES_DELETED'),
  count('PARTITIONS_SCANNED'),
  count('PARTITIONS_TOTAL'),
  count('BYTES_SPILLED_TO_LOCAL_STORAGE'),
  count('BYTES_SPILLED_TO_REMOTE_STORAGE'),
  count('BYTES_SENT_OVER_THE_NETWORK'),
  ...TIMES,
  count('LIST_EXTERNAL_FILES_TIME'),
  CREDITS,
  ...EXTERNAL,
  count('QUERY_LOAD_PERCENT', '100'),
  IS_INTERNAL,
  count('QUERY_ACCELERATION_BYTES_SCANNED'),
  count('QUERY_ACCELERATION_PARTITIONS_SCANNED'),
  count('QUERY_ACCELERATION_UPPER_LIMIT_SCALE_FACTOR'),
  count('CHILD_QUERIES_WAIT_TIME'),
  text('ROLE_TYPE', 'ROLE'),
  ...HASHES,
  ...OWN,
];
