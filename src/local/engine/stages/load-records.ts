import type { DuckDBConnection } from '@duckdb/node-api';
import { duckString } from '../../sql/lexer.js';
import type { ColumnInfo } from '../../sql/scope.js';
import { CATALOG_SCHEMA } from '../catalog/catalog-storage.js';
import type { SnowflakeType } from '../snowflake-type.js';

/** Snowflake remembers for 64 days which files a table was loaded from. */
const REMEMBERED_MS = 64 * 24 * 3_600_000;

/** What a load's histories tell beside its rows. */
export interface LoadDetails {
  readonly stage: string;
  readonly bytes: number;
  readonly parsed: number;
  readonly errors: number;
  /** Errors after which the file would have been given up. */
  readonly limit: number;
  readonly first?: {
    readonly message: string;
    readonly line: number;
    readonly character: number;
    readonly column: string;
  };
}

/** The files that were loaded into the table, as `file/md5`: COPY leaves them out unless it is forced. */
export async function loadedFiles(
  connection: DuckDBConnection,
  table: number,
  now: number,
): Promise<ReadonlySet<string>> {
  const result = await connection.run(
    `SELECT file || '/' || md5 FROM ${CATALOG_SCHEMA}.loads WHERE table_id = $1::BIGINT AND loaded_at > $2::BIGINT`,
    [BigInt(table), BigInt(now - REMEMBERED_MS)],
  );
  return new Set((await result.getRowsJS()).map(([key]) => String(key)));
}

/** Written in the connection's open transaction, with the rows of the file. */
export async function recordLoad(
  connection: DuckDBConnection,
  load: {
    readonly table: number;
    readonly file: string;
    readonly md5: string;
    readonly now: number;
    readonly rows: number;
    readonly details: LoadDetails;
  },
): Promise<void> {
  await connection.run(`INSERT INTO ${CATALOG_SCHEMA}.loads VALUES ($1::BIGINT, $2, $3, $4::BIGINT, $5::BIGINT, $6)`, [
    BigInt(load.table),
    load.file,
    load.md5,
    BigInt(load.now),
    BigInt(load.rows),
    JSON.stringify(load.details),
  ]);
}

/** For TRUNCATE: an emptied table may be loaded from the same files again. */
export function forgetLoadsSql(table: number): string {
  return `DELETE FROM ${CATALOG_SCHEMA}.loads WHERE table_id = ${table}`;
}

const LOADS = `${CATALOG_SCHEMA}.loads AS l`;
const LOADED_AT = `timezone('UTC', make_timestamp(l.loaded_at * 1000))`;
/** The path within the stage, whose own key comes first. */
const FILE = `regexp_replace(l.file, '^[^/]*/', '')`;

const text = (path: string): string => `json_extract_string(l.details, '$.${path}')`;
const number = (path: string): string => `CAST(${text(path)} AS DECIMAL(38, 0))`;
const ROWS = 'CAST(l.row_count AS DECIMAL(38, 0))';
const PARSED = `coalesce(${number('parsed')}, ${ROWS})`;
const ERRORS = `coalesce(${number('errors')}, 0)`;
const LIMIT = `coalesce(${number('limit')}, 1)`;

/** INFORMATION_SCHEMA.LOAD_HISTORY as a DuckDB query: what those tables were loaded from. */
export function loadHistorySql(
  tables: readonly { readonly id: number; readonly schema: string; readonly name: string }[],
): string {
  const named = tables.map(({ id, schema, name }) => `(${id}, ${duckString(schema)}, ${duckString(name)})`);
  const none = "(-1, '', '')";
  return (
    `SELECT t."schema" AS "SCHEMA_NAME", ${FILE} AS "FILE_NAME", t."name" AS "TABLE_NAME", ${LOADED_AT} AS "LAST_LOAD_TIME",` +
    ` CASE WHEN ${ERRORS} > 0 THEN 'PARTIALLY_LOADED' ELSE 'LOADED' END AS "STATUS", ${ROWS} AS "ROW_COUNT", ${PARSED} AS "ROW_PARSED",` +
    ` ${text('first.message')} AS "FIRST_ERROR_MESSAGE", ${number('first.line')} AS "FIRST_ERROR_LINE_NUMBER",` +
    ` ${number('first.character')} AS "FIRST_ERROR_CHARACTER_POSITION", ${text('first.column')} AS "FIRST_ERROR_COL_NAME",` +
    ` ${ERRORS} AS "ERROR_COUNT", ${LIMIT} AS "ERROR_LIMIT"` +
    ` FROM ${LOADS} JOIN (VALUES ${[...named, none].join(', ')}) AS t("id", "schema", "name") ON l.table_id = t."id"`
  );
}

const TEXT: SnowflakeType = { name: 'TEXT', length: 16_777_216 };
const NUMBER: SnowflakeType = { name: 'FIXED', precision: 38, scale: 0 };

/** Its columns. */
export const LOAD_HISTORY_COLUMNS: readonly ColumnInfo[] = [
  ['SCHEMA_NAME', TEXT],
  ['FILE_NAME', TEXT],
  ['TABLE_NAME', TEXT],
  ['LAST_LOAD_TIME', { name: 'TIMESTAMP_LTZ', scale: 3 } as SnowflakeType],
  ['STATUS', TEXT],
  ['ROW_COUNT', NUMBER],
  ['ROW_PARSED', NUMBER],
  ['FIRST_ERROR_MESSAGE', TEXT],
  ['FIRST_ERROR_LINE_NUMBER', NUMBER],
  ['FIRST_ERROR_CHARACTER_POSITION', NUMBER],
  ['FIRST_ERROR_COL_NAME', TEXT],
  ['ERROR_COUNT', NUMBER],
  ['ERROR_LIMIT', NUMBER],
].map(([name, type]) => ({ name: name as string, type: type as SnowflakeType, nullable: true }));

/** COPY_HISTORY of one table as a DuckDB query; the bounds are DuckDB SQL of instants. */
export function copyHistorySql(
  [database, schema, table]: readonly [database: string, schema: string, table: string],
  id: number,
  from: string | undefined,
  to: string | undefined,
): string {
  const bounds = [
    ...(from === undefined ? [] : [`${LOADED_AT} >= ${from}`]),
    ...(to === undefined ? [] : [`${LOADED_AT} <= ${to}`]),
  ];
  const cells: Readonly<Record<string, string>> = {
    FILE_NAME: FILE,
    STAGE_LOCATION: text('stage'),
    LAST_LOAD_TIME: LOADED_AT,
    ROW_COUNT: ROWS,
    ROW_PARSED: PARSED,
    FILE_SIZE: number('bytes'),
    FIRST_ERROR_MESSAGE: text('first.message'),
    FIRST_ERROR_LINE_NUMBER: number('first.line'),
    FIRST_ERROR_CHARACTER_POS: number('first.character'),
    FIRST_ERROR_COLUMN_NAME: text('first.column'),
    ERROR_COUNT: ERRORS,
    ERROR_LIMIT: LIMIT,
    STATUS: `CASE WHEN ${ERRORS} > 0 THEN 'Partially loaded' ELSE 'Loaded' END`,
    TABLE_CATALOG_NAME: duckString(database),
    TABLE_SCHEMA_NAME: duckString(schema),
    TABLE_NAME: duckString(table),
    PIPE_RECEIVED_TIME: 'CAST(NULL AS TIMESTAMPTZ)',
  };
  const list = COPY_HISTORY_COLUMNS.map(({ name }) => `${cells[name] ?? 'CAST(NULL AS VARCHAR)'} AS "${name}"`);
  return `SELECT ${list.join(', ')} FROM ${LOADS} WHERE ${[`l.table_id = ${id}`, ...bounds].join(' AND ')}`;
}

const INSTANT: SnowflakeType = { name: 'TIMESTAMP_LTZ', scale: 3 };

const COPY_HISTORY_TYPES: readonly (readonly [name: string, type: SnowflakeType])[] = [
  ['FILE_NAME', TEXT],
  ['STAGE_LOCATION', TEXT],
  ['LAST_LOAD_TIME', INSTANT],
  ['ROW_COUNT', NUMBER],
  ['ROW_PARSED', NUMBER],
  ['FILE_SIZE', NUMBER],
  ['FIRST_ERROR_MESSAGE', TEXT],
  ['FIRST_ERROR_LINE_NUMBER', NUMBER],
  ['FIRST_ERROR_CHARACTER_POS', NUMBER],
  ['FIRST_ERROR_COLUMN_NAME', TEXT],
  ['ERROR_COUNT', NUMBER],
  ['ERROR_LIMIT', NUMBER],
  ['STATUS', TEXT],
  ['TABLE_CATALOG_NAME', TEXT],
  ['TABLE_SCHEMA_NAME', TEXT],
  ['TABLE_NAME', TEXT],
  ['PIPE_CATALOG_NAME', TEXT],
  ['PIPE_SCHEMA_NAME', TEXT],
  ['PIPE_NAME', TEXT],
  ['PIPE_RECEIVED_TIME', INSTANT],
];

/** Its columns. */
export const COPY_HISTORY_COLUMNS: readonly ColumnInfo[] = COPY_HISTORY_TYPES.map(([name, type]) => ({
  name,
  type,
  nullable: true,
}));
