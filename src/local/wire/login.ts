import type { SessionContext, SessionOptions } from '../engine/engine.js';
import type { Exchange, WireState } from './exchange.js';
import { type LoginAttempt, recordLogin } from './login-audit.js';
import { type Envelope, succeeded } from './reply.js';
import { isObject, type JsonObject } from './request-body.js';
import { type ParameterMap, type ParameterValue, resultParameters } from './result-parameters.js';
import { badCredentials, jwtInvalid, malformedRequest } from './wire-failure.js';
import type { WireSession } from './wire-sessions.js';

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Throws 390100 or 390144. */
function assertLetIn(data: JsonObject, access: WireState['access']): void {
  const user = textOf(data.LOGIN_NAME) ?? '';
  if (data.AUTHENTICATOR === 'SNOWFLAKE_JWT') {
    if (access.keyPair(textOf(data.TOKEN) ?? '') !== user.toUpperCase()) throw jwtInvalid();
    return;
  }
  // A programmatic access token travels as TOKEN instead of PASSWORD.
  const password = textOf(data.PASSWORD) ?? textOf(data.TOKEN) ?? '';
  if (access.closed && !access.hasPassword(user, password)) throw badCredentials();
}

/** Throws what `assertLetIn` and `WireSessions.open` throw; either way it is in the account's log. */
async function opened(
  exchange: Exchange,
  state: WireState,
  data: JsonObject,
  parameters: ParameterMap,
): Promise<WireSession> {
  const user = (textOf(data.LOGIN_NAME) ?? '').toUpperCase();
  const attempt = {
    user,
    factor: data.AUTHENTICATOR === 'SNOWFLAKE_JWT' ? 'RSA_KEYPAIR' : state.access.closed ? 'PASSWORD' : 'NONE',
    client: textOf(data.CLIENT_APP_ID) ?? '',
    clientVersion: textOf(data.CLIENT_APP_VERSION) ?? '',
  };
  try {
    assertLetIn(data, state.access);
    if (user === '') throw badCredentials();
    const context = contextOf(exchange.url.searchParams);
    const session = await state.sessions.open({ user, context, parameters, ...scopeFor(attempt, state.access) });
    recordLogin(exchange, state, attempt, session.engine.id);
    return session;
  } catch (error) {
    if (error instanceof Error) recordLogin(exchange, state, attempt, error);
    throw error;
  }
}

/** What a session of that user is opened with, where the server runs with access control. */
export function scopeFor(
  { user, factor }: Pick<LoginAttempt, 'user' | 'factor'>,
  access: WireState['access'],
): Pick<SessionOptions, 'access'> {
  const scope = access.scopeOf(user, factor === 'JWT');
  return scope === undefined ? {} : { access: scope };
}

/** Names in a login are as in SQL: folded to upper case unless quoted. */
export function identifierOf(value: string | null): string | undefined {
  const text = value?.trim() ?? '';
  if (text === '') return undefined;
  return /^".*"$/s.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text.toUpperCase();
}

function contextOf(query: URLSearchParams): SessionContext {
  const names = {
    database: identifierOf(query.get('databaseName')),
    schema: identifierOf(query.get('schemaName')),
    warehouse: identifierOf(query.get('warehouse')),
    role: identifierOf(query.get('roleName')),
  };
  return Object.fromEntries(Object.entries(names).filter(([, name]) => name !== undefined));
}

/** Parameters by upper-case name; what is neither text, number nor truth value is left out. */
export function parametersOf(value: unknown): ParameterMap {
  const entries = Object.entries(isObject(value) ? value : {}).filter((entry): entry is [string, ParameterValue] =>
    ['string', 'number', 'boolean'].includes(typeof entry[1]),
  );
  return Object.fromEntries(entries.map(([name, parameter]) => [name.toUpperCase(), parameter]));
}

/** `POST /session/v1/login-request` */
export async function login(exchange: Exchange, state: WireState): Promise<Envelope> {
  const { data } = await exchange.body();
  if (!isObject(data)) throw malformedRequest('a login has a `data` object.');
  const parameters = parametersOf(data.SESSION_PARAMETERS);
  const { engine } = await opened(exchange, state, data, parameters);
  const issued = state.tokens.issue(engine.id);
  const { context } = engine;
  return succeeded({
    token: issued.token,
    masterToken: issued.masterToken,
    validityInSeconds: issued.sessionSeconds,
    masterValidityInSeconds: issued.masterSeconds,
    displayUserName: engine.user,
    // JDBC and Flyway want a version of Snowflake's own, not ours.
    serverVersion: '9.34.0',
    firstLogin: false,
    remMeToken: null,
    remMeValidityInSeconds: 0,
    healthCheckInterval: 45,
    sessionId: sessionNumber(engine.id),
    parameters: resultParameters(parameters, engine.parameters),
    sessionInfo: {
      databaseName: context.database ?? null,
      schemaName: context.schema ?? null,
      warehouseName: context.warehouse ?? null,
      roleName: context.role ?? null,
    },
    idToken: null,
    responseData: null,
  });
}

/** JDBC reads a number; an id that is none stays text. */
export function sessionNumber(id: string): number | string {
  const number = Number(id);
  return Number.isSafeInteger(number) ? number : id;
}
