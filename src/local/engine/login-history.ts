import { duckString } from '../sql/lexer.js';
import type { Relation, TableArgument } from '../sql/scope.js';
import { unsupported } from '../sql/syntax-error.js';
import type { AccessEvent, AccessLog } from './access-log.js';
import type { WireColumn } from './engine.js';
import { LocalError } from './local-error.js';
import { momentSql } from './moment-sql.js';
import { column, INSTANT, instantCell, NUMBER, type ResultTable } from './result-table.js';
import { resultTableSql } from './result-table-sql.js';
import type { SessionNames } from './session-names.js';

const COLUMNS: readonly WireColumn[] = [
  column('EVENT_TIMESTAMP', INSTANT),
  column('EVENT_ID', NUMBER),
  column('EVENT_TYPE'),
  column('USER_NAME'),
  column('CLIENT_IP'),
  column('REPORTED_CLIENT_TYPE'),
  column('REPORTED_CLIENT_VERSION'),
  column('FIRST_AUTHENTICATION_FACTOR'),
  column('SECOND_AUTHENTICATION_FACTOR'),
  column('IS_SUCCESS'),
  column('ERROR_CODE', NUMBER),
  column('ERROR_MESSAGE'),
  column('RELATED_EVENT_ID', NUMBER),
  column('CONNECTION'),
];

const MOST_ROWS = 10_000;
const WEEK_MS = 7 * 86_400_000;
const ARGUMENTS = ['TIME_RANGE_START', 'TIME_RANGE_END', 'RESULT_LIMIT'];

/** Logins that were tried, newest first; without MONITOR on the account, the caller's own. */
export function loginHistory(log: AccessLog, names: SessionNames): ResultTable {
  const all = names.rights?.monitorsAccount ?? true;
  const seen = log.latest().filter(({ type, user }) => type === 'login' && (all || user === names.state.user));
  return { columns: COLUMNS, rows: seen.map(row) };
}

/**
 * INFORMATION_SCHEMA.LOGIN_HISTORY and LOGIN_HISTORY_BY_USER: of the last seven days unless TIME_RANGE_START says otherwise, 100
 * rows unless RESULT_LIMIT does (at most 10,000); undefined for another name.
 */
export function loginHistoryFunction(
  name: string,
  args: readonly TableArgument[],
  log: AccessLog,
  names: SessionNames,
): Relation | undefined {
  if (name !== 'LOGIN_HISTORY' && name !== 'LOGIN_HISTORY_BY_USER') return undefined;
  const byUser = name === 'LOGIN_HISTORY_BY_USER';
  const order = byUser ? ['USER_NAME', ...ARGUMENTS] : ARGUMENTS;
  const given = new Map(args.map((arg, i) => [arg.name ?? order[i] ?? '', arg]));
  for (const argument of given.keys())
    if (!order.includes(argument)) throw unsupported(`${argument || 'so many arguments'} of ${name}`);
  const limit = Number(given.get('RESULT_LIMIT')?.value ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ROWS)
    throw new LocalError(
      '001008',
      '22023',
      `SQL compilation error:\nRESULT_LIMIT must be a whole number from 1 to ${MOST_ROWS}, not ${limit}.`,
    );
  const start = momentSql(given.get('TIME_RANGE_START')) ?? constant(Date.now() - WEEK_MS);
  const end = momentSql(given.get('TIME_RANGE_END'));
  const user = duckString(String(given.get('USER_NAME')?.value ?? names.state.user).toUpperCase());
  const conditions = [
    `"EVENT_TIMESTAMP" >= ${start}`,
    ...(end === undefined ? [] : [`"EVENT_TIMESTAMP" <= ${end}`]),
    ...(byUser ? [`"USER_NAME" = ${user}`] : []),
  ];
  const sql = `SELECT * FROM (${resultTableSql(loginHistory(log, names))}) AS "logins" WHERE ${conditions.join(' AND ')} ORDER BY "EVENT_ID" DESC LIMIT ${limit}`;
  return { kind: 'rows', sql, columns: COLUMNS };
}

const constant = (ms: number) => `TIMESTAMPTZ '${new Date(ms).toISOString().replace('T', ' ').replace('Z', '+00')}'`;

function row(event: AccessEvent): (string | null)[] {
  return [
    instantCell(event.at),
    String(event.id),
    'LOGIN',
    event.user,
    event.address,
    event.client,
    event.clientVersion,
    event.factor,
    null,
    event.success ? 'YES' : 'NO',
    event.errorNumber === undefined ? null : String(Number(event.errorNumber)),
    event.errorMessage ?? null,
    '0',
    null,
  ];
}
