import type { MemoryFilter } from '../store/memory-store.js';
import { listCursor, listPlace, offsetOf, questionDigest, reaches, searchCursor } from './cursors.js';
import { DATA_NOTICE, memoryAnswer, roomFor } from './memory-answers.js';
import type { ArgumentsOf } from './memory-arguments.js';
import type { MemoryCall } from './memory-call.js';
import { memoryFilter, readChoice } from './memory-filter.js';
import { searchTerms } from './text/search-terms.js';

const SEARCH_PAGE = 10;
const LIST_PAGE = 20;
const SEARCH_CHARS = 2_000;
const LIST_CHARS = 500;

/** The best first; without a word to look for, the newest that pass. */
export async function searchMemories(given: ArgumentsOf<'memory_search'>, call: MemoryCall): Promise<object> {
  const { store, asker, signal, now, timeZone } = call;
  const { query = '', namespace, limit = SEARCH_PAGE, cursor, max_chars: maxChars = SEARCH_CHARS } = given;
  const { terms, not } = searchTerms(query);
  const filter = { ...(await memoryFilter(given, now, timeZone)), ...(not.length > 0 && { not }) };
  if (terms.length === 0) {
    // Signs alone are no word that anything could have.
    if (query.trim() !== '' && not.length === 0) return { notice: DATA_NOTICE, memories: [], matched: 'all' };
    return { ...(await newest(filter, { namespace, limit, cursor, maxChars }, call)), matched: 'all' };
  }
  const { limit: _, cursor: __, ...question } = given;
  const digest = questionDigest(question);
  const offset = offsetOf(cursor, digest);
  const search = { ...filter, terms, limit, offset };
  const { hits, matched, more } = await store.searchMemories(asker, readChoice(namespace), search, signal);
  const found = hits.map(({ memory, score }) => ({
    ...memoryAnswer(memory, maxChars),
    score: Number(score.toPrecision(6)),
  }));
  const room = roomFor(found);
  const next = offset + room;
  return {
    notice: DATA_NOTICE,
    memories: found.slice(0, room),
    matched,
    ...((more || room < found.length) && reaches(next) && { next_cursor: searchCursor(next, digest) }),
  };
}

/** The newest first; or one of them in full. */
export async function listMemories(given: ArgumentsOf<'memory_list'>, call: MemoryCall): Promise<object> {
  const { store, asker, now, timeZone } = call;
  const { id, namespace, limit = LIST_PAGE, cursor, max_chars: maxChars = LIST_CHARS } = given;
  if (id !== undefined) {
    const memory = await store.findMemory(asker, readChoice(namespace), id);
    return { notice: DATA_NOTICE, memories: [memoryAnswer(memory)] };
  }
  const filter = await memoryFilter(given, now, timeZone);
  const page = await newest(filter, { namespace, limit, cursor, maxChars }, call);
  if (namespace !== undefined || cursor !== undefined) return page;
  const namespaces = await store.readableNamespaces(asker);
  const shared = namespaces.flatMap(({ name, kind, mayWrite }) =>
    name === undefined ? [] : [{ name, kind, may_write: mayWrite }],
  );
  return { ...page, ...(shared.length > 0 && { namespaces: shared }) };
}

async function newest(
  filter: MemoryFilter,
  page: {
    readonly namespace: string | undefined;
    readonly limit: number;
    readonly cursor: string | undefined;
    readonly maxChars: number;
  },
  { store, asker, signal }: MemoryCall,
): Promise<object> {
  const after = listPlace(page.cursor);
  const { memories, next } = await store.listMemories(
    asker,
    readChoice(page.namespace),
    { ...filter, limit: page.limit, ...(after !== undefined && { after }) },
    signal,
  );
  const found = memories.map((memory) => memoryAnswer(memory, page.maxChars));
  const room = roomFor(found);
  const last = memories[room - 1];
  return {
    notice: DATA_NOTICE,
    memories: found.slice(0, room),
    ...((next !== undefined || room < found.length) && last !== undefined && { next_cursor: listCursor(last) }),
  };
}
