import { join } from 'node:path';
import type { CommandContext } from '../../engine/command.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { plainRows, writePlainCopy } from '../../engine/stages/plain-copy.js';
import { csvRows, duckdbReads, firstRecord, jsonRows, parquetTable, recordsOf } from '../../engine/stages/read-file.js';
import { md5Of, type StagedFile } from '../../engine/stages/stage-files.js';
import { TEXT, VARIANT } from '../emit/typed.js';
import { duckString, quoteName } from '../lexer.js';
import { raise } from '../macros/raise.js';
import type { ColumnInfo } from '../scope.js';
import type { FileFormat } from './file-format.js';

/** What a file's rows are read for. */
export interface ReadOptions {
  /** Reads the file here, so that rows, lines and places are known: `row_number`, `line`, `field_count`, `starts`, `raw`, `malformed`. */
  readonly detailed: boolean;
  /** Detailed rows keep the record as it stands in the file. */
  readonly raw: boolean;
  /** Fields of each row; undefined takes as many as the first record has. */
  readonly width?: number;
  /** Where detailed rows are kept while they are needed. */
  readonly directory: string;
}

/** DuckDB SQL of a file's rows: `c0`, `c1`, … and what `detailed` adds. */
export interface StagedRows {
  readonly sql: string;
  readonly types: readonly SnowflakeType[];
}

/** Names of the columns that detailed rows have before their fields. */
const DETAILS = ['row_number', 'line', 'field_count', 'starts', 'raw', 'malformed'] as const;

export async function stagedRows(
  file: StagedFile,
  format: FileFormat,
  options: ReadOptions,
  signal: AbortSignal,
): Promise<StagedRows> {
  if (format.type === 'PARQUET') return { sql: parquetRows(file), types: [VARIANT] };
  if (!options.detailed && duckdbReads(file, format)) return await fastRows(file, format, options);
  const width = format.type === 'JSON' ? 1 : (options.width ?? (await firstRecord(file, format)).length);
  const path = join(
    options.directory,
    `${options.raw ? 'r' : 'p'}${width}-${Buffer.from(file.path).toString('hex').slice(-80)}`,
  );
  await writePlainCopy(recordsOf(file, format), path, { width: Math.max(width, 1), raw: options.raw, signal });
  const rows = plainRows(path, Math.max(width, 1));
  if (format.type === 'JSON') return { sql: jsonCells(rows, format), types: [VARIANT] };
  return { sql: rows, types: Array.from({ length: Math.max(width, 1) }, () => TEXT) };
}

async function fastRows(file: StagedFile, format: FileFormat, { width }: ReadOptions): Promise<StagedRows> {
  if (format.type === 'JSON') return { sql: jsonRows(file, format), types: [VARIANT] };
  const inFile = Math.max((await firstRecord(file, format)).length, 1);
  const missing = Math.max((width ?? inFile) - inFile, 0);
  const padding = Array.from({ length: missing }, (_, i) => `, CAST(NULL AS VARCHAR) AS "c${inFile + i}"`).join('');
  const rows = csvRows(file, format, inFile);
  const sql = padding === '' ? rows : `SELECT *${padding} FROM (${rows}) AS "narrow"`;
  return { sql, types: Array.from({ length: inFile + missing }, () => TEXT) };
}

function jsonCells(rows: string, format: FileFormat): string {
  const details = DETAILS.map(quoteName).join(', ');
  const json = 'CAST("c0" AS JSON)';
  // RFC 7386: a merge takes the members that are null away.
  const stripped = format.stripNullValues ? `json_merge_patch('{}', ${json})` : json;
  const cell = format.stripNullValues
    ? `CASE WHEN json_type(${json}) = 'OBJECT' THEN ${stripped} ELSE ${json} END`
    : json;
  return `SELECT ${details}, ${cell} AS "c0" FROM (${rows}) AS "plain"`;
}

function parquetRows(file: StagedFile): string {
  return (
    `SELECT row_number() OVER () AS "row_number", CAST(NULL AS BIGINT) AS "line", 1 AS "field_count", '' AS "starts",` +
    ` CAST(NULL AS VARCHAR) AS "raw", CAST(NULL AS VARCHAR) AS "malformed", to_json("row") AS "c0"` +
    ` FROM ${parquetTable(file)} AS "row"`
  );
}

const METADATA: Readonly<
  Record<string, { type: SnowflakeType; sql: (file: StagedFile, md5: string, context: CommandContext) => string }>
> = {
  METADATA$FILENAME: { type: TEXT, sql: (file) => duckString(file.path) },
  METADATA$FILE_ROW_NUMBER: {
    type: { name: 'FIXED', precision: 38, scale: 0 },
    sql: () => 'CAST("row_number" AS DECIMAL(38, 0))',
  },
  METADATA$FILE_CONTENT_KEY: { type: TEXT, sql: (_file, md5) => duckString(md5) },
  METADATA$FILE_LAST_MODIFIED: {
    type: { name: 'TIMESTAMP_NTZ', scale: 9 },
    sql: (file) => `make_timestamp(${Math.round(file.modifiedAt)} * 1000)`,
  },
  METADATA$START_SCAN_TIME: {
    type: { name: 'TIMESTAMP_LTZ', scale: 9 },
    sql: (_file, _md5, { now }) => `(make_timestamp(${now} * 1000) AT TIME ZONE 'UTC')`,
  },
};

/** A query has no ON_ERROR: what cannot be read ends it. */
const WELL_FORMED = ` WHERE CASE WHEN "malformed" IS NULL THEN TRUE ELSE ${raise('100069', '22P02', '"malformed"')} END`;

/** A file as a query sees it: `$1`, `$2`, … and the METADATA$ columns that the query names. */
export async function stagedRelation(
  file: StagedFile,
  format: FileFormat,
  query: string,
  context: CommandContext,
  options: ReadOptions,
): Promise<{ readonly sql: string; readonly columns: readonly ColumnInfo[] }> {
  const named = Object.keys(METADATA).filter((name) => query.toUpperCase().includes(name));
  const numbered = named.includes('METADATA$FILE_ROW_NUMBER');
  const highest = Math.max(0, ...[...query.matchAll(/\$(\d+)/g)].map(([, n]) => Number(n)));
  const inFile = format.type === 'CSV' ? (await firstRecord(file, format)).length : 1;
  const width = Math.max(inFile, format.type === 'CSV' ? highest : 1, 1);
  const detailed = options.detailed || numbered;
  const rows = await stagedRows(file, format, { ...options, detailed, width }, context.signal);
  const md5 = named.includes('METADATA$FILE_CONTENT_KEY') ? await md5Of(file) : '';
  const cells = rows.types.map((_, i) => `"c${i}" AS "$${i + 1}"`);
  const metadata = named.map((name) => `${METADATA[name]?.sql(file, md5, context)} AS ${quoteName(name)}`);
  return {
    sql: `SELECT ${[...cells, ...metadata].join(', ')} FROM (${rows.sql}) AS "staged"${detailed ? WELL_FORMED : ''}`,
    columns: [
      ...rows.types.map((type, i): ColumnInfo => ({ name: `$${i + 1}`, type, nullable: true })),
      ...named.flatMap((name): ColumnInfo[] => {
        const column = METADATA[name];
        return column === undefined ? [] : [{ name, type: column.type, nullable: true }];
      }),
    ],
  };
}
