/**
 * A refusal of the protocol itself (login, tokens, malformed requests), as opposed to a statement's `LocalError`.
 * Drivers read the code: 390112 makes them renew the session token and resend, 390104, 390111 and 390114 make them give
 * the connection up.
 */
export class WireFailure extends Error {
  override readonly name = 'WireFailure';
  readonly code: string;
  readonly sqlState: string;

  constructor(code: string, sqlState: string, message: string) {
    super(message);
    this.code = code;
    this.sqlState = sqlState;
  }
}

export const badCredentials = () => new WireFailure('390100', '08001', 'Incorrect username or password was specified.');

export const jwtInvalid = () => new WireFailure('390144', '08001', 'JWT token is invalid.');

export const tokenInvalid = () =>
  new WireFailure('390104', '08001', 'Session token is missing or invalid. Log in again.');

export const sessionGone = () =>
  new WireFailure('390111', '08003', 'Session no longer exists.  New login required to access the service.');

export const sessionTokenExpired = () =>
  new WireFailure('390112', '08001', 'Session token has expired. Renew it with the master token.');

export const masterTokenExpired = () =>
  new WireFailure('390114', '08001', 'Authentication token has expired.  The user must authenticate again.');

/** Snowflake's 390189 is a role that cannot be used: clients would take it for a refusal for good. */
export const tooManySessions = (limit: number) =>
  new WireFailure(
    '390001',
    '08004',
    `All ${limit} sessions of this server are in use. Close some, or start it with a higher limit.`,
  );

/** Snowflake has no published numbers for these two; the message carries what matters. */
export const malformedRequest = (what: string) => new WireFailure('390400', '08P01', `Malformed request: ${what}`);

export const requestTooLarge = (limitBytes: number) =>
  new WireFailure('390413', '08P01', `The request's body is larger than ${limitBytes} bytes.`);

export const queryNotFound = (queryId: string) => new WireFailure('000709', '02000', `Statement ${queryId} not found`);

export const notExecuting = () =>
  new WireFailure('000605', '57014', 'Identified SQL statement is not currently executing.');

export const tooManyQueries = (limit: number) =>
  new WireFailure(
    '000629',
    '57014',
    `${limit} statements are running or waiting already. Try again when some have ended.`,
  );
