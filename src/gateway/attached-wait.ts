import { randomUUID } from 'node:crypto';
import { SnowError } from '../errors/snow-error.js';
import { FINAL_STATES, type JobRecord } from '../store/job.js';
import type { Admission } from '../store/job-store.js';
import type { Store } from '../store/store.js';
import { admit } from './admissions.js';
import { waitForJob } from './job-wait.js';
import type { WaitOptions } from './requests.js';
import { Settlements } from './settlements.js';

/** Everybody in this process who waits for a job. */
export class AttachedWaits {
  readonly #store: Store;
  readonly #settlements: Settlements;
  readonly #leaseMs: number;
  readonly #waiting = new Map<AbortController, Promise<unknown>>();
  #closed: SnowError | undefined;
  /** Names this process as the one that waits. */
  readonly #waiter = randomUUID();

  /** @param leaseMs a job whose waiter is not heard of for this long is cancelled: its process is gone. */
  constructor(store: Store, leaseMs: number) {
    this.#store = store;
    this.#leaseMs = leaseMs;
    this.#settlements = new Settlements(store);
  }

  /**
   * Queues a job attached to this process and waits for its end until `until` (`performance.now()`). Then the job is detached
   * and lives on; an abort, or a failure to wait, cancels it. A job that was queued before under the same idempotency key is
   * waited for, and left alone.
   */
  async admitAndWait(admission: Admission, until: number, wait: WaitOptions): Promise<JobRecord> {
    if (this.#closed !== undefined) throw this.#closed;
    wait.signal?.throwIfAborted();
    const attach = { waiter: this.#waiter, leaseMs: this.#leaseMs };
    const { job, repeated } = await admit(this.#store, { ...admission, attach });
    if (FINAL_STATES.has(job.state)) return job;
    try {
      const renew = {
        everyMs: this.#leaseMs / 3,
        run: () => this.#store.renewWaiter(job.id, this.#waiter, this.#leaseMs),
      };
      const seen = await this.#tracked(job.id, until, wait, repeated ? undefined : renew);
      if (FINAL_STATES.has(seen.state)) return seen;
      await this.#store.detach(job.id);
      return (await this.#store.find(job.id)) ?? seen;
    } catch (failure) {
      const reason = failure instanceof SnowError ? failure.message : 'The request could not wait for it.';
      if (!repeated) await this.#store.cancel(job.id, reason).catch(() => {});
      throw failure;
    }
  }

  /** Waits for a job without being attached to it. */
  async wait(id: string, forMs: number, wait: WaitOptions): Promise<JobRecord> {
    return await this.#tracked(id, performance.now() + forMs, wait);
  }

  /** Calls back when the job ends after the returned promise has resolved. The result stops watching. */
  watch(id: string, onSettled: () => void): Promise<() => void> {
    return this.#settlements.watch(id, onSettled);
  }

  /** Ends all waits; jobs attached to this process are cancelled. */
  async close(): Promise<void> {
    this.#closed = new SnowError({ code: 'CANCELLED', message: 'The server is ending.' });
    for (const abort of this.#waiting.keys()) abort.abort(this.#closed);
    await Promise.allSettled(this.#waiting.values());
    this.#settlements.close();
  }

  async #tracked(
    id: string,
    until: number,
    wait: WaitOptions,
    renew?: { readonly everyMs: number; readonly run: () => Promise<unknown> },
  ): Promise<JobRecord> {
    const abort = new AbortController();
    const follow = (): void => abort.abort(wait.signal?.reason);
    if (wait.signal?.aborted) follow();
    else wait.signal?.addEventListener('abort', follow, { once: true });
    const waiting = waitForJob(this.#store, this.#settlements, id, {
      ...wait,
      signal: abort.signal,
      forMs: Math.max(0, until - performance.now()),
      ...(renew === undefined ? {} : { renew }),
    });
    this.#waiting.set(abort, waiting);
    try {
      return await waiting;
    } finally {
      this.#waiting.delete(abort);
      wait.signal?.removeEventListener('abort', follow);
    }
  }
}
