import type {
  ListPlace,
  MemoryAsker,
  MemoryFilter,
  MemoryList,
  MemoryPage,
  MemorySelection,
  NamespaceChoice,
  NamespaceHealth,
} from '../memory-store.js';
import type { Database } from './connection.js';
import { ALIVE, MEMORY_COLUMNS, type MemoryRow, memoryOf } from './memory-row.js';
import { allOf, anyOf, filterExpressions, likenessRange, matching, termExpression } from './memory-terms.js';
import { type Namespace, prepareNamespaceAccess, recordOfNamespace } from './namespace-access.js';

/** Up to so many marked memories are read one by one; more are met by walking through all of them by time. */
const FEW = 2_000;

export interface SelectedIds {
  readonly ids: readonly string[];
  readonly more: boolean;
}

export interface MemoryLists {
  list(asker: MemoryAsker, where: NamespaceChoice, list: MemoryList, now: number): MemoryPage;
  select(
    asker: MemoryAsker,
    where: NamespaceChoice,
    selection: MemorySelection,
    limit: number,
    now: number,
  ): SelectedIds;
  alike(asker: MemoryAsker, where: NamespaceChoice, limit: number, now: number): SelectedIds;
  health(asker: MemoryAsker, where: NamespaceChoice, now: number): readonly NamespaceHealth[];
}

interface TimedRow {
  readonly seq: number;
  readonly id: string;
  readonly created_at: number;
}

interface Walk extends MemoryFilter {
  readonly after?: ListPlace;
  readonly now: number;
}

/** Reads without ranking. To be called inside one read transaction. */
export function prepareMemoryLists(db: Database): MemoryLists {
  const access = prepareNamespaceAccess(db);
  const walk = db.prepare<Record<string, number | string>, TimedRow>(
    `SELECT seq, id, created_at FROM memories INDEXED BY memories_by_time
     WHERE namespace = @namespace AND created_at >= @since AND created_at < @until
       AND (created_at, id) < (@afterTime, @afterId) AND ${ALIVE}
     ORDER BY created_at DESC, id DESC`,
  );
  const timed = db.prepare<{ seq: number; now: number }, TimedRow>(
    `SELECT seq, id, created_at FROM memories WHERE seq = @seq AND ${ALIVE}`,
  );
  const byId = db.prepare<{ namespace: number; id: string; now: number }, TimedRow>(
    `SELECT seq, id, created_at FROM memories WHERE namespace = @namespace AND id = @id AND ${ALIVE}`,
  );
  const load = db.prepare<[number], MemoryRow>(`SELECT ${MEMORY_COLUMNS} FROM memories WHERE seq = ?`);
  const match = db
    .prepare<[string], number>('SELECT rowid FROM memory_index WHERE memory_index MATCH ? ORDER BY rowid DESC')
    .pluck();
  const likenesses = db
    .prepare<[string, string], string>('SELECT term FROM memory_frequencies WHERE term >= ? AND term < ? AND doc > 1')
    .pluck();
  const expired = db
    .prepare<[number, number], number>('SELECT count(*) FROM memories WHERE namespace = ? AND expires_at <= ?')
    .pluck();
  const seqs = db.prepare<[number], number>('SELECT seq FROM memories WHERE namespace = ?').pluck();
  const indexedIn = db
    .prepare<[string, string], number>(
      'SELECT coalesce(sum(doc), 0) FROM memory_frequencies WHERE term >= ? AND term < ?',
    )
    .pluck();

  /** Memories of a namespace that pass, the newest first, at most `count`. */
  function newest(namespace: Namespace, asked: Walk, count: number): readonly TimedRow[] {
    const { since = Number.MIN_SAFE_INTEGER, until = Number.MAX_SAFE_INTEGER, after, now } = asked;
    const marks = filterExpressions(namespace.id, asked);
    const marked = marks.length === 0 ? undefined : match.all(allOf(marks));
    const without = asked.not?.map((term) => termExpression(namespace.id, term)) ?? [];
    const excluded = new Set(without.length === 0 ? [] : match.all(anyOf(without)));
    const isAfter = (row: TimedRow): boolean =>
      after === undefined ||
      row.created_at < after.createdAt ||
      (row.created_at === after.createdAt && row.id < after.id);
    if (marked !== undefined && marked.length <= FEW)
      return marked
        .flatMap((seq) => timed.get({ seq, now }) ?? [])
        .filter((row) => row.created_at >= since && row.created_at < until && isAfter(row) && !excluded.has(row.seq))
        .sort(newestFirst)
        .slice(0, count);
    const among = marked && new Set(marked);
    const found: TimedRow[] = [];
    const place = { afterTime: after?.createdAt ?? Number.MAX_SAFE_INTEGER, afterId: after?.id ?? '' };
    for (const row of walk.iterate({ namespace: namespace.id, since, until, ...place, now })) {
      if (excluded.has(row.seq) || (among !== undefined && !among.has(row.seq))) continue;
      found.push(row);
      if (found.length === count) break;
    }
    return found;
  }

  function newestOf(namespaces: readonly Namespace[], asked: Walk, count: number) {
    return namespaces
      .flatMap((namespace) => newest(namespace, asked, count).map((row) => ({ ...row, namespace })))
      .sort(newestFirst)
      .slice(0, count);
  }

  /** Of each group of memories that say the same: all but the newest. */
  function* redundant(namespace: Namespace, now: number): Generator<string> {
    for (const likeness of likenesses.all(...likenessRange(namespace.id))) {
      const rows = match.all(matching(likeness)).flatMap((seq) => timed.get({ seq, now }) ?? []);
      for (const { id } of rows.sort(newestFirst).slice(1)) yield id;
    }
  }

  return {
    list(asker, where, { limit, ...asked }, now) {
      const rows = newestOf(access.readable(asker, where), { ...asked, now }, limit + 1);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        memories: page.map(({ seq, namespace }) => memoryOf(load.get(seq) as MemoryRow, namespace.name)),
        ...(rows.length > limit && last !== undefined && { next: { createdAt: last.created_at, id: last.id } }),
      };
    },
    select(asker, where, { ids, ...filter }, limit, now) {
      const namespaces = access.readable(asker, where);
      const rows =
        ids === undefined
          ? newestOf(namespaces, { ...filter, now }, limit + 1)
          : namespaces.flatMap(({ id: namespace }) => ids.flatMap((id) => byId.get({ namespace, id, now }) ?? []));
      return { ids: rows.slice(0, limit).map(({ id }) => id), more: rows.length > limit };
    },
    alike(asker, where, limit, now) {
      const ids: string[] = [];
      for (const namespace of access.readable(asker, where))
        for (const id of redundant(namespace, now)) {
          if (ids.length === limit) return { ids, more: true };
          ids.push(id);
        }
      return { ids, more: false };
    },
    health: (asker, where, now) =>
      access.readable(asker, where).map((namespace) => {
        const range = likenessRange(namespace.id);
        return {
          ...recordOfNamespace(namespace),
          expired: expired.get(namespace.id, now) as number,
          alike: [...redundant(namespace, now)].length,
          indexed:
            seqs.all(namespace.id).length === namespace.memories && indexedIn.get(...range) === namespace.memories,
        };
      }),
  };
}

function newestFirst(one: TimedRow, other: TimedRow): number {
  return other.created_at - one.created_at || (one.id < other.id ? 1 : -1);
}
