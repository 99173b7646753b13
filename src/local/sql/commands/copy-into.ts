import type { TableEntry } from '../../engine/catalog/entries.js';
import type { Command, CommandContext, CommandResult } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { physicalName } from '../../engine/physical-table.js';
import { column, NUMBER, type ResultTable, statusRow } from '../../engine/result-table.js';
import { assertWritable } from '../../engine/session-names.js';
import { invalidIdentifier } from '../../engine/snowflake-errors.js';
import { type LoadDetails, loadedFiles, recordLoad } from '../../engine/stages/load-records.js';
import { md5Of, type StagedFile } from '../../engine/stages/stage-files.js';
import { StaleNames } from '../../engine/stale-names.js';
import { quoteName } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { type CopyStatement, type OnError, parseCopy } from './copy-statement.js';
import { copyToLocation } from './copy-to-location.js';
import { abortedBy, type CheckedFile, checkFile, errorTable, type LoadError, problemOf } from './load-errors.js';
import { loadPlan } from './load-plan.js';
import { formatFor } from './named-format.js';
import { filesAt } from './staged-files.js';

const OPERATION = 'COPY';

interface Load {
  readonly file: StagedFile;
  readonly md5: string;
  /** INSERT of the file's rows; undefined for a file that is left out. */
  readonly sql: string | undefined;
  readonly checked?: CheckedFile;
}

/** COPY INTO a table FROM a stage, or INTO a stage FROM a table or query. */
export const copyInto: Command = async (cursor, context) => {
  const target = cursor.peek(2);
  return target.kind === 'stage' || target.kind === 'string'
    ? await copyToLocation(cursor, context)
    : await copyToTable(cursor, context);
};

/**
 * A file that the table was loaded from before is left out unless FORCE is set. With ON_ERROR = ABORT_STATEMENT DuckDB reads the
 * files itself, all of them or none; when that fails, and for all other modes, every row is looked at alone.
 */
const copyToTable: Command = async (cursor, context) => {
  const copy = await parseCopy(cursor, context);
  const resolvedAt = context.names.catalog.changes;
  const { entry, place } = context.names.table(copy.table, OPERATION);
  assertWritable(place.database);
  context.names.assertMay('INSERT', entry);
  const { stage } = copy.location;
  if (copy.purge && stage?.url === '') context.names.assertMay('WRITE', stage);
  const files = await filesToLoad(copy, entry, context);
  if (files.length === 0) {
    return { statementTypeId: STATEMENT_TYPE.copy, table: statusRow('Copy executed with 0 files processed.') };
  }
  const scratch = context.stages.scratch();
  const job: Job = { copy, entry, resolvedAt, directory: scratch.directory, context };
  try {
    if (copy.validation !== undefined) return await validate(job, files);
    if (copy.onError.action !== 'ABORT_STATEMENT') return await load(job, await carefully(job, files));
    try {
      return await load(job, await quickly(job, files));
    } catch (error) {
      if (context.signal.aborted || error instanceof StaleNames) throw error;
      await context.transaction.mend();
      return await load(job, await carefully(job, files), error);
    }
  } finally {
    await context.stages.removeAll(scratch.key);
  }
};

interface Job {
  readonly copy: CopyStatement;
  readonly entry: TableEntry;
  readonly resolvedAt: number;
  readonly directory: string;
  readonly context: CommandContext;
}

interface ChosenFile {
  readonly file: StagedFile;
  readonly md5: string;
}

async function filesToLoad(
  copy: CopyStatement,
  table: TableEntry,
  context: CommandContext,
): Promise<readonly ChosenFile[]> {
  // A format that does not exist is told even where there is nothing to load.
  formatFor(copy.format, copy.location.stage, context);
  const there = await filesAt(copy.location, copy.pattern, context);
  const files = copy.files === undefined ? there : copy.files.map((name) => listed(name, copy, there));
  const done = await loadedFiles(context.connection, table.id, context.now);
  const wanted: ChosenFile[] = [];
  let bytes = 0;
  for (const file of files) {
    if (copy.sizeLimit > 0 && bytes >= copy.sizeLimit) break;
    if (/[*?[\]]/.test(file.path)) throw unsupported(`a file name with one of * ? [ ], '${file.path}'`);
    const md5 = await md5Of(file);
    if (!copy.force && copy.validation === undefined && done.has(`${keyOf(copy, file)}/${md5}`)) continue;
    wanted.push({ file, md5 });
    bytes += file.bytes;
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

async function planOf({ copy, entry, directory, context }: Job, file: StagedFile, detailed: boolean) {
  const targets =
    copy.columns.length === 0
      ? entry.columns
      : copy.columns.map((name) => {
          const found = entry.columns.find((candidate) => candidate.name === name);
          if (found === undefined) throw invalidIdentifier(name);
          return found;
        });
  const format = formatFor(copy.format, copy.location.stage, context);
  return await loadPlan({ file, copy, format, targets, context, detailed, directory });
}

async function quickly(job: Job, files: readonly ChosenFile[]): Promise<Load[]> {
  const loads: Load[] = [];
  for (const { file, md5 } of files) {
    const { rows, values } = await planOf(job, file, false);
    loads.push({
      file,
      md5,
      sql: insertOf(job.entry, values, `SELECT ${list(values, 'strict')} FROM (${rows}) AS "src"`),
    });
  }
  return loads;
}

/** Reads every row alone. Throws the first error when that is to end the load. */
async function carefully(job: Job, files: readonly ChosenFile[]): Promise<Load[]> {
  const { copy, entry, context } = job;
  const loads: Load[] = [];
  for (const { file, md5 } of files) {
    const plan = await planOf(job, file, true);
    const checked = await checkFile(plan, { file, shown: copy.location.shown, table: entry.name }, context);
    const [first] = checked.errors;
    if (first !== undefined && copy.onError.action === 'ABORT_STATEMENT') throw abortedBy(first);
    const good = `SELECT ${list(plan.values, 'lenient')} FROM (${plan.rows}) AS "src" WHERE (${problemOf(plan)}) IS NULL`;
    const sql = isSkipped(copy.onError, checked) ? undefined : insertOf(entry, plan.values, good);
    loads.push({ file, md5, sql, checked });
  }
  context.state.loadErrors.keep(
    context.input.queryId,
    entry.id,
    errorTable(loads.flatMap(({ checked }) => checked?.errors ?? [])),
  );
  return loads;
}

function isSkipped(onError: OnError, { parsed, errorCount }: CheckedFile): boolean {
  if (onError.action !== 'SKIP_FILE' || errorCount === 0) return false;
  return errorCount >= (onError.percent ? (parsed * onError.limit) / 100 : onError.limit);
}

type Values = Awaited<ReturnType<typeof loadPlan>>['values'];

const list = (values: Values, kind: 'strict' | 'lenient'): string => values.map((value) => value[kind]).join(', ');

function insertOf(table: TableEntry, values: Values, query: string): string {
  return `INSERT INTO ${physicalName(table)} (${values.map(({ target }) => quoteName(target.name)).join(', ')}) ${query}`;
}

/** Inserts the rows in one step. `after` is the error that a look at every row was to explain. */
async function load(job: Job, loads: readonly Load[], after?: unknown): Promise<CommandResult> {
  const { copy, entry, context, resolvedAt } = job;
  const { names, transaction, state } = context;
  const { parameters } = state;
  if (parameters.get('AUTOCOMMIT') !== true && !transaction.open) transaction.begin();
  const resultOf = (counts: readonly number[]): CommandResult => ({
    statementTypeId: STATEMENT_TYPE.copy,
    table: loadTable(copy, loads, counts),
  });
  const counts = await transaction
    .write<number[]>(
      {
        locks: [{ table: entry.id, mode: 'append' }],
        compound: true,
        // The copies that a careful load reads are gone after it.
        repeatable: loads.every(({ checked }) => checked === undefined),
        assertCurrent: () => {
          if (names.catalog.changes !== resolvedAt) throw new StaleNames('the catalog has changed');
        },
        fingerprint: (done) => done.join('/'),
        run: async (signal) => await runLoads(job, loads, signal),
        record: async (done) => await context.record(resultOf(done)),
      },
      {
        timeoutMs: Number(parameters.get('LOCK_TIMEOUT')) * 1000,
        signal: context.signal,
        nameOf: (table) => names.nameOf(table),
      },
    )
    .catch((error: unknown) => {
      throw after === undefined || error instanceof StaleNames ? error : after;
    });
  const result = resultOf(counts);
  context.remember(result);
  if (copy.purge) {
    for (const { file, checked, sql } of loads) {
      if (sql !== undefined && (checked?.errorCount ?? 0) === 0) await context.stages.removeFile(file);
    }
  }
  return result;
}

async function runLoads(
  { copy, entry, context }: Job,
  loads: readonly Load[],
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const counts: number[] = [];
  for (const { file, md5, sql, checked } of loads) {
    if (signal?.aborted === true) throw signal.reason;
    const rows = sql === undefined ? 0 : (await context.connection.run(sql)).rowsChanged;
    counts.push(rows);
    // A file none of whose rows went in may be loaded again once it is mended.
    if (rows === 0 && (checked?.errorCount ?? 0) > 0) continue;
    const details = detailsOf(copy, file, checked, rows);
    await recordLoad(context.connection, {
      table: entry.id,
      file: keyOf(copy, file),
      md5,
      now: context.now,
      rows,
      details,
    });
  }
  return counts;
}

/** What the histories of loads tell of a file beside its rows. */
function detailsOf(
  { location, onError }: CopyStatement,
  file: StagedFile,
  checked: CheckedFile | undefined,
  rows: number,
): LoadDetails {
  const [first] = checked?.errors ?? [];
  return {
    stage: location.shown,
    bytes: file.bytes,
    parsed: checked?.parsed ?? rows,
    errors: checked?.errorCount ?? 0,
    limit: onError.action === 'CONTINUE' ? (checked?.parsed ?? rows) : 1,
    ...(first === undefined
      ? {}
      : {
          first: {
            message: first.error.message,
            line: first.line,
            character: first.character,
            column: first.column,
          },
        }),
  };
}

async function validate(job: Job, files: readonly ChosenFile[]): Promise<CommandResult> {
  const { copy, entry, context } = job;
  const { validation } = copy;
  if (copy.query !== undefined) throw unsupported('VALIDATION_MODE with a transformation');
  const errors: LoadError[] = [];
  const selects: string[] = [];
  for (const { file } of files) {
    const plan = await planOf(job, file, true);
    const { errors: found } = await checkFile(plan, { file, shown: copy.location.shown, table: entry.name }, context);
    errors.push(
      ...(validation !== undefined && 'errors' in validation && validation.errors !== 'all'
        ? found.slice(0, 1)
        : found),
    );
    const cells = entry.columns.map(({ name }) => {
      const value = plan.values.find(({ target }) => target.name === name);
      return `${value?.lenient ?? 'NULL'} AS ${quoteName(name)}`;
    });
    selects.push(`SELECT ${cells.join(', ')} FROM (${plan.rows}) AS "src"`);
  }
  if (validation === undefined || 'errors' in validation) {
    return { statementTypeId: STATEMENT_TYPE.copy, table: errorTable(errors) };
  }
  const [first] = errors;
  if (first !== undefined) throw abortedBy(first);
  const table = await context.read(
    `SELECT * FROM (${selects.join(' UNION ALL ')}) AS "rows" LIMIT ${validation.rows}`,
    entry.columns,
  );
  return { statementTypeId: STATEMENT_TYPE.copy, table };
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

function loadTable(copy: CopyStatement, loads: readonly Load[], counts: readonly number[]): ResultTable {
  const rows = loads.map(({ file, checked }, i) => {
    const loaded = counts[i] ?? 0;
    const seen = checked?.errorCount ?? 0;
    const [first] = checked?.errors ?? [];
    return [
      `${copy.location.shown}${file.path}`,
      seen === 0 ? 'LOADED' : loaded === 0 ? 'LOAD_FAILED' : 'PARTIALLY_LOADED',
      String(checked?.parsed ?? loaded),
      String(loaded),
      String(errorLimit(copy.onError, checked?.parsed ?? loaded)),
      String(seen),
      first?.error.message ?? null,
      first === undefined ? null : String(first.line),
      first === undefined ? null : String(first.character),
      first === undefined || first.column === '' ? null : first.column,
    ];
  });
  return { columns: COLUMNS, rows: copy.failedOnly ? rows.filter(([, status]) => status !== 'LOADED') : rows };
}

/** The number of errors with which a file is no longer loaded. */
function errorLimit(onError: OnError, parsed: number): number {
  if (onError.action !== 'SKIP_FILE') return onError.action === 'CONTINUE' ? Math.max(parsed, 1) : 1;
  return onError.percent ? Math.ceil((parsed * onError.limit) / 100) : onError.limit;
}
