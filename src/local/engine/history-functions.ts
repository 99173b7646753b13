import type { TableArgument } from '../sql/scope.js';
import { unsupported } from '../sql/syntax-error.js';
import type { WireColumn } from './engine.js';
import { LocalError } from './local-error.js';
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

const MOST_ROWS = 10_000;

/** The arguments by their documented names, in order. Those that bound the time of a query's end are not known here. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  QUERY_HISTORY: ['RESULT_LIMIT'],
  QUERY_HISTORY_BY_SESSION: ['SESSION_ID', 'RESULT_LIMIT'],
  QUERY_HISTORY_BY_USER: ['USER_NAME', 'RESULT_LIMIT'],
};

function unknownArgument(name: string, argument: string): LocalError {
  return unsupported(argument === '' ? `so many arguments of ${name}` : `${argument} of ${name}`);
}

function badLimit(limit: number): LocalError {
  return new LocalError(
    '001008',
    '22023',
    `SQL compilation error:\nRESULT_LIMIT must be a whole number from 1 to ${MOST_ROWS}, not ${limit}.`,
  );
}

/** QUERY_HISTORY, also by session and by user, newest first; RESULT_LIMIT is the documented default, 100. */
export function historyFunction(
  name: string,
  args: readonly TableArgument[],
  names: SessionNames,
  history: QueryHistory,
): ResultTable | undefined {
  if (name !== 'QUERY_HISTORY' && name !== 'QUERY_HISTORY_BY_SESSION' && name !== 'QUERY_HISTORY_BY_USER') {
    return undefined;
  }
  const given = new Map<string, string | number | null>();
  const order = PARAMETERS[name] ?? [];
  args.forEach((arg, i) => {
    const parameter = arg.name ?? order[i] ?? '';
    if (!order.includes(parameter)) throw unknownArgument(name, parameter);
    given.set(parameter, arg.value);
  });
  const limit = Number(given.get('RESULT_LIMIT') ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ROWS) throw badLimit(limit);
  const user = String(given.get('USER_NAME') ?? names.state.user).toUpperCase();
  const session = String(given.get('SESSION_ID') ?? names.state.id);
  const rows = history
    .latest(MOST_ROWS)
    .filter((entry) => name !== 'QUERY_HISTORY_BY_SESSION' || entry.sessionId === session)
    .filter((entry) => name !== 'QUERY_HISTORY_BY_USER' || entry.user === user)
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
