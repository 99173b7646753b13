import type {
  MemoryAsker,
  MemoryHit,
  MemorySearch,
  MemorySearchAnswer,
  NamespaceChoice,
  SearchTerm,
} from '../memory-store.js';
import { bestFirst } from './best-first.js';
import type { Database } from './connection.js';
import { inverseFrequency, Ranking } from './memory-ranking.js';
import { ALIVE, MEMORY_COLUMNS, type MemoryRow, memoryOf } from './memory-row.js';
import {
  allOf,
  anyOf,
  FREQUENCY_LEVELS,
  filterExpressions,
  frequencyTerm,
  matching,
  termExpression,
  wordTerm,
} from './memory-terms.js';
import { type Namespace, prepareNamespaceAccess } from './namespace-access.js';

/** Of the best hits, rows read at once: some may be past their time. */
const ROWS_AT_ONCE = 64;

export type SearchMemories = (
  asker: MemoryAsker,
  where: NamespaceChoice,
  search: MemorySearch,
  now: number,
) => MemorySearchAnswer;

/** A namespace and what is asked of it. */
interface Searched {
  readonly namespace: Namespace;
  /** What every hit must be: tags, link, source. */
  readonly filters: readonly string[];
  /** What no hit may be. */
  readonly not: readonly string[];
}

/** Full text search by BM25. To be called inside one read transaction. The search has at least one term. */
export function prepareMemorySearch(db: Database): SearchMemories {
  const access = prepareNamespaceAccess(db);
  const match = db
    .prepare<[string], number>('SELECT rowid FROM memory_index WHERE memory_index MATCH ? ORDER BY rowid')
    .pluck();
  const countMatch = db
    .prepare<[string], number>('SELECT count(*) FROM memory_index WHERE memory_index MATCH ?')
    .pluck();
  const frequencyOf = db.prepare<[string], number>('SELECT doc FROM memory_frequencies WHERE term = ?').pluck();
  const stored = db
    .prepare<[number, number, number], number>(
      'SELECT seq FROM memories INDEXED BY memories_by_time WHERE namespace = ? AND created_at >= ? AND created_at < ?',
    )
    .pluck();
  const load = db.prepare<{ seq: number; now: number }, MemoryRow>(
    `SELECT ${MEMORY_COLUMNS} FROM memories WHERE seq = @seq AND ${ALIVE}`,
  );

  const hitsOf = ({ filters, not }: Searched, expression: string): number[] => {
    const wanted = allOf([expression, ...filters]);
    return match.all(not.length === 0 ? wanted : `${wanted} NOT ${anyOf(not)}`);
  };

  /** Hits in the time asked for, by seq. */
  const withinTime = (hits: number[], { namespace }: Searched, { since, until }: MemorySearch): number[] => {
    if (hits.length === 0 || (since === undefined && until === undefined)) return hits;
    const times = stored.all(namespace.id, since ?? Number.MIN_SAFE_INTEGER, until ?? Number.MAX_SAFE_INTEGER);
    const inTime = new Set(times);
    return hits.filter((seq) => inTime.has(seq));
  };

  /** For each candidate how often it has the word: exactly up to 4, then as the next lower level. */
  function frequencies(
    searched: Searched,
    word: string,
    candidates: readonly number[],
    expression: string,
    everywhere: boolean,
  ): Uint8Array {
    const found = new Uint8Array(candidates.length);
    const term = matching(wordTerm(searched.namespace.id, word));
    if (everywhere) found.fill(1);
    else mark(found, candidates, hitsOf(searched, allOf([expression, term])), 1);
    for (const level of FREQUENCY_LEVELS) {
      const often = matching(frequencyTerm(searched.namespace.id, word, level));
      const hits = hitsOf(searched, allOf([expression, often]));
      if (hits.length === 0) break;
      mark(found, candidates, hits, level);
    }
    return found;
  }

  return (asker, where, search, now) => {
    const namespaces = access.readable(asker, where).filter(({ memories }) => memories > 0);
    const collection = {
      memories: namespaces.reduce((sum, { memories }) => sum + memories, 0),
      words: namespaces.reduce((sum, { words }) => sum + words, 0),
    };
    const places = namespaces.map(
      (namespace): Searched => ({
        namespace,
        filters: filterExpressions(namespace.id, search),
        not: (search.not ?? []).map((term) => termExpression(namespace.id, term)),
      }),
    );
    const gather = (matched: 'all' | 'any') =>
      places.map((searched) => {
        const terms = search.terms.map((term) => termExpression(searched.namespace.id, term));
        const expression = matched === 'all' ? allOf(terms) : anyOf(terms);
        return { searched, expression, hits: withinTime(hitsOf(searched, expression), searched, search) };
      });
    const isFound = (gathered: ReturnType<typeof gather>): boolean => gathered.some(({ hits }) => hits.length > 0);
    let matched: 'all' | 'any' = 'all';
    let gathered = gather('all');
    if (!isFound(gathered) && search.terms.length > 1) {
      const some = gather('any');
      if (isFound(some)) [matched, gathered] = ['any', some];
    }

    const having = (count: (namespace: Namespace) => number): number =>
      namespaces.reduce((sum, namespace) => sum + count(namespace), 0);
    const words = new Set(search.terms.flatMap((term) => ('words' in term ? term.words : [])));
    const prefixes = search.terms.filter((term): term is SearchTerm & { prefix: string } => 'prefix' in term);
    const wordIdf = [...words].map((word) => {
      const count = having(({ id }) => frequencyOf.get(wordTerm(id, word)) ?? 0);
      return { word, idf: inverseFrequency(count, collection) };
    });
    const prefixIdf = prefixes.map((term) => {
      const count = having(({ id }) => countMatch.get(termExpression(id, term)) ?? 0);
      return { term, idf: inverseFrequency(count, collection) };
    });
    const ranked = gathered.map(({ searched, expression, hits }) => {
      const ranking = new Ranking(hits, collection);
      if (hits.length === 0) return { namespace: searched.namespace, hits, ranking };
      for (const { word, idf } of wordIdf)
        ranking.add(idf, frequencies(searched, word, hits, expression, matched === 'all'));
      for (const { term, idf } of prefixIdf) {
        const found = new Uint8Array(hits.length);
        if (matched === 'all') found.fill(1);
        else mark(found, hits, hitsOf(searched, allOf([expression, termExpression(searched.namespace.id, term)])), 1);
        ranking.add(idf, found);
      }
      return { namespace: searched.namespace, hits, ranking };
    });

    const seqs = ranked.flatMap(({ hits }) => hits);
    const spaces = ranked.flatMap(({ namespace, hits }) => hits.map(() => namespace.name));
    const scores = new Float64Array(seqs.length);
    let filled = 0;
    for (const { ranking } of ranked) {
      scores.set(ranking.scores, filled);
      filled += ranking.scores.length;
    }
    const hits = pageOf(scores, search, (position): MemoryHit | undefined => {
      const row = load.get({ seq: seqs[position] as number, now });
      return row && { memory: memoryOf(row, spaces[position]), score: scores[position] as number };
    });
    return { hits: hits.slice(0, search.limit), matched, more: hits.length > search.limit };
  };
}

/** The hits after `offset`, and one more than `limit` where there are more. */
function pageOf(
  scores: Float64Array,
  { limit, offset }: MemorySearch,
  read: (position: number) => MemoryHit | undefined,
): readonly MemoryHit[] {
  for (let look = offset + limit + ROWS_AT_ONCE; ; look *= 4) {
    const found: MemoryHit[] = [];
    const best = bestFirst(scores, look);
    for (const position of best) {
      if (found.length > offset + limit) break;
      const hit = read(position);
      if (hit !== undefined) found.push(hit);
    }
    if (found.length > offset + limit || best.length === scores.length) return found.slice(offset);
  }
}

/** Notes `value` for those candidates that are among the hits; both are in rising order. */
function mark(found: Uint8Array, candidates: readonly number[], hits: readonly number[], value: number): void {
  let at = 0;
  for (const hit of hits) {
    while (at < candidates.length && (candidates[at] as number) < hit) at += 1;
    if (at === candidates.length) return;
    if (candidates[at] === hit) found[at] = value;
  }
}
