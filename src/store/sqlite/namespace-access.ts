import { SnowError } from '../../errors/snow-error.js';
import type { MemoryAsker, NamespaceChoice, NamespaceKind, NamespaceRecord } from '../memory-store.js';
import type { Database } from './connection.js';

/** A namespace as the engine works with it. */
export interface Namespace {
  readonly id: number;
  /** Absent for the asker's own. */
  readonly name: string | undefined;
  readonly kind: 'own' | NamespaceKind;
  readonly owner: string | null;
  readonly createdAt: number;
  readonly memories: number;
  readonly bytes: number;
  readonly words: number;
  readonly mayWrite: boolean;
}

interface NamespaceRow {
  readonly id: number;
  readonly kind: Namespace['kind'];
  readonly name: string;
  readonly owner: string | null;
  readonly created_at: number;
  readonly memories: number;
  readonly bytes: number;
  readonly words: number;
  readonly may_write: number;
}

const COLUMNS = 'id, kind, namespaces.name, owner, created_at, memories, bytes, words';

/** The one place where it is decided what a client may find and what it may write. */
export interface NamespaceAccess {
  /** The namespaces that are looked into; none when the asker has stored nothing and may read nothing else. Throws `NOT_FOUND`. */
  readable(asker: MemoryAsker, where: NamespaceChoice): readonly Namespace[];
  /** Throws `NOT_FOUND` for what the asker may not even read, `NOT_PERMITTED` for what it may only read. Absent: its own is not made yet. */
  writable(asker: MemoryAsker, where: NamespaceChoice): Namespace | undefined;
}

export function prepareNamespaceAccess(db: Database): NamespaceAccess {
  const own = db.prepare<[string], NamespaceRow>(
    `SELECT ${COLUMNS}, 1 AS may_write FROM namespaces WHERE kind = 'own' AND name = ? AND removed_at IS NULL`,
  );
  const shared = db.prepare<[{ client: string }], NamespaceRow>(
    `SELECT ${COLUMNS}, max(may_write) AS may_write FROM namespace_grants
     CROSS JOIN namespaces ON namespaces.id = namespace_grants.namespace AND removed_at IS NULL
     WHERE (scope, namespace_grants.name) IN (VALUES ('client', @client),
       ('group', (SELECT client_group FROM clients WHERE name = @client AND removed_at IS NULL)))
     GROUP BY id ORDER BY namespaces.name`,
  );
  const ownOf = ({ owner }: MemoryAsker): Namespace | undefined => {
    const row = own.get(owner);
    return row && { ...namespaceOf(row), name: undefined };
  };
  const sharedOf = ({ client }: MemoryAsker): readonly Namespace[] => shared.all({ client }).map(namespaceOf);
  const named = (asker: MemoryAsker, name: string): Namespace => {
    const found = sharedOf(asker).find((each) => each.name === name);
    if (found === undefined) throw noNamespace(name);
    return found;
  };
  const readable = (asker: MemoryAsker, where: NamespaceChoice): readonly Namespace[] => {
    if (typeof where === 'object') return [named(asker, where.shared)];
    const mine = ownOf(asker);
    return [...(mine === undefined ? [] : [mine]), ...(where === 'all' ? sharedOf(asker) : [])];
  };
  return {
    readable,
    writable: (asker, where) => {
      if (where === 'own') return ownOf(asker);
      if (where === 'all')
        throw new SnowError({
          code: 'INVALID_ARGUMENT',
          message: 'A memory is written in one namespace.',
          hint: 'Name a shared one, or none for your own.',
        });
      const namespace = named(asker, where.shared);
      if (!namespace.mayWrite)
        throw new SnowError({
          code: 'NOT_PERMITTED',
          message: `You may read the namespace "${where.shared}", but not write to it.`,
          hint: 'Who runs mcp-snow can allow it: mcp-snow memory namespace grant.',
        });
      return namespace;
    },
  };
}

function noNamespace(name: string): SnowError {
  return new SnowError({
    code: 'NOT_FOUND',
    message: `There is no namespace "${name}" that you may read.`,
    hint: 'Name none for your own memories; who runs mcp-snow can add and grant shared ones: mcp-snow memory namespace.',
  });
}

export function noMemory(id: string): SnowError {
  return new SnowError({
    code: 'NOT_FOUND',
    message: `There is no memory ${id}.`,
    hint: 'It was deleted, its time is over, or it is in a namespace that has to be named: memory_search finds it.',
  });
}

export function recordOfNamespace(namespace: Namespace): NamespaceRecord {
  const { name, kind, owner, createdAt, memories, bytes, mayWrite } = namespace;
  return {
    ...(name !== undefined && { name }),
    kind,
    ...(owner !== null && kind !== 'own' && { owner }),
    createdAt,
    memories,
    bytes,
    mayWrite,
  };
}

function namespaceOf(row: NamespaceRow): Namespace {
  const { id, kind, name, owner, memories, bytes, words } = row;
  return { id, name, kind, owner, createdAt: row.created_at, memories, bytes, words, mayWrite: row.may_write === 1 };
}
