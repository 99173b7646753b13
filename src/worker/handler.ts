import type { JobProgress, Json } from '../store/job.js';
import type { ClaimedJob, JobHold, Settlement } from '../store/job-store.js';

/** What a handler may do while it works; everything it says goes through the store, guarded by the lease. */
export interface HandlerContext {
  readonly hold: JobHold;
  /** Aborted when the job is cancelled, its lease is lost, or the worker has to end; `reason` is a `SnowError`. */
  readonly signal: AbortSignal;
  /**
   * Writes `dispatched_at` and the request id; throws when the lease is lost. Called before anything leaves for the warehouse,
   * and awaited before a write does.
   */
  dispatch(requestId: string): Promise<void>;
  /** Kept and sent with the next heartbeat. */
  progress(progress: JobProgress): void;
  /** Rows of the result; the context cuts them into pages and writes them, the last one together with the settlement. */
  writeRows(rows: readonly (readonly Json[])[]): Promise<void>;
  /** Pages of the rows so far: the `pageCount` of a result that ends here. */
  readonly pageCount: number;
  /** Approximate bytes of JSON in all rows given to `writeRows`. */
  readonly bytesWritten: number;
}

/** One per job kind. A handler never throws for a failed job: it returns the settlement. */
export interface JobHandler {
  handle(claimed: ClaimedJob, context: HandlerContext): Promise<Settlement>;
}
