import { namesAround } from '../memory/links.js';
import { linkMark } from '../memory/text/marks.js';
import { stemmedWords } from '../memory/text/words.js';
import type { MemoryAsker, MemoryRecord, MemoryStore } from '../store/memory-store.js';
import { identifier } from '../warehouse/snowflake/context.js';
import type { KnowledgeSource, KnowledgeSubject, RankedKnowledge, TableName } from './knowledge.js';

type Store = Pick<MemoryStore, 'readableNamespaces' | 'listMemories' | 'searchMemories'>;

/** How close a memory is that is linked to the table, to what it lies in, or mentions the table or another name at hand. */
const SCORES = { linked: 8, mentions: 3, mentionsWord: 2, around: 1 } as const;

/** Of each question's answer. */
const MOST_OF_EACH = 3;

const MOST_TABLES = 2;
const MOST_WORDS = 2;

/** A shorter name is a word of many texts. */
const SHORTEST_NAME = 3;

/** Characters of a memory that are shown; memory_search has the rest. */
const LONGEST_SHOWN = 600;

/** Memories that are linked to the tables at hand or mention them. */
export function memoryKnowledge(store: Store): KnowledgeSource {
  return {
    scope: 'memory',
    about: async (asker, subject) => {
      const namespaces = await store.readableNamespaces(asker);
      if (namespaces.every(({ memories }) => memories === 0)) return [];
      const scores = new Map<string, { readonly memory: MemoryRecord; score: number }>();
      const answers = await Promise.all(questions(store, asker, subject));
      for (const { memories, score } of answers)
        for (const memory of memories) {
          const key = `${memory.namespace ?? ''}\u0000${memory.id}`;
          const known = scores.get(key);
          if (known === undefined) scores.set(key, { memory, score });
          else known.score += score;
        }
      return [...scores.values()]
        .sort((left, right) => right.score - left.score || right.memory.updatedAt - left.memory.updatedAt)
        .slice(0, MOST_OF_EACH)
        .map(({ memory, score }): RankedKnowledge => ({ item: itemOf(memory), score }));
    },
  };
}

interface Answer {
  readonly memories: readonly MemoryRecord[];
  readonly score: number;
}

function questions(store: Store, asker: MemoryAsker, subject: KnowledgeSubject): readonly Promise<Answer>[] {
  const linked = async (name: string, parents: readonly string[], score: number): Promise<Answer> => {
    const link = { name: linkMark(name), parents: parents.map(linkMark) };
    const { memories } = await store.listMemories(asker, 'all', { link, limit: MOST_OF_EACH });
    return { memories, score };
  };
  const mentioning = async (name: string, score: number): Promise<Answer> => {
    const search = { terms: [{ words: stemmedWords(name) }], limit: MOST_OF_EACH, offset: 0 };
    const { hits } = await store.searchMemories(asker, 'all', search);
    return { memories: hits.map(({ memory }) => memory), score };
  };
  const tables = subject.tables.slice(0, MOST_TABLES);
  const isTelling = (name: string): boolean => name.length >= SHORTEST_NAME && stemmedWords(name).length > 0;
  return [
    ...tables.flatMap((table) => {
      const name = linkTo(table);
      if (name === undefined) return [];
      return [linked(name, [], SCORES.linked), linked(name, namesAround(name), SCORES.around)];
    }),
    ...tables.flatMap(({ table }) => (isTelling(table) ? [mentioning(table, SCORES.mentions)] : [])),
    ...subject.words
      .slice(0, MOST_WORDS)
      .flatMap((word) => (isTelling(word) ? [mentioning(word, SCORES.mentionsWord)] : [])),
  ];
}

/** The table as memories name it in their links; `undefined` while it is not known where it lies. */
function linkTo({ database, schema, table }: TableName): string | undefined {
  if (database === undefined || schema === undefined) return undefined;
  return [database, schema, table].map(identifier).join('.');
}

function itemOf(memory: MemoryRecord): RankedKnowledge['item'] {
  const { id, namespace, text, tags, links, author, updatedAt } = memory;
  return {
    kind: 'memory',
    id,
    ...(namespace === undefined ? {} : { namespace }),
    text: cut(text),
    tags,
    links,
    author,
    updated_at: new Date(updatedAt).toISOString(),
  };
}

function cut(text: string): string {
  const characters = [...text.slice(0, 2 * LONGEST_SHOWN)];
  return characters.length <= LONGEST_SHOWN ? text : `${characters.slice(0, LONGEST_SHOWN).join('')}…`;
}
