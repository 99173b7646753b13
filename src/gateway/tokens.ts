import { createHash, randomBytes } from 'node:crypto';
import { type ClientStore, SCOPES, type Scope, type TokenRecord } from '../store/client-store.js';

/** Whom a bearer token stands for, and what it may be used for. */
export interface VerifiedToken {
  readonly client: string;
  readonly scopes: readonly Scope[];
  /** Ms since the epoch; absent when it does not expire. */
  readonly expiresAt?: number;
  readonly tokenId: string;
}

/** Why a token is no good. Whoever tries it is not told which. */
export interface RefusedToken {
  readonly refused: 'unknown' | 'expired' | 'revoked';
  /** Whom it once stood for. */
  readonly client?: string;
}

const PREFIX = 'mcpsnow';

/** 32 bytes: 256 bits, so that a plain hash is as good as a slow one. */
const SECRET_BYTES = 32;
const ID_BYTES = 6;

/** Longer ones cannot be tokens and are not hashed. */
const LONGEST_TOKEN = 200;

/** Makes a token, `mcpsnow_<id>_<secret>`, and keeps its hash. The text is told once and cannot be had again. */
export async function issueToken(
  store: Pick<ClientStore, 'addToken'>,
  request: { readonly client: string; readonly scopes?: readonly Scope[]; readonly expiresAt?: number | undefined },
): Promise<{ readonly token: string; readonly record: TokenRecord }> {
  const id = randomBytes(ID_BYTES).toString('hex');
  const token = `${PREFIX}_${id}_${randomBytes(SECRET_BYTES).toString('hex')}`;
  const record = await store.addToken({
    id,
    client: request.client,
    secretHash: hashOf(token),
    scopes: request.scopes ?? SCOPES.filter((scope) => scope !== 'admin'),
    ...(request.expiresAt === undefined ? {} : { expiresAt: request.expiresAt }),
  });
  return { token, record };
}

/**
 * Every token that is not good (malformed, unknown, expired, revoked, of a removed client) costs one hash and one look-up.
 * `now` in ms since the epoch.
 */
export async function verifyToken(
  store: Pick<ClientStore, 'findToken'>,
  token: string,
  now: number,
): Promise<VerifiedToken | RefusedToken> {
  const found = await store.findToken(hashOf(token.length > LONGEST_TOKEN ? '' : token));
  if (found === undefined) return { refused: 'unknown' };
  if (found.revokedAt !== undefined) return { refused: 'revoked', client: found.client };
  if (found.expiresAt !== undefined && found.expiresAt <= now) return { refused: 'expired', client: found.client };
  return {
    client: found.client,
    scopes: found.scopes,
    ...(found.expiresAt === undefined ? {} : { expiresAt: found.expiresAt }),
    tokenId: found.id,
  };
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
