import { SnowError } from '../../errors/snow-error.js';
import type { MemoryAsker, NamespaceChoice } from '../memory-store.js';
import type { RepositoryRecord, WatchDue } from '../repository-store.js';
import type { Engine } from './engine.js';
import { type Namespace, prepareNamespaceAccess } from './namespace-access.js';
import { type RepositoryRow, repositoryOf, SELECT_REPOSITORY } from './repository-row.js';

export interface RepositoryOperations {
  find(asker: MemoryAsker, where: NamespaceChoice, name: string): RepositoryRecord;
  list(asker: MemoryAsker, where: NamespaceChoice): readonly RepositoryRecord[];
  remove(asker: MemoryAsker, where: NamespaceChoice, name: string): RepositoryRecord;
  watch(asker: MemoryAsker, where: NamespaceChoice, name: string, everyMs: number | undefined): RepositoryRecord;
  takeDueWatch(key: string, client: string | undefined): WatchDue | undefined;
  nextWatchAt(client: string | undefined): number | undefined;
  publishedGeneration(key: string): number | undefined;
  keys(): ReadonlySet<string>;
}

export function prepareRepositories({ db, now }: Engine): RepositoryOperations {
  const access = prepareNamespaceAccess(db);
  const inNamespace = db.prepare<[number], RepositoryRow>(
    `${SELECT_REPOSITORY} WHERE namespace = ? ORDER BY name COLLATE NOCASE, name`,
  );
  const named = db.prepare<[number, string], RepositoryRow>(`${SELECT_REPOSITORY} WHERE namespace = ? AND name = ?`);
  const drop = db.prepare('DELETE FROM repositories WHERE id = ?');
  const setWatch = db.prepare(
    'UPDATE repositories SET watch_every = ?, watch_client = ?, watch_at = ?, watch_key = NULL WHERE id = ?',
  );
  const due = db.prepare<
    { now: number; client: string | null },
    RepositoryRow & { readonly kind: string; readonly namespace_name: string; readonly busy: number }
  >(
    `SELECT repositories.*, NULL AS progress, namespaces.kind, namespaces.name AS namespace_name,
       EXISTS (SELECT 1 FROM jobs WHERE jobs.client = (SELECT id FROM clients WHERE clients.name = watch_client)
         AND idempotency_key = watch_key AND settled IS NULL) AS busy
     FROM repositories INDEXED BY repositories_watched CROSS JOIN namespaces ON namespaces.id = repositories.namespace
     WHERE watch_at <= @now AND (@client IS NULL OR watch_client = @client) ORDER BY watch_at LIMIT 1`,
  );
  const next = db
    .prepare<{ client: string | null }, number | null>(
      `SELECT min(watch_at) FROM repositories INDEXED BY repositories_watched
       WHERE watch_at IS NOT NULL AND (@client IS NULL OR watch_client = @client)`,
    )
    .pluck();
  const taken = db.prepare('UPDATE repositories SET watch_at = ?, watch_key = coalesce(?, watch_key) WHERE id = ?');
  const published = db.prepare<[string], number>('SELECT generation FROM repositories WHERE key = ?').pluck();
  const keys = db.prepare<[], string>('SELECT key FROM repositories').pluck();

  function one(namespaces: readonly Namespace[], name: string): { row: RepositoryRow; namespace: Namespace } {
    const found = namespaces.flatMap((namespace) => {
      const row = named.get(namespace.id, name);
      return row === undefined ? [] : [{ row, namespace }];
    });
    const [first] = found;
    if (first === undefined) throw noRepository(name);
    // One's own comes first; of several shared ones none is meant more than another.
    if (found.length > 1 && first.namespace.kind !== 'own') throw severalOf(name, found);
    return first;
  }

  function writable(asker: MemoryAsker, where: NamespaceChoice, name: string) {
    const found = one(access.readable(asker, where), name);
    if (found.namespace.mayWrite) return found;
    throw new SnowError({
      code: 'NOT_PERMITTED',
      message: `You may search the repository "${name}", but not change it.`,
      hint: 'Who runs mcp-snow can allow it: mcp-snow memory namespace grant.',
    });
  }

  return {
    find: (asker, where, name) => {
      const { row, namespace } = one(access.readable(asker, where), name);
      return repositoryOf(row, namespace);
    },
    list: (asker, where) =>
      access
        .readable(asker, where)
        .flatMap((namespace) => inNamespace.all(namespace.id).map((row) => repositoryOf(row, namespace))),
    remove: (asker, where, name) => {
      const { row, namespace } = writable(asker, where, name);
      drop.run(row.id);
      return repositoryOf(row, namespace);
    },
    watch: (asker, where, name, everyMs) => {
      const { row, namespace } = writable(asker, where, name);
      if (everyMs === undefined) setWatch.run(null, null, null, row.id);
      else setWatch.run(everyMs, asker.client, now() + everyMs, row.id);
      return repositoryOf(named.get(namespace.id, name) as RepositoryRow, namespace);
    },
    takeDueWatch: (key, client) => {
      for (;;) {
        const row = due.get({ now: now(), client: client ?? null });
        if (row === undefined) return undefined;
        taken.run(now() + (row.watch_every as number), row.busy === 1 ? null : key, row.id);
        if (row.busy === 1) continue;
        return {
          client: row.watch_client as string,
          name: row.name,
          ...(row.kind !== 'own' && { namespace: row.namespace_name }),
        };
      }
    },
    nextWatchAt: (client) => next.get({ client: client ?? null }) ?? undefined,
    publishedGeneration: (key) => published.get(key),
    keys: () => new Set(keys.all()),
  };
}

export function noRepository(name: string): SnowError {
  return new SnowError({
    code: 'NOT_FOUND',
    message: `There is no repository ${JSON.stringify(name.slice(0, 200))}.`,
    hint: 'repo_list shows those there are; repo_sync with a path adds one.',
  });
}

function severalOf(name: string, found: readonly { readonly namespace: Namespace }[]): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `There is a repository ${JSON.stringify(name)} in several namespaces.`,
    hint: `Name one of them: ${found.map(({ namespace }) => namespace.name).join(', ')}.`,
  });
}
