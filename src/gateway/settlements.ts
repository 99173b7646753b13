import type { Store } from '../store/store.js';

const BATCH = 1_000;

/** Tells waiters that their job has ended: one reader for all of a process, woken by the store's changes. */
export class Settlements {
  readonly #store: Pick<Store, 'settledSince' | 'onChange'>;
  readonly #waiters = new Map<string, Set<() => void>>();
  #stopListening: (() => void) | undefined;
  #sequence: number | 'latest' = 'latest';
  #reading = false;
  #readAgain = false;

  constructor(store: Pick<Store, 'settledSince' | 'onChange'>) {
    this.#store = store;
  }

  /**
   * Calls back once when the job reaches a final state after the returned promise has resolved; what ended before is for the
   * caller to find. The result stops waiting.
   */
  async watch(id: string, onSettled: () => void): Promise<() => void> {
    const waiters = this.#waiters.get(id) ?? new Set();
    waiters.add(onSettled);
    this.#waiters.set(id, waiters);
    this.#stopListening ??= this.#store.onChange(() => void this.#read());
    const forget = (): void => {
      waiters.delete(onSettled);
      if (waiters.size === 0 && this.#waiters.get(id) === waiters) this.#waiters.delete(id);
      if (this.#waiters.size === 0) this.#rest();
    };
    try {
      if (this.#sequence === 'latest') {
        const { sequence } = await this.#store.settledSince('latest', 1);
        if (this.#sequence === 'latest') this.#sequence = sequence;
      }
    } catch (failure) {
      forget();
      throw failure;
    }
    return forget;
  }

  close(): void {
    this.#waiters.clear();
    this.#rest();
  }

  /** With nobody waiting nothing is read; the next waiter begins at what is the latest then. */
  #rest(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#sequence = 'latest';
  }

  /** Never backwards, and not at all when everybody has left while the answer was on its way. */
  #advance(sequence: number): void {
    if (this.#sequence !== 'latest') this.#sequence = Math.max(this.#sequence, sequence);
  }

  async #read(): Promise<void> {
    if (this.#reading) {
      this.#readAgain = true;
      return;
    }
    this.#reading = true;
    try {
      do {
        this.#readAgain = false;
        if (this.#sequence === 'latest') continue;
        const { ids, sequence } = await this.#store.settledSince(this.#sequence, BATCH);
        this.#advance(sequence);
        for (const id of ids) for (const onSettled of [...(this.#waiters.get(id) ?? [])]) onSettled();
        if (ids.length === BATCH) this.#readAgain = true;
      } while (this.#readAgain);
    } catch {
      // The next change reads again from the same sequence; waiters also look for themselves from time to time.
    } finally {
      this.#reading = false;
    }
  }
}
