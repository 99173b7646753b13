import { type ErrorData, SnowError } from '../../errors/snow-error.js';
import { type CodeAnswer, type CodeQuery, SearchIndex } from './search-index.js';

/** Indexes kept open in a thread. */
const MOST_OPEN = 8;

/** In the order of their last use. */
const open = new Map<string, SearchIndex>();

export interface SearchTask {
  /** A published index. */
  readonly index: string;
  readonly query: CodeQuery;
}

/** `gone`: there is no index there that can be read. */
export type SearchReply = { readonly answer: CodeAnswer } | { readonly error: ErrorData } | { readonly gone: string };

export default function search({ index, query }: SearchTask): SearchReply {
  try {
    return { answer: indexAt(index).search(query) };
  } catch (failure) {
    if (failure instanceof SnowError) return { error: failure.data };
    open.get(index)?.close();
    open.delete(index);
    return { gone: (failure as Error).message };
  }
}

function indexAt(path: string): SearchIndex {
  const found = open.get(path) ?? new SearchIndex(path);
  open.delete(path);
  open.set(path, found);
  const [oldest] = open;
  if (open.size > MOST_OPEN && oldest !== undefined) {
    open.delete(oldest[0]);
    oldest[1].close();
  }
  return found;
}
