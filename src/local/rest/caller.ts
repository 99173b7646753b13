import type { Exchange, WireState } from '../wire/exchange.js';
import { badCredentials, jwtInvalid } from '../wire/wire-failure.js';

/** Who asks. */
export interface Caller {
  /** In upper case; whose statements and results these are. */
  readonly user: string;
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
  if (/^snowflake$/i.test(scheme)) return { user: exchange.session().engine.user };
  const bearer = /^bearer$/i.test(scheme) ? credentials : undefined;
  if (bearer !== undefined && /^keypair_jwt$/i.test(String(headers['x-snowflake-authorization-token-type'] ?? ''))) {
    const user = access.keyPair(bearer);
    if (user === undefined) throw jwtInvalid();
    return { user };
  }
  if (!access.closed) return { user: NOBODY };
  const apiKey = headers['x-api-key'];
  const user =
    typeof apiKey === 'string'
      ? access.ownerOfKey(apiKey)
      : bearer !== undefined
        ? (access.ownerOfKey(bearer) ?? access.bearer(bearer))
        : /^basic$/i.test(scheme)
          ? namedBy(credentials, access)
          : undefined;
  if (user === undefined) throw badCredentials();
  return { user };
}

function namedBy(credentials: string, access: WireState['access']): string | undefined {
  const [, user = '', password = ''] = /^([^:]+):(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
  return access.hasPassword(user, password) ? user.toUpperCase() : undefined;
}
