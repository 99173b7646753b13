import type { DuckDBConnection } from '@duckdb/node-api';
import { duckString } from '../../sql/lexer.js';
import type { ColumnInfo } from '../../sql/scope.js';
import { CATALOG_SCHEMA } from '../catalog/catalog-storage.js';
import type { SnowflakeType } from '../snowflake-type.js';

/** Snowflake remembers for 64 days which files a table was loaded from. */
const REMEMBERED_MS = 64 * 24 * 3_600_000;

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
  },
): Promise<void> {
  await connection.run(`INSERT INTO ${CATALOG_SCHEMA}.loads VALUES ($1::BIGINT, $2, $3, $4::BIGINT, $5::BIGINT)`, [
    BigInt(load.table),
    load.file,
    load.md5,
    BigInt(load.now),
    BigInt(load.rows),
  ]);
}

/** For TRUNCATE: an emptied table may be loaded from the same files again. */
export function forgetLoadsSql(table: number): string {
  return `DELETE FROM ${CATALOG_SCHEMA}.loads WHERE table_id = ${table}`;
}

/** INFORMATION_SCHEMA.LOAD_HISTORY as a DuckDB query: what those tables were loaded from. */
export function loadHistorySql(
  tables: readonly { readonly id: number; readonly schema: string; readonly name: string }[],
): string {
  const named = tables.map(({ id, schema, name }) => `(${id}, ${duckString(schema)}, ${duckString(name)})`);
  const none = "(-1, '', '')";
  const nothing = ['FIRST_ERROR_LINE_NUMBER', 'FIRST_ERROR_CHARACTER_POSITION'];
  return (
    `SELECT t."schema" AS "SCHEMA_NAME", l.file AS "FILE_NAME", t."name" AS "TABLE_NAME",` +
    ` timezone('UTC', make_timestamp(l.loaded_at * 1000)) AS "LAST_LOAD_TIME", 'LOADED' AS "STATUS",` +
    ` CAST(l.row_count AS DECIMAL(38, 0)) AS "ROW_COUNT", CAST(l.row_count AS DECIMAL(38, 0)) AS "ROW_PARSED",` +
    ` CAST(NULL AS VARCHAR) AS "FIRST_ERROR_MESSAGE",` +
    ` ${nothing.map((column) => `CAST(NULL AS DECIMAL(38, 0)) AS "${column}"`).join(', ')},` +
    ` CAST(NULL AS VARCHAR) AS "FIRST_ERROR_COL_NAME",` +
    ` CAST(0 AS DECIMAL(38, 0)) AS "ERROR_COUNT", CAST(1 AS DECIMAL(38, 0)) AS "ERROR_LIMIT"` +
    ` FROM ${CATALOG_SCHEMA}.loads AS l JOIN (VALUES ${[...named, none].join(', ')}) AS t("id", "schema", "name") ON l.table_id = t."id"`
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
  const loaded = `timezone('UTC', make_timestamp(loaded_at * 1000))`;
  const bounds = [
    ...(from === undefined ? [] : [`${loaded} >= ${from}`]),
    ...(to === undefined ? [] : [`${loaded} <= ${to}`]),
  ];
  return (
    `SELECT file AS "FILE_NAME", ${loaded} AS "LAST_LOAD_TIME", CAST(row_count AS DECIMAL(38, 0)) AS "ROW_COUNT",` +
    ` CAST(row_count AS DECIMAL(38, 0)) AS "ROW_PARSED", 'Loaded' AS "STATUS", ${duckString(database)} AS "TABLE_CATALOG_NAME",` +
    ` ${duckString(schema)} AS "TABLE_SCHEMA_NAME", ${duckString(table)} AS "TABLE_NAME", CAST(0 AS DECIMAL(38, 0)) AS "ERROR_COUNT"` +
    ` FROM ${CATALOG_SCHEMA}.loads WHERE ${[`table_id = ${id}`, ...bounds].join(' AND ')}`
  );
}

export const COPY_HISTORY_COLUMNS: readonly ColumnInfo[] = [
  ['FILE_NAME', TEXT],
  ['LAST_LOAD_TIME', { name: 'TIMESTAMP_LTZ', scale: 3 } as SnowflakeType],
  ['ROW_COUNT', NUMBER],
  ['ROW_PARSED', NUMBER],
  ['STATUS', TEXT],
  ['TABLE_CATALOG_NAME', TEXT],
  ['TABLE_SCHEMA_NAME', TEXT],
  ['TABLE_NAME', TEXT],
  ['ERROR_COUNT', NUMBER],
].map(([name, type]) => ({ name: name as string, type: type as SnowflakeType, nullable: true }));
