import { randomUUID } from 'node:crypto';
import type { WatchDue } from '../store/repository-store.js';
import type { Store } from '../store/store.js';

/** Looks at least this often, in ms, and at most this often when the store changes. */
const LOOK_EVERY_MS = 60_000;
const LOOK_AGAIN_MS = 1_000;

export interface RepositoryWatcherOptions {
  readonly store: Store;
  /** Only what this client watches. */
  readonly client?: string;
  /** Queues the sync, once under this key. */
  readonly queue: (due: WatchDue, idempotencyKey: string) => Promise<void>;
  readonly onFailure: (failure: unknown) => void;
}

/** Queues syncs of watched repositories when their time has come; of all workers that look, one gets each. */
export class RepositoryWatcher {
  readonly #options: RepositoryWatcherOptions;
  #timer: NodeJS.Timeout | undefined;
  #lookedAt = 0;
  #stopListening: () => void = () => {};
  #looking: Promise<void> | undefined;
  #stopped = false;

  constructor(options: RepositoryWatcherOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stopListening = this.#options.store.onChange(() => {
      this.#lookIn(Math.max(0, this.#lookedAt + LOOK_AGAIN_MS - performance.now()));
    });
    this.#lookIn(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#stopListening();
    await this.#looking;
  }

  #lookIn(ms: number): void {
    if (this.#stopped || this.#looking !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#looking = this.#look();
    }, ms).unref();
  }

  async #look(): Promise<void> {
    this.#lookedAt = performance.now();
    let nextAt: number | undefined;
    try {
      const { store, client } = this.#options;
      nextAt = await store.nextWatchAt(client);
      while (!this.#stopped && nextAt !== undefined && nextAt <= Date.now()) {
        await this.#takeOne();
        nextAt = await store.nextWatchAt(client);
      }
    } catch (failure) {
      this.#options.onFailure(failure);
    } finally {
      this.#looking = undefined;
    }
    this.#lookIn(Math.min(LOOK_EVERY_MS, Math.max(LOOK_AGAIN_MS, (nextAt ?? Number.POSITIVE_INFINITY) - Date.now())));
  }

  async #takeOne(): Promise<void> {
    const key = `watch ${randomUUID()}`;
    const due = await this.#options.store.takeDueWatch(key, this.#options.client);
    // One that is refused (a limit, a client that was removed) has its next time all the same.
    if (due !== undefined) await this.#options.queue(due, key).catch(this.#options.onFailure);
  }
}
