import { type LockMode, type LockStats, type LockWait, ReadWriteLock, type Release } from './read-write-lock.js';

/** Read/write locks by name; a name costs memory only while somebody holds it or waits for it. */
export class LockTable {
  readonly #locks = new Map<string, ReadWriteLock>();
  #retired: LockStats = { acquired: 0, contended: 0, timedOut: 0, waitedMs: 0 };

  async acquire(name: string, mode: LockMode, wait: LockWait = {}): Promise<Release> {
    const lock = this.#lockOf(name);
    try {
      const release = await lock.acquire(mode, wait);
      return () => {
        release();
        this.#retire(name, lock);
      };
    } catch (failure) {
      this.#retire(name, lock);
      throw failure;
    }
  }

  async run<T>(name: string, mode: LockMode, work: () => Promise<T>, wait: LockWait = {}): Promise<T> {
    const release = await this.acquire(name, mode, wait);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Names in use now. */
  get size(): number {
    return this.#locks.size;
  }

  /** Summed over all names ever used. */
  stats(): LockStats {
    return [...this.#locks.values()].reduce((sum, lock) => added(sum, lock.stats()), this.#retired);
  }

  #lockOf(name: string): ReadWriteLock {
    let lock = this.#locks.get(name);
    if (lock === undefined) {
      lock = new ReadWriteLock();
      this.#locks.set(name, lock);
    }
    return lock;
  }

  #retire(name: string, lock: ReadWriteLock): void {
    if (!lock.idle || this.#locks.get(name) !== lock) return;
    this.#locks.delete(name);
    this.#retired = added(this.#retired, lock.stats());
  }
}

function added(left: LockStats, right: LockStats): LockStats {
  return {
    acquired: left.acquired + right.acquired,
    contended: left.contended + right.contended,
    timedOut: left.timedOut + right.timedOut,
    waitedMs: left.waitedMs + right.waitedMs,
  };
}
