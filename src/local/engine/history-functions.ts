import type { WireColumn } from './engine.js';
import type { QueryHistory } from './query-history.js';
import { BOOLEAN, column, INSTANT, instantCell, NUMBER, type ResultTable } from './result-table.js';
import type { SessionNames } from './session-names.js';

const instant = (name: string): WireColumn => column(name, INSTANT);
const count = (name: string): WireColumn => column(name, NUMBER);

const HISTORY_COLUMNS: readonly WireColumn[] = [
  column('QUERY_ID'),
  column('QUERY_TEXT'),
  column('SESSION_ID'),
  column('USER_NAME'),
  column('QUERY_TAG'),
  column('EXECUTION_STATUS'),
  column('ERROR_CODE'),
  column('ERROR_MESSAGE'),
  instant('START_TIME'),
  instant('END_TIME'),
  count('TOTAL_ELAPSED_TIME'),
  count('ROWS_PRODUCED'),
  column('IS_CLIENT_GENERATED_STATEMENT', BOOLEAN),
];

/** QUERY_HISTORY and QUERY_HISTORY_BY_SESSION, newest first; RESULT_LIMIT is the documented default, 100. */
export function historyFunction(
  name: string,
  args: readonly (string | number | null)[],
  names: SessionNames,
  history: QueryHistory,
): ResultTable | undefined {
  if (name !== 'QUERY_HISTORY' && name !== 'QUERY_HISTORY_BY_SESSION' && name !== 'QUERY_HISTORY_BY_USER') {
    return undefined;
  }
  const limit = args.find((arg): arg is number => typeof arg === 'number') ?? 100;
  const rows = history
    .latest(10_000)
    .filter((entry) => name !== 'QUERY_HISTORY_BY_SESSION' || entry.sessionId === names.state.id)
    .slice(0, limit)
    .map((entry) => [
      entry.queryId,
      entry.text,
      entry.sessionId,
      entry.user,
      entry.queryTag,
      entry.status,
      entry.errorNumber ?? null,
      entry.errorMessage ?? null,
      instantCell(entry.startedAt),
      entry.endedAt === undefined ? null : instantCell(entry.endedAt),
      entry.endedAt === undefined ? null : String(entry.endedAt - entry.startedAt),
      entry.rows === undefined ? null : String(entry.rows),
      'false',
    ]);
  return { columns: HISTORY_COLUMNS, rows };
}
