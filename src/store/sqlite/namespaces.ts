import { SnowError } from '../../errors/snow-error.js';
import type { NamespaceDetails, NamespaceGrant, NamespaceKind } from '../memory-store.js';
import type { Engine } from './engine.js';
import { isDuplicate } from './failure.js';

const LONGEST_NAME = 200;

/** What callers say for a client's own, and for all it may read. */
const RESERVED: ReadonlySet<string> = new Set(['own', 'all']);

interface DetailsRow {
  readonly id: number;
  readonly name: string;
  readonly kind: NamespaceKind;
  readonly owner: string | null;
  readonly created_at: number;
  readonly memories: number;
  readonly bytes: number;
}

interface GrantRow {
  readonly scope: 'client' | 'group';
  readonly name: string;
  readonly may_write: number;
}

export interface NamespaceOperations {
  add(namespace: { readonly name: string; readonly kind: NamespaceKind; readonly owner?: string }): void;
  list(): readonly NamespaceDetails[];
  grant(name: string, grant: NamespaceGrant): void;
  revoke(name: string, from: NamespaceGrant['to']): boolean;
  remove(name: string): number;
}

/** Shared namespaces, as those see them who run the store. */
export function prepareNamespaces({ db, now }: Engine): NamespaceOperations {
  const insert = db.prepare<[NamespaceKind, string, string | null, number], number>(
    'INSERT INTO namespaces (kind, name, owner, created_at) VALUES (?, ?, ?, ?) RETURNING id',
  );
  const all = db.prepare<[], DetailsRow>(
    "SELECT id, name, kind, owner, created_at, memories, bytes FROM namespaces WHERE kind <> 'own' AND removed_at IS NULL ORDER BY name",
  );
  const find = db.prepare<[string], { readonly id: number; readonly memories: number }>(
    "SELECT id, memories FROM namespaces WHERE kind <> 'own' AND name = ? AND removed_at IS NULL",
  );
  const isClient = db.prepare<[string], number>('SELECT 1 FROM clients WHERE name = ? AND removed_at IS NULL').pluck();
  const grants = db.prepare<[number], GrantRow>(
    'SELECT scope, name, may_write FROM namespace_grants WHERE namespace = ? ORDER BY scope, name',
  );
  const saveGrant = db.prepare(
    `INSERT INTO namespace_grants (namespace, scope, name, may_write) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET may_write = excluded.may_write`,
  );
  const dropGrant = db.prepare('DELETE FROM namespace_grants WHERE namespace = ? AND scope = ? AND name = ?');
  const markRemoved = db.prepare('UPDATE namespaces SET removed_at = ? WHERE id = ?');
  const dropGrants = db.prepare('DELETE FROM namespace_grants WHERE namespace = ?');

  const known = (name: string): { readonly id: number; readonly memories: number } => {
    const found = find.get(name);
    if (found === undefined)
      throw new SnowError({
        code: 'NOT_FOUND',
        message: `There is no shared namespace "${name}".`,
        hint: 'mcp-snow memory namespace list shows those there are.',
      });
    return found;
  };

  return {
    add({ name, kind, owner }) {
      checkName(name);
      if (RESERVED.has(name)) throw reserved(name);
      if (owner !== undefined && isClient.get(owner) === undefined)
        throw new SnowError({
          code: 'NOT_FOUND',
          message: `There is no client "${owner}" to own the namespace.`,
          hint: 'mcp-snow client list shows them; mcp-snow client add makes one.',
        });
      try {
        const id = insert.get(kind, name, owner ?? null, now()) as number;
        if (owner !== undefined) saveGrant.run(id, 'client', owner, 1);
      } catch (failure) {
        if (!isDuplicate(failure)) throw failure;
        throw new SnowError({
          code: 'INVALID_ARGUMENT',
          message: `There is a namespace "${name}" already.`,
          hint: 'Give another name, or grant that one: mcp-snow memory namespace grant.',
        });
      }
    },
    list: () =>
      all.all().map(({ id, name, kind, owner, created_at, memories, bytes }) => ({
        name,
        kind,
        ...(owner !== null && { owner }),
        createdAt: created_at,
        memories,
        bytes,
        grants: grants.all(id).map((grant) => ({
          to: grant.scope === 'client' ? { client: grant.name } : { group: grant.name },
          write: grant.may_write === 1,
        })),
      })),
    grant(name, { to, write }) {
      const { scope, of } = partsOf(to);
      checkName(of);
      saveGrant.run(known(name).id, scope, of, write ? 1 : 0);
    },
    revoke(name, from) {
      const { scope, of } = partsOf(from);
      return dropGrant.run(known(name).id, scope, of).changes > 0;
    },
    remove(name) {
      const { id, memories } = known(name);
      markRemoved.run(now(), id);
      dropGrants.run(id);
      return memories;
    },
  };
}

function partsOf(to: NamespaceGrant['to']): { readonly scope: 'client' | 'group'; readonly of: string } {
  return 'client' in to ? { scope: 'client', of: to.client } : { scope: 'group', of: to.group };
}

function checkName(name: string): void {
  if (name !== '' && name === name.trim() && name.length <= LONGEST_NAME && !/[\p{Cc}\p{Cf}]/u.test(name)) return;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: 'That is no name for a namespace, a client or a group.',
    hint: `Use 1 to ${LONGEST_NAME} printable characters, with no space at the ends.`,
  });
}

function reserved(name: string): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `A namespace cannot be called "${name}": the word has a meaning of its own.`,
    hint: 'Give another name.',
  });
}
