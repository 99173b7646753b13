import type { JobHold } from '../job-store.js';
import type { Engine } from './engine.js';

/** The part of a running job that guarded operations decide on. */
export interface HeldJob {
  readonly seq: number;
  readonly client_lane: number;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly write: number;
  readonly estimate_s: number;
  readonly lifts: number | null;
  readonly request_id: string | null;
  readonly fence: number;
  readonly dispatched_fence: number | null;
  readonly dispatch_open: number;
  readonly cancel_requested: string | null;
  readonly attached: number;
  readonly queue_timeout_ms: number;
  readonly result_ttl_ms: number;
}

export const HELD_COLUMNS = `seq, client_lane, attempts, max_attempts, write, estimate_s, lifts, request_id, fence,
  dispatched_fence, dispatch_open, cancel_requested, attached, queue_timeout_ms, result_ttl_ms`;

/** The job a hold names, if the hold is still good: nobody has claimed it since, and it has not ended. */
export function prepareHeldJob({ db }: Engine): (hold: JobHold) => HeldJob | undefined {
  const find = db.prepare<[string, number, number], HeldJob>(
    `SELECT ${HELD_COLUMNS} FROM jobs WHERE id = ? AND state = 'running' AND attempts = ? AND fence = ?`,
  );
  return (hold) => find.get(hold.id, hold.attempt, hold.fence);
}
