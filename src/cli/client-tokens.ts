import { SnowError } from '../errors/snow-error.js';
import { issueToken } from '../gateway/tokens.js';
import { SCOPES, type Scope, type TokenRecord } from '../store/client-store.js';
import type { GlobalOptions } from './global-options.js';
import { tokenJson } from './json-names.js';
import { knownClient } from './known-client.js';
import { table } from './table.js';
import { terminal } from './terminal.js';
import { withStore } from './with-store.js';

export interface TokenOptions extends GlobalOptions {
  readonly scope?: readonly string[];
  readonly expires?: string;
}

export async function makeToken(name: string, options: TokenOptions): Promise<void> {
  const expiresAt = options.expires === undefined ? undefined : expiryTime(options.expires, Date.now());
  const scopes = options.scope?.map(scopeNamed);
  const { token, record } = await withStore(options, (store) =>
    issueToken(store, { client: name, expiresAt, ...(scopes && { scopes: [...new Set(scopes)] }) }),
  );
  const talk = terminal({ json: options.json ?? false, color: options.color });
  await talk.result({ token, ...tokenJson(record) }, () => token);
  const until = record.expiresAt === undefined ? '' : ` It is good until ${timeText(record.expiresAt)}.`;
  if (!options.json)
    talk.note(
      `Keep it: it cannot be shown again. Scopes: ${record.scopes.join(', ')}.${until} Revoke it: client revoke ${record.id}`,
    );
}

export async function listTokens(name: string, options: GlobalOptions): Promise<void> {
  const tokens = await withStore(options, async (store) => {
    await knownClient(store, name);
    return await store.listTokens(name);
  });
  const talk = terminal({ json: options.json ?? false, color: options.color });
  await talk.result({ client: name, tokens: tokens.map(tokenJson) }, () =>
    tokens.length === 0 ? 'No tokens.' : tokenTable(tokens),
  );
}

export async function revokeToken(id: string, options: GlobalOptions): Promise<void> {
  // Whoever has the whole token at hand may paste it: only its public part is looked at, and only that is printed.
  const publicId = /^mcpsnow_([0-9a-f]+)_/.exec(id)?.[1] ?? id;
  const revoked = await withStore(options, (store) => store.revokeToken(publicId));
  if (!revoked)
    throw new SnowError({
      code: 'NOT_FOUND',
      message: `There is no token ${publicId.slice(0, 40)} to revoke.`,
      hint: 'See mcp-snow client tokens NAME; what was revoked before stays so.',
    });
  const talk = terminal({ json: options.json ?? false, color: options.color });
  await talk.result({ revoked: publicId }, () => `The token ${publicId} is void.`);
}

export function tokenTable(tokens: readonly TokenRecord[]): string {
  const rows = tokens.map((token) => [
    token.id,
    stateOf(token),
    token.scopes.join(','),
    timeText(token.createdAt),
    token.usedAt === undefined ? 'never' : timeText(token.usedAt),
  ]);
  return table(
    [{ title: 'TOKEN' }, { title: 'STATE' }, { title: 'SCOPES' }, { title: 'MADE' }, { title: 'USED' }],
    rows,
  );
}

/** When a token ends, in ms since the epoch: `30m`, `12h`, `30d` from now, or a time of ISO 8601 to come. */
function expiryTime(text: string, now: number): number {
  const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
  const ahead = /^(\d{1,5})(m|h|d)$/.exec(text);
  const at = ahead
    ? now + Number(ahead[1]) * (units[ahead[2] ?? ''] ?? 0)
    : /^\d{4}-\d{2}-\d{2}/.test(text)
      ? Date.parse(text)
      : Number.NaN;
  if (at > now) return at;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `"${text.slice(0, 80)}" is no time to come.`,
    hint: 'Use --expires 30m, 12h, 30d, or 2030-01-31T08:00:00Z.',
  });
}

function scopeNamed(name: string): Scope {
  const scope = SCOPES.find((known) => known === name);
  if (scope !== undefined) return scope;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `There is no scope "${name.slice(0, 80)}".`,
    hint: `Scopes: ${SCOPES.join(', ')}.`,
  });
}

function stateOf(token: TokenRecord): string {
  if (token.revokedAt !== undefined) return 'revoked';
  if (token.expiresAt === undefined) return 'good';
  return token.expiresAt <= Date.now() ? 'expired' : `good until ${timeText(token.expiresAt)}`;
}

function timeText(at: number): string {
  return new Date(at).toISOString().replace(/:\d\d\.\d+Z$/, 'Z');
}
