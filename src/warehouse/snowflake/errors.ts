import { type ErrorData, SnowError } from '../../errors/snow-error.js';
import { LoginRefused } from '../login-refused.js';
import { SessionLost } from '../session-lost.js';
import type { DriverError } from './driver.js';

/** The local Snowflake has no session left to give: nothing is wrong with who asks, and the next login may get in. */
const FULL_NUMBER = '390001';

/** Snowflake's numbers that say "this session is gone" or "you are not let in", with what to do about them. */
const CONNECTION_NUMBERS: ReadonlyMap<string, string> = new Map([
  [FULL_NUMBER, 'Try again when some sessions have ended, or close some.'],
  ['390100', 'Check user name and password of the connection.'],
  ['390101', 'Check the authenticator of the connection.'],
  ['390102', 'The user is locked for now; ask an administrator or wait.'],
  ['390104', 'The session token was not accepted; a new connection is made for the next statement.'],
  ['390110', 'The session ended; a new connection is made for the next statement.'],
  ['390111', 'The session ended; a new connection is made for the next statement.'],
  ['390112', 'The session expired; a new connection is made for the next statement.'],
  ['390114', 'The session expired; a new connection is made for the next statement.'],
  ['390144', 'Check the key pair of the connection: the JWT was not accepted.'],
  ['390303', 'Check the OAuth token of the connection.'],
  ['390318', 'The OAuth token expired; get a new one.'],
  ['390422', 'The network policy of the account does not allow this address.'],
]);

/** Driver codes (4xxxxx) for a connection that is not, or no longer, there. */
const DRIVER_CONNECTION_CODES = new Set(['401001', '401002', '401003', '401004', '402001', '402002']);

/** Driver codes for a session that it knows to be over: a token that was not accepted, a connection that was ended. */
const DRIVER_SESSION_CODES = new Set(['401003', '405501', '405502', '405503', '407001', '407002']);

const CANCELLED_NUMBER = '000604';
const TIMEOUT_NUMBER = '000630';

/** True for errors after which the session cannot be used any more. */
export function losesSession(error: DriverError): boolean {
  const number = numberOf(error);
  return endsSession(number) || DRIVER_CONNECTION_CODES.has(number);
}

function endsSession(number: string): boolean {
  return /^3901(04|1[0124])$/.test(number) || DRIVER_SESSION_CODES.has(number);
}

/** The `SnowError` of an error that the driver gave for a statement; Snowflake's own words are kept whole. */
export function statementError(error: DriverError, secrets: readonly string[]): SnowError {
  const number = numberOf(error);
  if (endsSession(number)) return new SessionLost(connectionError(error, secrets).data);
  if (isConnectivity(error, number)) return connectionError(error, secrets);
  const shared = { ...sqlFields(error, number), message: wholeMessage(error) };
  if (number === CANCELLED_NUMBER)
    return new SnowError({ ...shared, code: 'CANCELLED', hint: 'The statement was cancelled in the warehouse.' });
  if (number === TIMEOUT_NUMBER)
    return new SnowError({
      ...shared,
      code: 'STATEMENT_TIMEOUT',
      hint: 'Narrow the statement, or give it more time (timeout_s).',
    });
  return new SnowError({ ...shared, code: 'SNOWFLAKE_ERROR' });
}

/** The `SnowError` of a login that failed: a `LoginRefused` when the warehouse itself said no to who asked. */
export function loginError(error: DriverError, secrets: readonly string[]): SnowError {
  const { data } = connectionError(error, secrets);
  const number = numberOf(error);
  const refused = /^39\d{4}$/.test(number) && number !== FULL_NUMBER && !losesSession(error);
  return refused ? new LoginRefused(data) : new SnowError(data);
}

/** The `SnowError` of a connection that is gone or could not be made. */
export function connectionError(error: DriverError, secrets: readonly string[]): SnowError {
  const number = numberOf(error);
  const told = withoutSecrets(wholeMessage(error), secrets);
  const hint =
    CONNECTION_NUMBERS.get(number) ??
    (/^39\d{4}$/.test(number)
      ? 'The warehouse did not accept the login; check the connection with: mcp-snow doctor'
      : 'Check the network, the account name and the proxy with: mcp-snow doctor');
  return new SnowError({ code: 'CONNECTION_FAILED', message: `The warehouse connection failed: ${told}`, hint });
}

function isConnectivity(error: DriverError, number: string): boolean {
  if (DRIVER_CONNECTION_CODES.has(number) || /^390[1-3]\d\d$/.test(number)) return true;
  return ['NetworkError', 'RequestFailedError', 'UnexpectedContentError', 'LargeResultSetError'].includes(error.name);
}

function numberOf(error: DriverError): string {
  const code = error.code ?? error.data?.errorCode;
  return code === undefined || code === null ? '' : String(code);
}

function sqlFields(error: DriverError, number: string): Omit<ErrorData, 'code' | 'message'> {
  const { line, pos, queryId } = error.data ?? {};
  return {
    ...(number === '' ? {} : { number }),
    ...(typeof error.sqlState === 'string' ? { sqlState: error.sqlState } : {}),
    ...(typeof line === 'number' && line >= 0 ? { line } : {}),
    ...(typeof pos === 'number' && pos >= 0 ? { position: pos } : {}),
    ...(typeof queryId === 'string' ? { queryId } : {}),
  };
}

function wholeMessage(error: DriverError): string {
  const status = error.response?.statusCode;
  const cause = error.cause instanceof Error ? error.cause : undefined;
  const own = error.message || cause?.message || 'no reason was given';
  const code = cause !== undefined && 'code' in cause ? String(cause.code) : '';
  return [
    own,
    code !== '' && !own.includes(code) ? `(${code})` : '',
    status === undefined || status === 200 ? '' : `(HTTP ${status})`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap(writtenForms).sort((one, other) => other.length - one.length);
  return forms.reduce((clean, form) => clean.replaceAll(form, '***'), text);
}

/** As it is, and as it stands in JSON, in JSON inside of JSON, and in a URL: servers repeat what they were sent. */
function writtenForms(secret: string): readonly string[] {
  const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
  return [secret, inJson(secret), inJson(inJson(secret)), encodeURIComponent(Buffer.from(secret).toString())];
}

const SECRET_OPTIONS = [
  'password',
  'token',
  'passcode',
  'privateKey',
  'privateKeyPass',
  'oauthClientSecret',
  'proxyPassword',
  'sessionToken',
  'masterToken',
];

/** Shorter values are no secret worth the name, and would tear holes into ordinary words. */
const SECRET_LENGTH = 6;

/** The values of a profile's options that may appear in no message about a login. */
export function secretsOf(options: Readonly<Record<string, unknown>>): readonly string[] {
  const own = SECRET_OPTIONS.map((name) => options[name]);
  return [...own, ...secretsOfUrl(options.accessUrl)].filter(
    (value): value is string => typeof value === 'string' && value.length >= SECRET_LENGTH,
  );
}

/** A password in the address, also as the header that it becomes. */
function secretsOfUrl(accessUrl: unknown): readonly string[] {
  if (typeof accessUrl !== 'string' || !URL.canParse(accessUrl)) return [];
  const { username, password } = new URL(accessUrl);
  if (password === '') return [];
  const basic = (user: string, secret: string): string => Buffer.from(`${user}:${secret}`).toString('base64');
  const decoded = [decodedPart(username), decodedPart(password)] as const;
  return [password, decoded[1], basic(username, password), basic(...decoded)];
}

function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
