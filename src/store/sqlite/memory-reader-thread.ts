import Driver from 'better-sqlite3';
import { type ErrorData, errorDataOf } from '../../errors/snow-error.js';
import { isBusy, storeFailure } from './failure.js';
import { type MemoryQuestion, prepareMemoryReading } from './memory-reading.js';

/** What a thread is given, and what it answers: errors travel as data. */
export interface ThreadTask {
  readonly path: string;
  readonly question: MemoryQuestion;
}
export type ThreadAnswer = { readonly value: unknown } | { readonly error: ErrorData } | { readonly busy: true };

let answer: ((question: MemoryQuestion) => unknown) | undefined;

function open(path: string): (question: MemoryQuestion) => unknown {
  const db = new Driver(path, { readonly: true, timeout: 0 });
  db.pragma('cache_size = -16384');
  db.pragma('temp_store = MEMORY');
  db.pragma('query_only = ON');
  return prepareMemoryReading(db);
}

/** Runs in a thread of its own, on a connection of its own that can only read. */
export default function answerQuestion({ path, question }: ThreadTask): ThreadAnswer {
  try {
    answer ??= open(path);
    return { value: answer(question) };
  } catch (failure) {
    return isBusy(failure) ? { busy: true } : { error: errorDataOf(storeFailure(failure, path)) };
  }
}
