import { createHash, timingSafeEqual } from 'node:crypto';
import type { Exchange, WireState } from '../wire/exchange.js';
import { badCredentials } from '../wire/wire-failure.js';

/** Who asks. */
export interface Caller {
  /** In upper case; whose statements and results these are. */
  readonly user: string;
}

/** Whom an open server takes a caller for who says nothing of themselves. */
const NOBODY = 'LOCAL';

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * Who sent the request: the user of a session token (`Snowflake Token="…"`), or the server's own user for who sends its
 * password as `X-API-Key` or bearer token. An open server takes everybody. Throws a `WireFailure` (390100, 390104, …).
 */
export function callerOf(exchange: Exchange, state: WireState): Caller {
  const { headers } = exchange.request;
  const authorization = headers.authorization ?? '';
  if (/^Snowflake Token=/i.test(authorization)) return { user: exchange.session().engine.user };
  const { login } = state.options;
  if (login === undefined) return { user: NOBODY };
  const key = headers['x-api-key'] ?? /^Bearer (.+)$/i.exec(authorization)?.[1];
  if (typeof key !== 'string' || !timingSafeEqual(digest(key), digest(login.password))) throw badCredentials();
  return { user: login.user.toUpperCase() };
}
