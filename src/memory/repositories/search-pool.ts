import type { Piscina } from 'piscina';
import { SnowError } from '../../errors/snow-error.js';
import type { CodeAnswer, CodeQuery } from './search-index.js';
import type { SearchReply, SearchTask } from './search-thread.js';

/** From `src` and from `dist` alike: a thread runs what was built. */
const THREAD = new URL('../../../dist/memory/repositories/search-thread.js', import.meta.url);

const THREADS = 2;

/** A thread that nobody asks for so long is ended, in ms, and with it what it holds open. */
const IDLE_MS = 30_000;

const MOST_WAITING = 1_000;

/** Threads that search indexes of repositories: reading a large one must not hold up the event loop. Started with the first search. */
export class SearchPool {
  #pool: Promise<Piscina<SearchTask, SearchReply>> | undefined;
  #closed = false;

  /**
   * `undefined` when there is no index at `index` that can be read (any more). Aborting ends the thread that works on it.
   * Throws `INVALID_ARGUMENT` for a query that asks for nothing, `QUEUE_FULL` when too many wait.
   */
  async search(index: string, query: CodeQuery, signal?: AbortSignal): Promise<CodeAnswer | undefined> {
    if (this.#closed) throw new SnowError({ code: 'CANCELLED', message: 'The process is ending.' });
    this.#pool ??= start();
    const pool = await this.#pool;
    signal?.throwIfAborted();
    if (pool.queueSize >= MOST_WAITING)
      throw new SnowError({
        code: 'QUEUE_FULL',
        message: 'Too many searches wait for their turn.',
        retryAfterMs: 1_000,
      });
    const reply = await pool.run({ index, query }, signal === undefined ? {} : { signal }).catch((failure: unknown) => {
      signal?.throwIfAborted();
      throw failure;
    });
    if ('error' in reply) throw new SnowError(reply.error);
    return 'answer' in reply ? reply.answer : undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await (await this.#pool)?.destroy();
  }
}

async function start(): Promise<Piscina<SearchTask, SearchReply>> {
  const { Piscina: Pool } = await import('piscina');
  return new Pool<SearchTask, SearchReply>({
    filename: THREAD.href,
    minThreads: 0,
    maxThreads: THREADS,
    idleTimeout: IDLE_MS,
    maxQueue: MOST_WAITING + 1,
  });
}
