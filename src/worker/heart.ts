import type { Store } from '../store/store.js';
import type { RunningJob } from './running-job.js';

export interface HeartOptions {
  readonly store: Store;
  readonly worker: string;
  readonly leaseMs: number;
  readonly everyMs: number;
  /** Registers the worker. */
  readonly signOn: () => Promise<void>;
  readonly state: () => 'working' | 'draining';
  readonly jobs: () => ReadonlySet<RunningJob>;
  readonly onFailure: (failure: unknown) => void;
}

/** A cancel that comes in a burst of other changes is read this many ms late at most. */
const LOOK_EVERY_MS = 20;

/** Progress is stored this often at most, in ms. */
const PROGRESS_EVERY_MS = 1_000;

/** Says that the worker lives, extends its leases in one call, and hears what was said about its jobs. */
export class Heart {
  readonly #options: HeartOptions;
  #timer: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #lookedAt = 0;
  #telling: NodeJS.Timeout | undefined;
  #beatAt = performance.now();

  constructor(options: HeartOptions) {
    this.#options = options;
  }

  get everyMs(): number {
    return this.#options.everyMs;
  }

  start(): void {
    this.#timer = setInterval(() => void this.beat(), this.#options.everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#look);
    clearTimeout(this.#telling);
  }

  /** A job has something to say that somebody may be waiting for: earlier than the next beat would. */
  progressed(): void {
    if (this.#telling !== undefined) return;
    const inMs = Math.max(0, this.#beatAt + PROGRESS_EVERY_MS - performance.now());
    this.#telling = setTimeout(() => {
      this.#telling = undefined;
      if (this.#options.jobs().size > 0) void this.beat();
    }, inMs).unref();
  }

  async beat(): Promise<void> {
    const { store, worker, leaseMs } = this.#options;
    const jobs = [...this.#options.jobs()];
    const silentMs = performance.now() - this.#beatAt;
    this.#beatAt = performance.now();
    try {
      // After a long silence (the process was stopped) the worker may have been forgotten.
      if (silentMs > leaseMs) await this.#options.signOn();
      const alive = store.workerHeartbeat(worker, this.#options.state());
      if (jobs.length > 0) {
        const holds = jobs.map((job) =>
          job.lastProgress === undefined ? job.hold : { ...job.hold, progress: job.lastProgress },
        );
        const replies = await store.heartbeat(worker, leaseMs, holds);
        const byId = new Map(jobs.map((job) => [job.hold.id, job]));
        for (const reply of replies) {
          const job = byId.get(reply.id);
          if (job === undefined) continue;
          if (reply.verdict === 'lost') job.lose();
          else if (reply.cancelRequested !== undefined) job.cancel(reply.cancelRequested);
        }
      }
      await alive;
    } catch (failure) {
      this.#options.onFailure(failure);
    }
  }

  /**
   * Reads, without writing anything, whether one of the jobs is to be cancelled. A heartbeat here would be a commit, which
   * wakes the other workers, whose heartbeats would wake this one.
   */
  lookForCancels(): void {
    if (this.#look !== undefined || this.#options.jobs().size === 0) return;
    const inMs = Math.max(0, this.#lookedAt + LOOK_EVERY_MS - performance.now());
    this.#look = setTimeout(() => {
      this.#look = undefined;
      this.#lookedAt = performance.now();
      void this.#readCancels();
    }, inMs).unref();
  }

  async #readCancels(): Promise<void> {
    try {
      await Promise.all(
        [...this.#options.jobs()].map(async (job) => {
          const record = await this.#options.store.find(job.hold.id);
          if (record?.cancelRequested !== undefined) job.cancel(record.cancelRequested);
        }),
      );
    } catch (failure) {
      this.#options.onFailure(failure);
    }
  }
}
