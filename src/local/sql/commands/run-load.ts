import type { CommandResult } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { column, NUMBER, type ResultTable } from '../../engine/result-table.js';
import { type LoadDetails, recordLoad } from '../../engine/stages/load-records.js';
import type { StagedFile } from '../../engine/stages/stage-files.js';
import { StaleNames } from '../../engine/stale-names.js';
import type { CopyStatement, OnError } from './copy-statement.js';
import type { CheckedFile } from './load-errors.js';
import type { Load } from './load-inserts.js';
import { keyOf, type LoadJob } from './load-job.js';

/** Inserts the rows in one step. `after` is the error that a look at every row was to explain. */
export async function runLoad(job: LoadJob, loads: readonly Load[], after?: unknown): Promise<CommandResult> {
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
  { copy, entry, context }: LoadJob,
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
