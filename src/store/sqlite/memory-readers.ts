import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Piscina } from 'piscina';
import { SnowError } from '../../errors/snow-error.js';
import { busyPauseMs, LOCK_PATIENCE_MS } from './busy-retry.js';
import { closedFailure } from './failure.js';
import type { ThreadAnswer, ThreadTask } from './memory-reader-thread.js';
import type { MemoryQuestion } from './memory-reading.js';

/** The compiled thread, from both `src/store/sqlite` and `dist/store/sqlite`: threads cannot run TypeScript. */
const THREAD = join(import.meta.dirname, '..', '..', '..', 'dist', 'store', 'sqlite', 'memory-reader-thread.js');

const THREADS = 2;

/** A thread that nobody asks for so long is ended, in ms. */
const IDLE_MS = 30_000;

/** Questions that may wait for a thread. */
const MOST_WAITING = 1_000;

/**
 * Threads that answer questions to the memories: a search through a million of them takes tens of milliseconds, which the event
 * loop of a process that also serves queries does not have. Started with the first question.
 */
export class MemoryReaders {
  readonly #path: string;
  #pool: Promise<Piscina<ThreadTask, ThreadAnswer>> | undefined;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Aborting ends the thread that works on it: its connection can only read. */
  async ask<Answer>(question: MemoryQuestion, signal?: AbortSignal): Promise<Answer> {
    const startedAt = performance.now();
    for (let tries = 1; ; tries += 1) {
      const answer = await this.#run({ path: this.#path, question }, signal);
      if ('value' in answer) return answer.value as Answer;
      if ('error' in answer) throw new SnowError(answer.error);
      if (performance.now() - startedAt > LOCK_PATIENCE_MS) throw locked(this.#path);
      await delay(busyPauseMs(tries));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await (await this.#pool)?.destroy();
  }

  async #run(task: ThreadTask, signal: AbortSignal | undefined): Promise<ThreadAnswer> {
    this.#pool ??= start();
    const pool = await this.#pool;
    if (this.#closed) throw closedFailure();
    signal?.throwIfAborted();
    if (pool.queueSize >= MOST_WAITING) throw busy();
    try {
      return await pool.run(task, signal === undefined ? {} : { signal });
    } catch (failure) {
      signal?.throwIfAborted();
      throw this.#closed ? closedFailure() : failure;
    }
  }
}

async function start(): Promise<Piscina<ThreadTask, ThreadAnswer>> {
  const { Piscina } = await import('piscina');
  return new Piscina<ThreadTask, ThreadAnswer>({
    filename: THREAD,
    minThreads: 0,
    maxThreads: THREADS,
    idleTimeout: IDLE_MS,
    maxQueue: MOST_WAITING + 1,
  });
}

function locked(path: string): SnowError {
  return new SnowError({
    code: 'STORE_UNAVAILABLE',
    message: `Another process keeps ${path} locked.`,
    hint: 'End the program that holds a transaction open (an SQLite shell, a backup), then try again.',
  });
}

function busy(): SnowError {
  return new SnowError({
    code: 'QUEUE_FULL',
    message: `${MOST_WAITING} questions to the memories wait already.`,
    hint: 'Try again in a second.',
    retryAfterMs: 1_000,
  });
}
