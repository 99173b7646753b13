import type { TableEntry } from '../../engine/catalog/entries.js';
import type { Command, CommandContext, CommandResult } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { physicalName } from '../../engine/physical-table.js';
import { column, NUMBER, type ResultTable, statusRow } from '../../engine/result-table.js';
import { assertWritable } from '../../engine/session-names.js';
import { invalidIdentifier } from '../../engine/snowflake-errors.js';
import { loadedFiles, recordLoad } from '../../engine/stages/load-records.js';
import { md5Of, type StagedFile } from '../../engine/stages/stage-files.js';
import { StaleNames } from '../../engine/stale-names.js';
import { quoteName } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { type CopyStatement, parseCopy } from './copy-statement.js';
import { fileFormat } from './file-format.js';
import { loadQuery } from './load-query.js';
import { filesAt } from './staged-files.js';
import { wrongFieldCount } from './wrong-field-count.js';

const OPERATION = 'COPY';

interface Load {
  readonly file: StagedFile;
  readonly md5: string;
  /** INSERT of the file's rows. */
  readonly sql: string;
}

/**
 * COPY INTO table FROM a stage: CSV, JSON or Parquet. A file that the table was loaded from before is left out unless FORCE
 * is set. All files or none: ON_ERROR is ABORT_STATEMENT.
 */
export const copyInto: Command = async (cursor, context) => {
  const { names, transaction } = context;
  const copy = parseCopy(cursor, context);
  const resolvedAt = names.catalog.changes;
  const { entry, place } = names.table(copy.table, OPERATION);
  assertWritable(place.database);
  const files = await filesToLoad(copy, entry, context);
  if (files.length === 0) {
    return { statementTypeId: STATEMENT_TYPE.copy, table: statusRow('Copy executed with 0 files processed.') };
  }
  const loads: Load[] = [];
  for (const { file, md5 } of files) loads.push({ file, md5, sql: await insertOf(file, copy, entry, context) });
  const { parameters } = context.state;
  if (parameters.get('AUTOCOMMIT') !== true && !transaction.open) transaction.begin();
  const tableOf = (counts: readonly number[]): ResultTable => resultOf(copy, loads, counts);
  const counts = await transaction.write<number[]>(
    {
      locks: names.catalog.get(entry.id) === undefined ? [] : [{ table: entry.id, mode: 'append' }],
      compound: true,
      repeatable: true,
      assertCurrent: () => {
        if (names.catalog.changes !== resolvedAt) throw new StaleNames('the catalog has changed');
      },
      fingerprint: (done) => done.join('/'),
      run: async (signal) => await runLoads(copy, loads, entry, context, signal),
      record: async (done) => await context.record({ statementTypeId: STATEMENT_TYPE.copy, table: tableOf(done) }),
    },
    {
      timeoutMs: Number(parameters.get('LOCK_TIMEOUT')) * 1000,
      signal: context.signal,
      nameOf: (table) => names.nameOf(table),
    },
  );
  const result: CommandResult = { statementTypeId: STATEMENT_TYPE.copy, table: tableOf(counts) };
  context.remember(result);
  if (copy.purge) for (const { file } of loads) await context.stages.removeFile(file);
  return result;
};

async function filesToLoad(
  copy: CopyStatement,
  table: TableEntry,
  context: CommandContext,
): Promise<{ file: StagedFile; md5: string }[]> {
  const there = await filesAt(copy.location, copy.pattern, context);
  const files = copy.files === undefined ? there : copy.files.map((name) => listed(name, copy, there));
  const done = await loadedFiles(context.connection, table.id, context.now);
  const wanted: { file: StagedFile; md5: string }[] = [];
  for (const file of files) {
    if (/[*?[\]]/.test(file.path)) throw unsupported(`a file name with one of * ? [ ], '${file.path}'`);
    const md5 = await md5Of(file);
    if (copy.force || !done.has(`${keyOf(copy, file)}/${md5}`)) wanted.push({ file, md5 });
  }
  return wanted;
}

function listed(name: string, copy: CopyStatement, there: readonly StagedFile[]): StagedFile {
  const { path } = copy.location;
  const wanted = path === '' || path.endsWith('/') ? `${path}${name}` : `${path}/${name}`;
  const file = there.find((candidate) => candidate.path === wanted);
  if (file !== undefined) return file;
  throw new LocalError(
    '100016',
    '22000',
    `Remote file '${copy.location.shown}${wanted}' was not found. LIST shows the files of a stage.`,
  );
}

/** A file in the memory of loads: its stage's folder and its path. */
function keyOf(copy: CopyStatement, file: StagedFile): string {
  return `${copy.location.key}/${file.path}`;
}

async function insertOf(
  file: StagedFile,
  copy: CopyStatement,
  table: TableEntry,
  context: CommandContext,
): Promise<string> {
  const targets =
    copy.columns.length === 0
      ? table.columns
      : copy.columns.map((name) => {
          const found = table.columns.find((candidate) => candidate.name === name);
          if (found === undefined) throw invalidIdentifier(name);
          return found;
        });
  const format = fileFormat(new Map([...stageFormat(copy), ...copy.format]));
  const { columns, sql } = await loadQuery({ file, copy, format, targets, context });
  return `INSERT INTO ${physicalName(table)} (${columns.map(quoteName).join(', ')}) ${sql}`;
}

/** The stage's own format counts where COPY names none. */
function stageFormat(copy: CopyStatement): Map<string, readonly string[]> {
  return copy.format.size > 0 ? new Map() : new Map(Object.entries(copy.location.stage?.format ?? {}));
}

async function runLoads(
  copy: CopyStatement,
  loads: readonly Load[],
  table: TableEntry,
  context: CommandContext,
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const counts: number[] = [];
  for (const { file, md5, sql } of loads) {
    if (signal?.aborted === true) throw signal.reason;
    const rows = await insertedRows(sql, context);
    const key = keyOf(copy, file);
    await recordLoad(context.connection, { table: table.id, file: key, md5, now: context.now, rows });
    counts.push(rows);
  }
  return counts;
}

async function insertedRows(sql: string, context: CommandContext): Promise<number> {
  try {
    return (await context.connection.run(sql)).rowsChanged;
  } catch (error) {
    throw columnCountError(error) ?? error;
  }
}

/** DuckDB's words for a record that has other fields than the first one. */
function columnCountError(error: unknown): LocalError | undefined {
  const match = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(error instanceof Error ? error.message : '');
  return match === null ? undefined : wrongFieldCount(Number(match[2]), Number(match[1]));
}

const COLUMNS = [
  column('file'),
  column('status'),
  column('rows_parsed', NUMBER),
  column('rows_loaded', NUMBER),
  column('error_limit', NUMBER),
  column('errors_seen', NUMBER),
  column('first_error'),
  column('first_error_line', NUMBER),
  column('first_error_character', NUMBER),
  column('first_error_column_name'),
];

function resultOf(copy: CopyStatement, loads: readonly Load[], counts: readonly number[]): ResultTable {
  return {
    columns: COLUMNS,
    rows: loads.map(({ file }, i) => {
      const rows = String(counts[i] ?? 0);
      return [`${copy.location.shown}${file.path}`, 'LOADED', rows, rows, '1', '0', null, null, null, null];
    }),
  };
}
