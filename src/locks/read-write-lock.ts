import { Semaphore } from 'async-mutex';
import { SnowError } from '../errors/snow-error.js';

export type LockMode = 'read' | 'write';

export interface LockWait {
  /** Longest wait in ms; afterwards `acquire` rejects with `QUEUE_TIMEOUT`. Without it the wait has no end. */
  readonly timeoutMs?: number;
  /** Aborting ends the wait with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Counts since the lock was made. */
export interface LockStats {
  readonly acquired: number;
  /** Acquisitions that had to wait, those that timed out or were aborted included. */
  readonly contended: number;
  readonly timedOut: number;
  /** Milliseconds waited, summed over all contended acquisitions. */
  readonly waitedMs: number;
}

/** Ends a hold; calling it again does nothing. */
export type Release = () => void;

interface Waiter {
  readonly weight: number;
  readonly grant: () => void;
}

/**
 * A writer takes every unit, a reader one: more readers at once than this wait for each other. The semaphore walks its
 * units at every release, so the number is no larger than needed.
 */
const UNITS = 1_024;

/**
 * A read/write lock on a weighted semaphore, first come first served: a waiting writer holds back the readers that came
 * after it, so neither side starves. The line in front of the semaphore is our own because the semaphore's cannot be left
 * again: a writer that gave up would go on holding back everyone behind it.
 */
export class ReadWriteLock {
  readonly #semaphore = new Semaphore(UNITS);
  readonly #line = new Set<Waiter>();
  #acquired = 0;
  #contended = 0;
  #timedOut = 0;
  #waitedMs = 0;

  async acquire(mode: LockMode, wait: LockWait = {}): Promise<Release> {
    wait.signal?.throwIfAborted();
    const weight = mode === 'write' ? UNITS : 1;
    if (this.#line.size === 0 && this.#semaphore.getValue() >= weight) return this.#take(weight);
    return await this.#stand(weight, wait);
  }

  async run<T>(mode: LockMode, work: () => Promise<T>, wait: LockWait = {}): Promise<T> {
    const release = await this.acquire(mode, wait);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** True while nobody holds it or waits for it. */
  get idle(): boolean {
    return this.#line.size === 0 && this.#semaphore.getValue() === UNITS;
  }

  stats(): LockStats {
    return {
      acquired: this.#acquired,
      contended: this.#contended,
      timedOut: this.#timedOut,
      waitedMs: this.#waitedMs,
    };
  }

  #take(weight: number): Release {
    // Free units were seen in this same turn, so the semaphore takes them before `acquire` returns its promise.
    void this.#semaphore.acquire(weight);
    this.#acquired += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#semaphore.release(weight);
      this.#advance();
    };
  }

  #stand(weight: number, wait: LockWait): Promise<Release> {
    const since = performance.now();
    this.#contended += 1;
    return new Promise<Release>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const leave = (): void => {
        clearTimeout(timer);
        wait.signal?.removeEventListener('abort', onAbort);
        this.#line.delete(waiter);
        this.#waitedMs += performance.now() - since;
      };
      const giveUp = (reason: unknown): void => {
        leave();
        reject(reason);
        this.#advance();
      };
      const onAbort = (): void => giveUp(wait.signal?.reason);
      const waiter: Waiter = {
        weight,
        grant: () => {
          leave();
          resolve(this.#take(weight));
        },
      };
      this.#line.add(waiter);
      wait.signal?.addEventListener('abort', onAbort, { once: true });
      if (wait.timeoutMs !== undefined) {
        timer = setTimeout(() => {
          this.#timedOut += 1;
          giveUp(
            new SnowError({
              code: 'QUEUE_TIMEOUT',
              message: `Waited ${wait.timeoutMs} ms for a lock that others hold.`,
              hint: 'Try again when the work before it has ended.',
            }),
          );
        }, wait.timeoutMs);
      }
    });
  }

  #advance(): void {
    for (const waiter of this.#line) {
      if (this.#semaphore.getValue() < waiter.weight) return;
      waiter.grant();
    }
  }
}
