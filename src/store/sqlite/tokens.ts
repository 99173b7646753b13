import { SnowError } from '../../errors/snow-error.js';
import type { ClientStore, Scope, TokenRecord } from '../client-store.js';
import type { Engine } from './engine.js';
import { isDuplicate } from './failure.js';

/** `usedAt` is kept this exactly, in ms: a write for each call would cost more than it tells. */
const USED_AT_MS = 60_000;

interface TokenRow {
  readonly id: string;
  readonly client_name: string;
  readonly scopes: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
  readonly used_at: number | null;
}

type NewToken = Parameters<ClientStore['addToken']>[0];

export interface TokenOperations {
  add(token: NewToken): TokenRecord;
  find(secretHash: string): TokenRecord | undefined;
  /** Whether the use of this token is worth writing down. */
  isStale(token: TokenRecord): boolean;
  touch(id: string): void;
  void(ids: readonly string[]): ReadonlyMap<string, 'expired' | 'revoked'>;
  list(client: string): readonly TokenRecord[];
  any(): boolean;
  revoke(id: string): boolean;
}

const SELECT_TOKEN = `
  SELECT tokens.id, clients.name AS client_name, tokens.scopes, tokens.created_at, tokens.expires_at, tokens.revoked_at,
    tokens.used_at
  FROM tokens CROSS JOIN clients ON clients.id = tokens.client`;

export function prepareTokens(engine: Engine): TokenOperations {
  const { db } = engine;
  const findClient = db
    .prepare<[string], number>('SELECT id FROM clients WHERE name = ? AND removed_at IS NULL')
    .pluck();
  const add = db.prepare(
    'INSERT INTO tokens (id, client, secret_hash, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const findByHash = db.prepare<[string], TokenRow>(`${SELECT_TOKEN} WHERE tokens.secret_hash = ?`);
  const ofClient = db.prepare<[string], TokenRow>(
    `${SELECT_TOKEN} WHERE tokens.client = (SELECT id FROM clients WHERE name = ?) ORDER BY tokens.created_at, tokens.id`,
  );
  const stateOf = db.prepare<[string], Pick<TokenRow, 'expires_at' | 'revoked_at'>>(
    'SELECT expires_at, revoked_at FROM tokens WHERE id = ?',
  );
  const any = db.prepare<[], number>('SELECT EXISTS (SELECT 1 FROM tokens)').pluck();
  const touch = db.prepare('UPDATE tokens SET used_at = ? WHERE id = ?');
  const revoke = db.prepare('UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL');

  return {
    add: (token) => {
      const client = findClient.get(token.client);
      if (client === undefined)
        throw new SnowError({
          code: 'NOT_FOUND',
          message: `There is no client "${token.client}".`,
          hint: 'Add it first: client add NAME.',
        });
      const now = engine.now();
      try {
        add.run(token.id, client, token.secretHash, JSON.stringify(token.scopes), now, token.expiresAt ?? null);
      } catch (failure) {
        if (!isDuplicate(failure)) throw failure;
        throw new SnowError({
          code: 'INVALID_ARGUMENT',
          message: 'There is such a token already.',
          hint: 'Make a new one.',
        });
      }
      return {
        id: token.id,
        client: token.client,
        scopes: token.scopes,
        createdAt: now,
        ...(token.expiresAt !== undefined && { expiresAt: token.expiresAt }),
      };
    },
    find: (secretHash) => {
      const row = findByHash.get(secretHash);
      return row && tokenOf(row);
    },
    isStale: ({ revokedAt, expiresAt, usedAt }) => {
      const now = engine.now();
      const good = revokedAt === undefined && (expiresAt === undefined || expiresAt > now);
      return good && (usedAt === undefined || now - usedAt >= USED_AT_MS);
    },
    touch: (id) => void touch.run(engine.now(), id),
    void: (ids) => {
      const now = engine.now();
      const voided = new Map<string, 'expired' | 'revoked'>();
      for (const id of ids) {
        const state = stateOf.get(id);
        if (state === undefined || state.revoked_at !== null) voided.set(id, 'revoked');
        else if (state.expires_at !== null && state.expires_at <= now) voided.set(id, 'expired');
      }
      return voided;
    },
    list: (client) => ofClient.all(client).map(tokenOf),
    any: () => any.get() === 1,
    revoke: (id) => revoke.run(engine.now(), id).changes > 0,
  };
}

function tokenOf(row: TokenRow): TokenRecord {
  return {
    id: row.id,
    client: row.client_name,
    scopes: JSON.parse(row.scopes) as readonly Scope[],
    createdAt: row.created_at,
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
    ...(row.used_at !== null && { usedAt: row.used_at }),
  };
}
