import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { SnowError } from '../errors/snow-error.js';
import { Interrupted } from './interrupted.js';
import { type TablePlace, tablePlace } from './load/table-place.js';
import { type TextLayout, textLayout } from './load/text-layout.js';
import { type LocalSqlTarget, openLocalSql } from './local-sql.js';
import type { SqlOutcome } from './sql/sql-session.js';
import { startStep } from './step.js';
import { duration } from './table.js';
import { terminal } from './terminal.js';

const LOAD_FORMATS = ['csv', 'tsv', 'json', 'parquet'] as const;
export type LoadFormat = (typeof LOAD_FORMATS)[number];

export interface LocalLoadOptions extends LocalSqlTarget {
  /** Without it, the file's name; with its schema and database, if they are written before it. */
  readonly table?: string;
  /** Without it, what the file's name ends in. */
  readonly format?: LoadFormat;
  /** Of separated values: the sign between two fields. Without it, what the line of names shows. */
  readonly delimiter?: string;
  /** Of separated values, as `ENCODING` of a file format names it. Without it, UTF-8 or what a byte order mark says. */
  readonly encoding?: string;
  /** Put the rows into a table that is there. */
  readonly append?: boolean;
  /** Put a new table in the place of one that is there. */
  readonly replace?: boolean;
}

const BY_ENDING: Readonly<Record<string, LoadFormat>> = {
  csv: 'csv',
  tsv: 'tsv',
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  parquet: 'parquet',
};
/** COPY answers a row a file, INFER_SCHEMA one a column. */
const MOST_ROWS = 10_000;
const STAGE = '@mcp_snow_load';
/** Reads a file of separated values by the names in its first line. */
const BY_NAME = 'mcp_snow_load';
/** Reads it by the places of its fields, so that none is left out. */
const BY_PLACE = 'mcp_snow_load_rows';

/**
 * `local load`: a file becomes a table of the local Snowflake, with the statements a person would use: a stage, a file format,
 * INFER_SCHEMA and COPY INTO.
 */
export async function localLoad(path: string, options: LocalLoadOptions): Promise<void> {
  const file = readable(path);
  const format = options.format ?? formatOf(file);
  if (options.append && options.replace)
    throw wrong('A table is appended to or replaced, not both.', 'Leave --append or --replace out.');
  const layout = await layoutOf(file, format, options);
  const place = tablePlace(options.table ?? basename(file).replace(/\..*$/, ''), options);
  const session = await openLocalSql({ ...options, database: undefined, schema: undefined });
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const step = await startStep(`loading ${basename(file)}`, options);
  try {
    const begun = performance.now();
    const run = (sql: string) => session.run(sql, { maxRows: MOST_ROWS, signal: interrupt.signal });
    // Also after ^C.
    const tidy = (sql: string) => session.run(sql, { maxRows: MOST_ROWS, signal: new AbortController().signal });
    await run(`create database if not exists ${place.database}`);
    await run(`create schema if not exists ${place.database}.${place.schema}`);
    await run(`use schema ${place.database}.${place.schema}`);
    const { rows, leftOut } = await load(run, tidy, {
      file,
      format,
      layout,
      table: place.table,
      mode: modeOf(options),
    });
    step.end();
    const name = nameOf(place);
    if (leftOut.length > 0) process.stderr.write(`Left out, for ${name} has no such column: ${leftOut.join(', ')}\n`);
    await terminal({ json: options.json ?? false, color: options.color }).result(
      { table: name, rows },
      () => `${rows} ${rows === 1 ? 'row' : 'rows'} in ${name}, ${duration(performance.now() - begun)}`,
    );
  } catch (thrown) {
    throw interrupt.signal.aborted ? new Interrupted('The load') : thrown;
  } finally {
    step.end();
    await session.close();
  }
}

type Mode = 'new' | 'append' | 'replace';

function modeOf(options: LocalLoadOptions): Mode {
  if (options.append) return 'append';
  return options.replace ? 'replace' : 'new';
}

type Run = (sql: string) => Promise<SqlOutcome>;

interface Load {
  readonly file: string;
  readonly format: LoadFormat;
  readonly layout: TextLayout | undefined;
  readonly table: string;
  readonly mode: Mode;
}

async function load(run: Run, tidy: Run, given: Load): Promise<{ rows: number; leftOut: readonly string[] }> {
  const { file, format, layout, table, mode } = given;
  await run(
    `create or replace temporary file format ${BY_NAME} ${fileFormat(format, layout)} ${layout ? 'parse_header = true' : ''}`,
  );
  if (layout !== undefined)
    await run(`create or replace temporary file format ${BY_PLACE} ${fileFormat(format, layout)} skip_header = 1`);
  await run(`create or replace temporary stage mcp_snow_load file_format = ${BY_NAME}`);
  await run(`put ${textLiteral(`file://${file}`)} ${STAGE} auto_compress = false`);
  if (mode === 'append') {
    const leftOut = await unknownColumns(run, table);
    return { rows: rowsLoaded(await run(copy(table, BY_NAME)).catch(withEncoding)), leftOut };
  }
  const inFile = await run(`select column_name ${INFERRED}`).catch(withEncoding);
  if (inFile.rows.length === 0) throw nothingIn(file, format);
  const made = mode === 'replace' ? `mcp_snow_load_${randomUUID().replaceAll('-', '_')}` : table;
  await run(createTable(made)).catch(withWayOut);
  const copied = await run(copy(made, layout === undefined ? BY_NAME : BY_PLACE)).catch(async (thrown) => {
    // After a load that failed there is what was there before.
    await tidy(`drop table ${made}`);
    return withEncoding(thrown);
  });
  if (mode === 'replace') {
    await run(`drop table if exists ${table}`);
    await run(`alter table ${made} rename to ${table}`);
  }
  return { rows: rowsLoaded(copied), leftOut: [] };
}

function fileFormat(format: LoadFormat, layout: TextLayout | undefined): string {
  if (layout === undefined) return format === 'json' ? 'type = json strip_outer_array = true' : 'type = parquet';
  return `type = csv field_optionally_enclosed_by = '"' skip_blank_lines = true field_delimiter = ${textLiteral(layout.delimiter)} encoding = ${textLiteral(layout.encoding)}`;
}

function copy(table: string, format: string): string {
  const match = format === BY_NAME ? ' match_by_column_name = case_insensitive' : '';
  return `copy into ${table} from ${STAGE} file_format = (format_name = '${format}')${match}`;
}

const INFERRED = `from table(infer_schema(location => '${STAGE}', file_format => '${BY_NAME}', ignore_case => true))`;

function createTable(table: string): string {
  return `create table ${table} using template (select array_agg(object_construct(*)) ${INFERRED})`;
}

/** Columns of the file that the table has not: COPY leaves them out without a word. */
async function unknownColumns(run: Run, table: string): Promise<readonly string[]> {
  const inFile = await run(`select column_name ${INFERRED}`).catch(withEncoding);
  const described = await run(`describe table ${table}`);
  const known = new Set(described.rows.map(([name]) => String(name).toUpperCase()));
  return inFile.rows.map(([name]) => String(name)).filter((name) => !known.has(name.toUpperCase()));
}

function nothingIn(file: string, format: LoadFormat): SnowError {
  return format === 'json'
    ? wrong(
        `${basename(file)} holds no objects whose keys could be columns.`,
        'Give JSON objects, a line each or in an array.',
      )
    : wrong(`${basename(file)} holds no rows.`, 'Give a file with names in its first line and rows below.');
}

function textLiteral(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

const INVALID_TEXT = '100144';

function withEncoding(thrown: unknown): never {
  if (thrown instanceof SnowError && thrown.data.number === INVALID_TEXT)
    throw new SnowError({
      ...thrown.data,
      message: thrown.data.message.replace(/;.*$/s, '.'),
      hint: 'Name its encoding, such as --encoding WINDOWS1252.',
    });
  throw thrown;
}

const ALREADY_EXISTS = '002002';

function withWayOut(thrown: unknown): never {
  if (thrown instanceof SnowError && thrown.data.number === ALREADY_EXISTS)
    throw new SnowError({ ...thrown.data, hint: 'Use --append or --replace, or another --table.' });
  throw thrown;
}

function rowsLoaded(copied: SqlOutcome): number {
  const at = copied.columns.findIndex(({ name }) => name.toLowerCase() === 'rows_loaded');
  return copied.rows.reduce((sum, row) => sum + Number(row[at] ?? 0), 0);
}

function readable(path: string): string {
  const file = resolve(path);
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile()) return file;
  throw wrong(
    found === undefined ? `There is no file ${path}.` : `${path} is no file.`,
    'Give a CSV, JSON or Parquet file.',
  );
}

function formatOf(file: string): LoadFormat {
  const format = BY_ENDING[/\.([^.]+?)(?:\.gz)?$/i.exec(file)?.[1]?.toLowerCase() ?? ''];
  if (format !== undefined) return format;
  throw wrong(`What ${basename(file)} holds is not to be seen by its name.`, `Use --format ${LOAD_FORMATS.join('|')}.`);
}

/** Of separated values; undefined for what has a layout of its own. */
async function layoutOf(
  file: string,
  format: LoadFormat,
  { delimiter, encoding }: LocalLoadOptions,
): Promise<TextLayout | undefined> {
  if (format === 'json' || format === 'parquet') {
    if (delimiter === undefined && encoding === undefined) return undefined;
    throw wrong(`--delimiter and --encoding are for CSV, not for ${format}.`, 'Leave them out.');
  }
  const seen = await textLayout(file);
  return {
    delimiter: delimiter ?? (format === 'tsv' ? '\t' : seen.delimiter),
    encoding: encoding?.toUpperCase() ?? seen.encoding,
  };
}

function nameOf({ database, schema, table }: TablePlace): string {
  return `${database}.${schema}.${table}`;
}

function wrong(message: string, hint: string): SnowError {
  return new SnowError({ code: 'INVALID_ARGUMENT', message, hint });
}
