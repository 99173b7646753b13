import type { Catalog } from './catalog/catalog.js';
import { column, INSTANT, instantCell, NUMBER, type ResultTable } from './result-table.js';

/** Runs of tasks that are remembered, of a whole account. */
const MOST_RUNS = 10_000;

/** One run of a task; moments in milliseconds since the epoch. */
export interface TaskRun {
  readonly name: string;
  readonly databaseName: string;
  readonly schemaName: string;
  readonly text: string;
  readonly condition: string | null;
  readonly state: 'SUCCEEDED' | 'FAILED' | 'SKIPPED';
  readonly startedAt: number;
  readonly endedAt: number;
  readonly queryId?: string;
  readonly error?: { readonly number: string; readonly message: string };
}

/** By account, for as long as it is open. */
const RUNS = new WeakMap<Catalog, TaskRun[]>();

export function recordTaskRun(catalog: Catalog, run: TaskRun): void {
  const runs = RUNS.get(catalog) ?? [];
  RUNS.set(catalog, runs);
  runs.push(run);
  if (runs.length > MOST_RUNS) runs.splice(0, runs.length - MOST_RUNS);
}

/** INFORMATION_SCHEMA.TASK_HISTORY of a database, the last run first; of one task where it is named. */
function taskHistory(
  catalog: Catalog,
  databaseName: string,
  options: { readonly taskName?: string; readonly limit: number; readonly errorsOnly: boolean },
): ResultTable {
  const runs = (RUNS.get(catalog) ?? [])
    .filter((run) => run.databaseName === databaseName)
    .filter(({ name }) => options.taskName === undefined || name.toUpperCase() === options.taskName.toUpperCase())
    .filter(({ state }) => !options.errorsOnly || state === 'FAILED')
    .reverse()
    .slice(0, options.limit);
  return {
    columns: [
      ...['QUERY_ID', 'NAME', 'DATABASE_NAME', 'SCHEMA_NAME', 'QUERY_TEXT', 'CONDITION_TEXT', 'STATE'].map((name) =>
        column(name),
      ),
      column('ERROR_CODE', NUMBER),
      column('ERROR_MESSAGE'),
      ...['SCHEDULED_TIME', 'QUERY_START_TIME', 'NEXT_SCHEDULED_TIME', 'COMPLETED_TIME'].map((name) =>
        column(name, INSTANT),
      ),
      column('ROOT_TASK_ID'),
      column('GRAPH_VERSION', NUMBER),
      column('RUN_ID', NUMBER),
      column('RETURN_VALUE'),
      column('SCHEDULED_FROM'),
      column('ATTEMPT_NUMBER', NUMBER),
    ],
    rows: runs.map((run) => [
      run.queryId ?? null,
      run.name,
      run.databaseName,
      run.schemaName,
      run.text,
      run.condition,
      run.state,
      run.error === undefined ? null : String(Number(run.error.number)),
      run.error?.message ?? null,
      instantCell(run.startedAt),
      instantCell(run.startedAt),
      null,
      instantCell(run.endedAt),
      null,
      '1',
      String(run.startedAt),
      null,
      'EXECUTE TASK',
      '1',
    ]),
  };
}

/** TASK_HISTORY with its arguments: TASK_NAME, RESULT_LIMIT (100), ERROR_ONLY; those that bound the time are taken and not needed. */
export function taskHistoryFunction(
  catalog: Catalog,
  databaseName: string,
  args: readonly { readonly name?: string; readonly value: string | number | null }[],
): ResultTable {
  const given = (key: string): string | number | null | undefined => args.find(({ name }) => name === key)?.value;
  const task = given('TASK_NAME');
  return taskHistory(catalog, databaseName, {
    ...(typeof task === 'string' ? { taskName: task } : {}),
    limit: Number(given('RESULT_LIMIT') ?? 100),
    errorsOnly: String(given('ERROR_ONLY')).toUpperCase() === 'TRUE',
  });
}
