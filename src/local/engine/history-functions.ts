import { duckString, quoteName } from '../sql/lexer.js';
import type { Relation, TableArgument } from '../sql/scope.js';
import { unsupported } from '../sql/syntax-error.js';
import type { QueryHistoryEntry } from './engine.js';
import { ACCOUNT_QUERY_HISTORY_COLUMNS, type HistoryColumn, QUERY_HISTORY_COLUMNS } from './history-columns.js';
import { LocalError } from './local-error.js';
import { momentSql } from './moment-sql.js';
import type { QueryHistory } from './query-history.js';
import { cellSql } from './result-table-sql.js';
import type { SessionNames } from './session-names.js';

const MOST_ROWS = 10_000;

const RANGE = ['END_TIME_RANGE_START', 'END_TIME_RANGE_END', 'RESULT_LIMIT', 'INCLUDE_CLIENT_GENERATED_STATEMENT'];

/** The arguments by their documented names, in order. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  QUERY_HISTORY: RANGE,
  QUERY_HISTORY_BY_SESSION: ['SESSION_ID', ...RANGE],
  QUERY_HISTORY_BY_USER: ['USER_NAME', ...RANGE],
  QUERY_HISTORY_BY_WAREHOUSE: ['WAREHOUSE_NAME', ...RANGE],
};

function invalidArgument(text: string): LocalError {
  return new LocalError('001008', '22023', `SQL compilation error:\n${text}`);
}

function givenArguments(name: string, args: readonly TableArgument[]): Map<string, TableArgument> {
  const order = PARAMETERS[name] ?? [];
  const given = new Map<string, TableArgument>();
  args.forEach((arg, i) => {
    const parameter = arg.name ?? order[i] ?? '';
    if (!order.includes(parameter)) {
      throw unsupported(parameter === '' ? `so many arguments of ${name}` : `${parameter} of ${name}`);
    }
    given.set(parameter, arg);
  });
  return given;
}

function limitOf(given: ReadonlyMap<string, TableArgument>): number {
  const limit = Number(given.get('RESULT_LIMIT')?.value ?? 100);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_ROWS) return limit;
  throw invalidArgument(`RESULT_LIMIT must be a whole number from 1 to ${MOST_ROWS}, not ${limit}.`);
}

/** Which statements the session may know of: under access control its user's own, unless its roles may MONITOR. */
function visible(names: SessionNames, history: QueryHistory): readonly QueryHistoryEntry[] {
  const all = history.latest(Number.POSITIVE_INFINITY);
  if (names.rights?.monitorsAccount ?? true) return all;
  return all.filter((entry) => entry.user === names.state.user);
}

/**
 * INFORMATION_SCHEMA.QUERY_HISTORY, also by session, user and warehouse, newest first; RESULT_LIMIT is the documented
 * default, 100. Undefined for another function.
 */
export function historyFunction(
  name: string,
  args: readonly TableArgument[],
  names: SessionNames,
  history: QueryHistory,
): Relation | undefined {
  if (PARAMETERS[name] === undefined) return undefined;
  const given = givenArguments(name, args);
  const limit = limitOf(given);
  const text = (parameter: string, otherwise: string | undefined) =>
    String(given.get(parameter)?.value ?? otherwise ?? '');
  const user = text('USER_NAME', names.state.user).toUpperCase();
  const session = text('SESSION_ID', names.state.id);
  const warehouse = text('WAREHOUSE_NAME', names.state.context.warehouse).toUpperCase();
  const internal = text('INCLUDE_CLIENT_GENERATED_STATEMENT', 'false').toLowerCase() === 'true';
  const start = momentSql(given.get('END_TIME_RANGE_START'));
  const end = momentSql(given.get('END_TIME_RANGE_END'));
  const entries = visible(names, history)
    .filter((entry) => internal || entry.internal !== true)
    .filter((entry) => name !== 'QUERY_HISTORY_BY_SESSION' || entry.sessionId === session)
    .filter((entry) => name !== 'QUERY_HISTORY_BY_USER' || entry.user === user)
    .filter((entry) => name !== 'QUERY_HISTORY_BY_WAREHOUSE' || entry.warehouse?.toUpperCase() === warehouse);
  const bounds = [
    // Without an end the statements that still run belong to it.
    ...(start === undefined ? [] : [`("END_TIME" >= ${start}${end === undefined ? ' OR "END_TIME" IS NULL' : ''})`]),
    ...(end === undefined ? [] : [`"END_TIME" <= ${end}`]),
  ];
  const counted = bounds.length === 0 ? entries.slice(0, limit) : entries;
  const rows = historySql(QUERY_HISTORY_COLUMNS, counted);
  const where = bounds.length === 0 ? '' : ` WHERE ${bounds.join(' AND ')} LIMIT ${limit}`;
  return {
    kind: 'rows',
    sql: `SELECT * FROM (${rows}) AS "history"${where}`,
    columns: columnsOf(QUERY_HISTORY_COLUMNS),
  };
}

/** SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY: all that the history has, without Snowflake's delay. */
export function accountQueryHistory(names: SessionNames, history: QueryHistory): Relation {
  const columns = ACCOUNT_QUERY_HISTORY_COLUMNS;
  return { kind: 'rows', sql: historySql(columns, visible(names, history)), columns: columnsOf(columns) };
}

function columnsOf(columns: readonly HistoryColumn[]): readonly HistoryColumn['column'][] {
  return columns.map(({ column }) => column);
}

/** The rows as a DuckDB query: cells that differ as one text of JSON, the others once. */
function historySql(columns: readonly HistoryColumn[], entries: readonly QueryHistoryEntry[]): string {
  const cells = columns.flatMap(({ cell }) => (typeof cell === 'function' ? [cell] : []));
  let at = 0;
  const shown = columns.map(({ column, cell }) => {
    if (typeof cell === 'function') at += 1;
    const value = typeof cell === 'function' ? `r[${at}]` : cell === null ? 'NULL' : duckString(cell);
    return `${cellSql(value, column)} AS ${quoteName(column.name)}`;
  });
  const rows = JSON.stringify(entries.map((entry) => cells.map((cell) => cell(entry))));
  return `SELECT ${shown.join(', ')} FROM (SELECT unnest(from_json(${duckString(rows)}, '[["VARCHAR"]]')) AS r) AS v`;
}
