import { SnowError } from '../errors/snow-error.js';
import type { JobProgress, Json } from '../store/job.js';
import type { ClaimedJob, JobHold, JobStore, LastPage } from '../store/job-store.js';
import type { HandlerContext } from './handler.js';
import { ResultPages } from './result-pages.js';
import { isAbandonment, LeaseLost } from './stop-reasons.js';

/** One claimed job in this worker: its hold, the reasons to stop it, and what its handler may say. */
export class RunningJob implements HandlerContext {
  readonly claimed: ClaimedJob;
  readonly hold: JobHold;
  readonly #store: JobStore;
  readonly #abort = new AbortController();
  readonly #pages: ResultPages;
  readonly #onProgress: () => void;
  #progress: JobProgress | undefined;
  #dispatched = false;

  constructor(store: JobStore, claimed: ClaimedJob, onProgress: () => void = () => {}) {
    this.claimed = claimed;
    this.#onProgress = onProgress;
    this.hold = { id: claimed.job.id, attempt: claimed.attempt, fence: claimed.fence };
    this.#store = store;
    this.#pages = new ResultPages(async (page, rows) => {
      if ((await store.writePage(this.hold, page, rows)) === 'lost') throw this.#loseLease();
    });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Something has left, or is about to leave, for the warehouse in this attempt. */
  get dispatched(): boolean {
    return this.#dispatched;
  }

  get leaseLost(): boolean {
    return this.signal.reason instanceof LeaseLost;
  }

  get lastProgress(): JobProgress | undefined {
    return this.#progress;
  }

  stop(reason: SnowError): void {
    this.#abort.abort(reason);
  }

  cancel(reason: string): void {
    this.stop(new SnowError({ code: 'CANCELLED', message: reason }));
  }

  lose(): void {
    this.#loseLease();
  }

  /** It is a write that has left for the warehouse, in this attempt or an earlier one. */
  get sentWrite(): boolean {
    const { job, takeover } = this.claimed;
    return job.write && (this.#dispatched || takeover !== undefined);
  }

  async dispatch(requestId: string): Promise<void> {
    this.#throwIfStopped(requestId);
    this.#dispatched = true;
    if ((await this.#store.dispatch(this.hold, requestId)) === 'lost') throw this.#loseLease();
    this.#throwIfStopped(requestId);
  }

  /** A job that somebody wants cancelled may still ask what became of its write. */
  #throwIfStopped(requestId: string): void {
    const asks = requestId === this.claimed.takeover?.requestId;
    if (!asks || isAbandonment(this.signal.reason)) this.signal.throwIfAborted();
  }

  progress(progress: JobProgress): void {
    this.#progress = progress;
    this.#onProgress();
  }

  async writeRows(rows: readonly (readonly Json[])[]): Promise<void> {
    await this.#pages.add(rows);
  }

  get bytesWritten(): number {
    return this.#pages.bytes;
  }

  get pageCount(): number {
    return this.#pages.count;
  }

  get lastPage(): LastPage | undefined {
    return this.#pages.last;
  }

  #loseLease(): LeaseLost {
    const lost = new LeaseLost(this.hold.id);
    this.stop(lost);
    return lost;
  }
}
