import { randomUUID } from 'node:crypto';
import { SnowError } from '../errors/snow-error.js';
import { FINAL_STATES, type JobRecord } from '../store/job.js';
import type { Admission } from '../store/job-store.js';
import type { Store } from '../store/store.js';
import { admit } from './admissions.js';
import { waitForJob } from './job-wait.js';
import type { WaitOptions } from './requests.js';
import { Settlements } from './settlements.js';
import { toldByJob } from './told-by-job.js';

interface Waiting {
  readonly job: string;
  /** Ends the wait as a failure. */
  readonly abort: AbortController;
  /** Ends the wait as if its time were up. */
  readonly giveUp: AbortController;
  readonly ended: Promise<unknown>;
}

/** How often a draining process looks which of the jobs it waits for still run, in ms. */
const DRAIN_LOOK_MS = 250;

/** Everybody in this process who waits for a job. */
export class AttachedWaits {
  readonly #store: Store;
  readonly #settlements: Settlements;
  readonly #leaseMs: number;
  readonly #waiting = new Set<Waiting>();
  #ending = false;
  #draining = false;
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
    this.assertOpen();
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
      throw toldByJob(failure);
    }
  }

  /** Throws once the server is ending: nothing is admitted any more, and a wait may have been given up for that. */
  assertOpen(): void {
    if (this.#ending) throw ending();
  }

  /** Waits for a job without being attached to it. */
  async wait(id: string, forMs: number, wait: WaitOptions): Promise<JobRecord> {
    return await this.#tracked(id, performance.now() + forMs, wait);
  }

  /** Calls back when the job ends after the returned promise has resolved. The result stops watching. */
  watch(id: string, onSettled: () => void): Promise<() => void> {
    return this.#settlements.watch(id, onSettled);
  }

  /**
   * Admits nothing more, and ends all waits without losing a job: one that runs may end within `graceMs`, every other is
   * detached now and lives on in the queue.
   */
  async drain(graceMs: number): Promise<void> {
    this.#ending = true;
    this.#draining = true;
    const look = setInterval(() => void this.#giveUpIdle(), DRAIN_LOOK_MS);
    const giveUpAll = (): void => {
      for (const { giveUp } of this.#waiting) giveUp.abort();
    };
    const grace = setTimeout(giveUpAll, graceMs);
    await this.#giveUpIdle();
    await this.#allEnded();
    clearInterval(look);
    clearTimeout(grace);
  }

  /** Ends all waits; jobs attached to this process are cancelled. */
  async close(): Promise<void> {
    this.#ending = true;
    for (const { abort } of this.#waiting) abort.abort(ending());
    await this.#allEnded();
    this.#settlements.close();
  }

  async #allEnded(): Promise<void> {
    await Promise.allSettled([...this.#waiting].map(({ ended }) => ended));
  }

  /** Gives up the waits for jobs that do not run. */
  async #giveUpIdle(): Promise<void> {
    for (const { job, giveUp } of [...this.#waiting]) {
      const found = await this.#store.find(job).catch(() => undefined);
      if (found?.state !== 'running') giveUp.abort();
    }
  }

  async #tracked(
    id: string,
    until: number,
    wait: WaitOptions,
    renew?: { readonly everyMs: number; readonly run: () => Promise<unknown> },
  ): Promise<JobRecord> {
    const abort = new AbortController();
    const giveUp = new AbortController();
    if (this.#draining) giveUp.abort();
    const follow = (): void => abort.abort(wait.signal?.reason);
    if (wait.signal?.aborted) follow();
    else wait.signal?.addEventListener('abort', follow, { once: true });
    const ended = waitForJob(this.#store, this.#settlements, id, {
      ...wait,
      signal: abort.signal,
      giveUp: giveUp.signal,
      forMs: Math.max(0, until - performance.now()),
      ...(renew === undefined ? {} : { renew }),
    });
    const waiting: Waiting = { job: id, abort, giveUp, ended };
    this.#waiting.add(waiting);
    try {
      return await ended;
    } finally {
      this.#waiting.delete(waiting);
      wait.signal?.removeEventListener('abort', follow);
    }
  }
}

function ending(): SnowError {
  return new SnowError({
    code: 'CANCELLED',
    message: 'The server is ending.',
    hint: 'Try again: it may be back in a moment. list_jobs shows what goes on without it.',
  });
}
