import type { IncomingHttpHeaders } from 'node:http';
import type { Exchange, WireState } from '../wire/exchange.js';
import { badCredentials, jwtInvalid } from '../wire/wire-failure.js';

/** Who asks. */
export interface Caller {
  /** In upper case; whose statements and results these are. */
  readonly user: string;
  /** How they proved it. */
  readonly factor: 'SESSION' | 'RSA_KEYPAIR' | 'API_KEY' | 'JWT' | 'PASSWORD' | 'NONE';
}

/** Whom an open server takes a caller for who says nothing of themselves. */
const NOBODY = 'LOCAL';

/**
 * Who sent the request, by what came with it: a session token (`Snowflake Token="…"`), a key-pair token (`Bearer`, with
 * `X-Snowflake-Authorization-Token-Type: KEYPAIR_JWT`), `X-API-Key`, a bearer token (an API key or a JWT of a third party), or a
 * name and password (`Basic`). An open server takes everybody, but a key-pair token has to be right there as well. Throws a `WireFailure`
 * (390100, 390104, 390144, …).
 */
export function callerOf(exchange: Exchange, { access }: WireState): Caller {
  const { headers } = exchange.request;
  const [, scheme = '', credentials = ''] = /^(\S+) +(.+)$/.exec(headers.authorization ?? '') ?? [];
  if (/^snowflake$/i.test(scheme)) return { user: exchange.session().engine.user, factor: 'SESSION' };
  const bearer = /^bearer$/i.test(scheme) ? credentials : undefined;
  if (bearer !== undefined && /^keypair_jwt$/i.test(String(headers['x-snowflake-authorization-token-type'] ?? ''))) {
    const user = access.keyPair(bearer);
    if (user === undefined) throw jwtInvalid();
    return { user, factor: 'RSA_KEYPAIR' };
  }
  if (!access.closed) return { user: NOBODY, factor: 'NONE' };
  const apiKey = headers['x-api-key'];
  const key = typeof apiKey === 'string' ? apiKey : bearer;
  const owner = key === undefined ? undefined : access.ownerOfKey(key);
  if (owner !== undefined) return { user: owner, factor: 'API_KEY' };
  const third = typeof apiKey === 'string' || bearer === undefined ? undefined : access.bearer(bearer);
  if (third !== undefined) return { user: third, factor: 'JWT' };
  const named = key === undefined && /^basic$/i.test(scheme) ? namedBy(credentials, access) : undefined;
  if (named !== undefined) return { user: named, factor: 'PASSWORD' };
  throw badCredentials();
}

/** Whom a request names, known or not; empty where its credentials name nobody readably. */
export function claimedUser({ authorization = '' }: IncomingHttpHeaders): string {
  const basic = /^basic +(.+)$/i.exec(authorization)?.[1];
  if (basic === undefined) return '';
  return (/^([^:]+):/.exec(Buffer.from(basic, 'base64').toString())?.[1] ?? '').toUpperCase();
}

function namedBy(credentials: string, access: WireState['access']): string | undefined {
  const [, user = '', password = ''] = /^([^:]+):(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
  return access.hasPassword(user, password) ? user.toUpperCase() : undefined;
}
