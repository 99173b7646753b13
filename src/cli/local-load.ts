import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { SnowError } from '../errors/snow-error.js';
import { type LocalSqlTarget, openLocalSql } from './local-sql.js';
import { quotedName } from './sql/quoted-name.js';
import type { SqlOutcome, SqlSession } from './sql/sql-session.js';
import { startStep } from './step.js';
import { duration } from './table.js';
import { terminal } from './terminal.js';

export const LOAD_FORMATS = ['csv', 'tsv', 'json', 'parquet'] as const;
export type LoadFormat = (typeof LOAD_FORMATS)[number];

export interface LocalLoadOptions extends LocalSqlTarget {
  /** Without it, the file's name. */
  readonly table?: string;
  /** Without it, what the file's name ends in. */
  readonly format?: LoadFormat;
  /** Put the rows into a table that is there. */
  readonly append?: boolean;
  /** Put a new table in the place of one that is there. */
  readonly replace?: boolean;
}

const FILE_FORMATS: Readonly<Record<LoadFormat, string>> = {
  csv: `type = csv parse_header = true field_optionally_enclosed_by = '"'`,
  tsv: `type = csv parse_header = true field_optionally_enclosed_by = '"' field_delimiter = '\\t'`,
  json: 'type = json strip_outer_array = true',
  parquet: 'type = parquet',
};
const BY_ENDING: Readonly<Record<string, LoadFormat>> = {
  csv: 'csv',
  tsv: 'tsv',
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  parquet: 'parquet',
};
/** COPY answers a row a file. */
const MOST_ROWS = 10_000;

/**
 * `local load`: a file becomes a table of the local Snowflake, with the statements a person would use: a stage, a file format,
 * INFER_SCHEMA and COPY INTO.
 */
export async function localLoad(path: string, options: LocalLoadOptions): Promise<void> {
  const file = readable(path);
  const format = options.format ?? formatOf(file);
  const table = identifier(options.table ?? basename(file).replace(/\..*$/, ''));
  if (options.append && options.replace)
    throw wrong('A table is appended to or replaced, not both.', 'Leave --append or --replace out.');
  const database = identifier(options.database ?? 'local');
  const schema = identifier(options.schema ?? 'public');
  const session = await openLocalSql({ ...options, database: undefined, schema: undefined });
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const step = await startStep(`loading ${basename(file)}`, options);
  try {
    const begun = performance.now();
    const run = (sql: string) => session.run(sql, { maxRows: MOST_ROWS, signal: interrupt.signal });
    await run(`create database if not exists ${database}`);
    await run(`create schema if not exists ${database}.${schema}`);
    await run(`use schema ${database}.${schema}`);
    const loaded = await load(run, { file, format, table, mode: modeOf(options) });
    step.end();
    const name = `${database}.${schema}.${table}`;
    await terminal({ json: options.json ?? false, color: options.color }).result(
      { table: name, rows: loaded },
      () => `${loaded} ${loaded === 1 ? 'row' : 'rows'} in ${name}, ${duration(performance.now() - begun)}`,
    );
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

async function load(
  run: (sql: string) => ReturnType<SqlSession['run']>,
  { file, format, table, mode }: { file: string; format: LoadFormat; table: string; mode: Mode },
): Promise<number> {
  await run(`create or replace temporary file format mcp_snow_load ${FILE_FORMATS[format]}`);
  await run('create or replace temporary stage mcp_snow_load file_format = mcp_snow_load');
  await run(
    `put '${`file://${file}`.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}' @mcp_snow_load auto_compress = false`,
  );
  if (mode !== 'append') await run(createTable(table, mode)).catch(withWayOut);
  const copied = await run(`copy into ${table} from @mcp_snow_load match_by_column_name = case_insensitive`).catch(
    async (thrown) => {
      // A table that was not there before is not there after a load that failed.
      if (mode === 'new') await run(`drop table ${table}`);
      throw thrown;
    },
  );
  return rowsLoaded(copied);
}

function createTable(table: string, mode: Mode): string {
  return (
    `create ${mode === 'replace' ? 'or replace ' : ''}table ${table} using template (select array_agg(object_construct(*)) ` +
    "from table(infer_schema(location => '@mcp_snow_load', file_format => 'mcp_snow_load', ignore_case => true)))"
  );
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

/** A name as SQL takes it: folded to upper case where it needs no quotes, as Snowflake does. */
function identifier(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_$]*$/.test(name)) return name.toUpperCase();
  if (/^"(?:[^"]|"")+"$/.test(name)) return name;
  if (name !== '' && name.length <= 255) return quotedName(name);
  throw wrong('A name has 1 to 255 characters.', 'Give one with --table.');
}

function wrong(message: string, hint: string): SnowError {
  return new SnowError({ code: 'INVALID_ARGUMENT', message, hint });
}
