import type { TableEntry } from '../../engine/catalog/entries.js';
import { physicalName } from '../../engine/physical-table.js';
import type { StagedFile } from '../../engine/stages/stage-files.js';
import { quoteName } from '../lexer.js';
import type { OnError } from './copy-statement.js';
import { abortedBy, type CheckedFile, checkFile, errorTable, problemOf } from './load-errors.js';
import { type ChosenFile, type LoadJob, planOf } from './load-job.js';
import type { loadPlan } from './load-plan.js';

/** A chosen file and how its rows go into the table. */
export interface Load {
  readonly file: StagedFile;
  readonly md5: string;
  /** INSERT of the file's rows; undefined for a file that is left out. */
  readonly sql: string | undefined;
  readonly checked?: CheckedFile;
}

/** DuckDB reads the files itself, all of their rows or none. */
export async function quickInserts(job: LoadJob, files: readonly ChosenFile[]): Promise<Load[]> {
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
export async function carefulInserts(job: LoadJob, files: readonly ChosenFile[]): Promise<Load[]> {
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
