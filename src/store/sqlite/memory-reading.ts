import type { MemoryAsker, MemoryList, MemorySearch, MemorySelection, NamespaceChoice } from '../memory-store.js';
import type { Database } from './connection.js';
import { prepareMemoryLists } from './memory-lists.js';
import { prepareMemorySearch } from './memory-search.js';

/** A question to the memories, as it travels to the thread that answers it. */
export type MemoryQuestion = {
  readonly asker: MemoryAsker;
  readonly where: NamespaceChoice;
  /** Ms since the epoch. */
  readonly now: number;
} & (
  | { readonly ask: 'search'; readonly search: MemorySearch }
  | { readonly ask: 'list'; readonly list: MemoryList }
  | { readonly ask: 'select'; readonly selection: MemorySelection; readonly limit: number }
  | { readonly ask: 'alike'; readonly limit: number }
  | { readonly ask: 'health' }
);

/** Answers questions on a connection, each in one read transaction, so that all it looks at belongs together. */
export function prepareMemoryReading(db: Database): (question: MemoryQuestion) => unknown {
  const search = prepareMemorySearch(db);
  const lists = prepareMemoryLists(db);
  const answer = (question: MemoryQuestion): unknown => {
    const { asker, where, now } = question;
    switch (question.ask) {
      case 'search':
        return search(asker, where, question.search, now);
      case 'list':
        return lists.list(asker, where, question.list, now);
      case 'select':
        return lists.select(asker, where, question.selection, question.limit, now);
      case 'alike':
        return lists.alike(asker, where, question.limit, now);
      case 'health':
        return lists.health(asker, where, now);
    }
  };
  return db.transaction(answer);
}
