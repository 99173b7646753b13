import type { CommandContext } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { column, NUMBER, type ResultTable } from '../../engine/result-table.js';
import type { StagedFile } from '../../engine/stages/stage-files.js';
import { quoteName } from '../lexer.js';
import type { LoadPlan } from './load-plan.js';
import { conversionError } from './loaded-value.js';
import { wrongFieldCount } from './wrong-field-count.js';

/** Errors that are kept of one file. */
const MOST_KEPT = 1_000;

/** A row of a file that cannot be loaded. */
export interface LoadError {
  readonly error: LocalError;
  /** As COPY's result names the file. */
  readonly file: string;
  readonly row: number;
  readonly line: number;
  /** 1-based place of the field in its record. */
  readonly character: number;
  /** `"T"["A":1]`; empty for an error of the record. */
  readonly column: string;
  readonly record: string;
}

export interface CheckedFile {
  readonly parsed: number;
  readonly errorCount: number;
  /** The first ones, in the order of the file. */
  readonly errors: readonly LoadError[];
}

const MALFORMED = -2;
const FIELD_COUNT = -1;

/** DuckDB SQL: the number of the first value that cannot go in, or what is wrong with the record; NULL for a good row. */
export function problemOf(plan: LoadPlan): string {
  const whens = plan.values.map(({ bad }, i) => `WHEN ${bad} THEN ${i}`);
  if (plan.located) {
    if (plan.fields !== undefined) whens.unshift(`WHEN "field_count" <> ${plan.fields} THEN ${FIELD_COUNT}`);
    whens.unshift(`WHEN "malformed" IS NOT NULL THEN ${MALFORMED}`);
  }
  return whens.length === 0 ? 'CAST(NULL AS INTEGER)' : `CASE ${whens.join(' ')} END`;
}

/** Looks every row of a file over, without loading any. */
export async function checkFile(
  plan: LoadPlan,
  source: { readonly file: StagedFile; readonly shown: string; readonly table: string },
  context: Pick<CommandContext, 'rows'>,
): Promise<CheckedFile> {
  const place = plan.located
    ? '"row_number", "line", "field_count", "starts", "raw", "malformed"'
    : `row_number() OVER () AS "row_number", NULL AS "line", NULL AS "field_count", '' AS "starts", NULL AS "raw", NULL AS "malformed"`;
  const shown = plan.values.map(({ shown: text }, i) => `WHEN ${i} THEN ${text}`).join(' ');
  const value = shown === '' ? 'NULL' : `CASE "problem" ${shown} END`;
  const checked = `SELECT *, ${problemOf(plan)} AS "problem" FROM (${plan.rows}) AS "src"`;
  const [counts] = await context.rows(`SELECT count(*), count("problem") FROM (${checked}) AS "checked"`);
  const parsed = Number(counts?.[0] ?? 0);
  const errorCount = Number(counts?.[1] ?? 0);
  if (errorCount === 0) return { parsed, errorCount, errors: [] };
  const rows = await context.rows(
    `SELECT * FROM (SELECT ${place}, "problem", ${value} AS "value" FROM (${checked}) AS "checked")` +
      ` WHERE "problem" IS NOT NULL ORDER BY "row_number" LIMIT ${MOST_KEPT}`,
  );
  return { parsed, errorCount, errors: rows.map((row) => errorOf(row, plan, source)) };
}

function errorOf(
  [row, line, fields, starts, raw, malformed, problem, value]: readonly unknown[],
  plan: LoadPlan,
  { file, shown, table }: { readonly file: StagedFile; readonly shown: string; readonly table: string },
): LoadError {
  const at = Number(problem);
  const target = plan.values[at]?.target;
  const text = value === null || value === undefined ? null : String(value);
  const error =
    target !== undefined
      ? conversionError(target, text)
      : at === FIELD_COUNT
        ? wrongFieldCount(Number(fields), plan.fields ?? 0)
        : new LocalError('100069', '22P02', String(malformed));
  return {
    error,
    file: `${shown}${file.path}`,
    row: Number(row),
    line: line === null ? Number(row) : Number(line),
    character: Number(String(starts).split(' ')[Math.max(at, 0)] ?? 1) || 1,
    column: target === undefined ? '' : `${quoteName(table)}[${quoteName(target.name)}:${at + 1}]`,
    record: raw === null || raw === undefined ? '' : String(raw),
  };
}

/** The error that ends a load, in Snowflake's words. */
export function abortedBy({ error, file, line, character, row, column: name }: LoadError): LocalError {
  const place = `  File '${file}', line ${line}, character ${character}\n  Row ${row}${name === '' ? '' : `, column ${name}`}`;
  const hint =
    "  If you would like to continue loading when an error is encountered, use other values such as 'SKIP_FILE' or 'CONTINUE' for the ON_ERROR option. For more information on loading options, please run 'info loading_data' in a SQL client.";
  return new LocalError(error.number, error.sqlState, `${error.message}\n${place}\n${hint}`);
}

/** Errors as VALIDATION_MODE and VALIDATE() list them. */
export function errorTable(errors: readonly LoadError[]): ResultTable {
  return {
    columns: [
      column('ERROR'),
      column('FILE'),
      column('LINE', NUMBER),
      column('CHARACTER', NUMBER),
      column('BYTE_OFFSET', NUMBER),
      column('CATEGORY'),
      column('CODE', NUMBER),
      column('SQL_STATE'),
      column('COLUMN_NAME'),
      column('ROW_NUMBER', NUMBER),
      column('ROW_START_LINE', NUMBER),
      column('REJECTED_RECORD'),
    ],
    rows: errors.map(({ error, file, line, character, row, column: name, record }) => [
      error.message,
      file,
      String(line),
      String(character),
      null,
      error.number === '100069' || error.number === '100080' ? 'parsing' : 'conversion',
      String(Number(error.number)),
      error.sqlState,
      name === '' ? null : name,
      String(row),
      String(line),
      record === '' ? null : record,
    ]),
  };
}
