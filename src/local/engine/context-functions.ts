import { duckString } from '../sql/lexer.js';
import type { SessionState } from './session-state.js';

/** What the functions say that name the place: there is one account, one region, one version. */
export const ACCOUNT_NAME = 'LOCAL';
export const REGION = 'LOCAL';
export const SERVER_VERSION = '9.0.0';

export interface StatementMoment {
  /** Milliseconds since the epoch: all of a statement's CURRENT_… functions give the same instant. */
  readonly startedAt: number;
  readonly text: string;
}

type Render = (state: SessionState, moment: StatementMoment, args: readonly (string | number | null)[]) => string;

const textOrNull = (value: string | undefined): string => (value === undefined ? 'NULL::VARCHAR' : duckString(value));

const instant = (moment: StatementMoment): string =>
  `TIMESTAMPTZ '${new Date(moment.startedAt).toISOString().replace('T', ' ').replace('Z', '+00')}'`;

const utc = (moment: StatementMoment): string =>
  `TIMESTAMP '${new Date(moment.startedAt).toISOString().replace('T', ' ').replace('Z', '')}'`;

const RENDER: Readonly<Record<string, Render>> = {
  CURRENT_ACCOUNT: () => duckString(ACCOUNT_NAME),
  CURRENT_ACCOUNT_NAME: () => duckString(ACCOUNT_NAME),
  CURRENT_AVAILABLE_ROLES: (state) =>
    duckString(JSON.stringify([...(state.rights?.available ?? [state.context.role ?? 'ACCOUNTADMIN'])].sort())),
  CURRENT_CLIENT: () => duckString('mcp-snow'),
  CURRENT_DATABASE: (state) => textOrNull(state.context.database),
  CURRENT_DATE: (_state, moment) => `CAST(${instant(moment)} AS DATE)`,
  CURRENT_IP_ADDRESS: () => duckString('127.0.0.1'),
  CURRENT_ORGANIZATION_NAME: () => duckString(ACCOUNT_NAME),
  CURRENT_REGION: () => duckString(REGION),
  CURRENT_ROLE: (state) => textOrNull(state.context.role),
  CURRENT_ROLE_TYPE: () => duckString('ROLE'),
  CURRENT_SCHEMA: (state) => textOrNull(state.context.schema),
  CURRENT_SCHEMAS: (state) => {
    const { database, schema } = state.context;
    return duckString(database !== undefined && schema !== undefined ? `["${database}.${schema}"]` : '[]');
  },
  CURRENT_SECONDARY_ROLES: ({ rights }) => {
    const roles =
      rights?.secondary === false ? [] : [...(rights?.available ?? [])].filter((role) => role !== rights?.role);
    return duckString(
      JSON.stringify({ roles: roles.sort().join(','), value: rights?.secondary === false ? '' : 'ALL' }),
    );
  },
  CURRENT_SESSION: (state) => duckString(state.id),
  CURRENT_STATEMENT: (_state, moment) => duckString(moment.text),
  CURRENT_TIME: (_state, moment) => `CAST(CAST(${instant(moment)} AS TIMESTAMP) AS TIME)`,
  CURRENT_TIMESTAMP: (_state, moment) => instant(moment),
  CURRENT_TRANSACTION: (state) => textOrNull(state.transaction?.current?.id),
  CURRENT_USER: (state) => duckString(state.user),
  CURRENT_VERSION: () => duckString(SERVER_VERSION),
  CURRENT_WAREHOUSE: (state) => textOrNull(state.context.warehouse),
  GETDATE: (_state, moment) => instant(moment),
  INVOKER_ROLE: (state) => textOrNull(state.context.role),
  INVOKER_SHARE: () => 'NULL::VARCHAR',
  // Without access control a session has one role; PUBLIC is granted to each.
  IS_ROLE_IN_SESSION: ({ rights, context }, _moment, args) => {
    const active = rights?.active ?? new Set([context.role, 'PUBLIC']);
    return active.has(String(args[0])) ? 'TRUE' : 'FALSE';
  },
  LAST_TRANSACTION: (state) => textOrNull(state.transaction?.last),
  SYSTEM$VERSION: () => duckString(SERVER_VERSION),
  LAST_QUERY_ID: (state, _moment, args) => textOrNull(state.queryId(Number(args[0] ?? -1))),
  LOCALTIME: (_state, moment) => `CAST(CAST(${instant(moment)} AS TIMESTAMP) AS TIME)`,
  LOCALTIMESTAMP: (_state, moment) => instant(moment),
  SYSDATE: (_state, moment) => utc(moment),
  SYSTIMESTAMP: (_state, moment) => instant(moment),
};

/** Those that give something else in the next statement of the same session. */
const OF_THE_MOMENT: ReadonlySet<string> = new Set([
  'CURRENT_DATE',
  'CURRENT_STATEMENT',
  'CURRENT_TIME',
  'CURRENT_TIMESTAMP',
  'CURRENT_TRANSACTION',
  'GETDATE',
  'LAST_QUERY_ID',
  'LAST_TRANSACTION',
  'LOCALTIME',
  'LOCALTIMESTAMP',
  'SYSDATE',
  'SYSTIMESTAMP',
]);

export function isOfTheMoment(name: string): boolean {
  return OF_THE_MOMENT.has(name);
}

export function contextFunction(
  name: string,
  args: readonly (string | number | null)[],
  state: SessionState,
  moment: StatementMoment,
): string | undefined {
  return RENDER[name]?.(state, moment, args);
}
