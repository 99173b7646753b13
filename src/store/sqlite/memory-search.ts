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

interface Found {
  readonly searched: Searched;
  /** By seq, rising. */
  readonly hits: readonly number[];
}

interface Candidates extends Found {
  /** Expressions that hold for all of the hits. */
  readonly anchors: readonly string[];
  /** Each hit has the word at least once. */
  readonly everywhere: boolean;
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
  function frequencies({ searched, anchors, hits, everywhere }: Candidates, word: string): Uint8Array {
    const { id } = searched.namespace;
    const found = new Uint8Array(hits.length);
    const among = (term: string): number[] => match.all(allOf([...anchors, matching(term)]));
    if (everywhere) found.fill(1);
    else mark(found, hits, among(wordTerm(id, word)), 1);
    for (const level of FREQUENCY_LEVELS) {
      // Who has it ten times has it six times, too.
      if (mark(found, hits, among(frequencyTerm(id, word, level)), level) === 0) break;
    }
    return found;
  }

  function beginnings({ searched, anchors, hits, everywhere }: Candidates, term: SearchTerm): Uint8Array {
    const found = new Uint8Array(hits.length);
    if (everywhere) found.fill(1);
    else mark(found, hits, match.all(allOf([...anchors, termExpression(searched.namespace.id, term)])), 1);
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
    const gather = (matched: 'all' | 'any'): readonly Found[] =>
      places.map((searched) => {
        const terms = search.terms.map((term) => termExpression(searched.namespace.id, term));
        const hits = hitsOf(searched, matched === 'all' ? allOf(terms) : anyOf(terms));
        return { searched, hits: withinTime(hits, searched, search) };
      });
    const isFound = (found: readonly Found[]): boolean => found.some(({ hits }) => hits.length > 0);
    let matched: 'all' | 'any' = 'all';
    let found = gather('all');
    if (!isFound(found) && search.terms.length > 1) {
      const some = gather('any');
      if (isFound(some)) [matched, found] = ['any', some];
    }
    if (!isFound(found)) return { hits: [], matched, more: false };

    const idfOf = (count: (namespace: Namespace) => number): number =>
      inverseFrequency(
        namespaces.reduce((sum, namespace) => sum + count(namespace), 0),
        collection,
      );
    const words = [...new Set(search.terms.flatMap((term) => ('words' in term ? term.words : [])))]
      .map((word) => ({ word, idf: idfOf(({ id }) => frequencyOf.get(wordTerm(id, word)) ?? 0) }))
      .sort((one, other) => other.idf - one.idf);
    const prefixes = search.terms
      .filter((term) => 'prefix' in term)
      .map((term) => ({ term, idf: idfOf(({ id }) => countMatch.get(termExpression(id, term)) ?? 0) }));
    const [rarest] = words;

    const ranked = found.map(({ searched, hits }) => {
      const ranking = new Ranking(hits, collection);
      if (hits.length === 0) return { searched, hits, scores: ranking.scores };
      const { namespace, filters } = searched;
      const everywhere = matched === 'all';
      for (const { word, idf } of words) {
        // The shortest list that holds all hits: through it, those of frequent words need not be walked to their end.
        const anchors = !everywhere
          ? filters
          : word === rarest?.word
            ? []
            : [matching(wordTerm(namespace.id, rarest?.word ?? word))];
        ranking.add(idf, frequencies({ searched, anchors, hits, everywhere }, word));
      }
      for (const { term, idf } of prefixes)
        ranking.add(idf, beginnings({ searched, anchors: filters, hits, everywhere }, term));
      return { searched, hits, scores: ranking.scores };
    });

    const scores = new Float64Array(ranked.reduce((sum, { hits }) => sum + hits.length, 0));
    const starts = new Map<(typeof ranked)[number], number>();
    let start = 0;
    for (const each of ranked) {
      starts.set(each, start);
      scores.set(each.scores, start);
      start += each.hits.length;
    }
    const hits = pageOf(scores, search, (position): MemoryHit | undefined => {
      for (const [each, from] of starts) {
        const seq = each.hits[position - from];
        if (position < from || seq === undefined) continue;
        const row = load.get({ seq, now });
        return row && { memory: memoryOf(row, each.searched.namespace.name), score: scores[position] as number };
      }
      return undefined;
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

/** Notes `value` for those candidates that are among the hits, and answers how many they are; both are in rising order. */
function mark(found: Uint8Array, candidates: readonly number[], hits: readonly number[], value: number): number {
  let at = 0;
  let marked = 0;
  for (const hit of hits) {
    while (at < candidates.length && (candidates[at] as number) < hit) at += 1;
    if (at === candidates.length) break;
    if (candidates[at] !== hit) continue;
    found[at] = value;
    marked += 1;
  }
  return marked;
}
