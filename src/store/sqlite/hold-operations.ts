import { SnowError } from '../../errors/snow-error.js';
import type { JobProgress } from '../job.js';
import type { HeartbeatReply, HoldVerdict, JobHold } from '../job-store.js';
import type { Engine } from './engine.js';
import { prepareFinish } from './finish.js';
import { brokenOff, prepareHeldJob } from './held-job.js';

/** Writes the request id down before the warehouse is asked for anything. The same id again keeps its first time. */
export function prepareDispatch(engine: Engine): (hold: JobHold, requestId: string) => HoldVerdict {
  const heldJob = prepareHeldJob(engine);
  const dispatch = engine.db.prepare(
    `UPDATE jobs SET dispatched_at = CASE WHEN request_id IS @requestId THEN dispatched_at ELSE @now END, request_id = @requestId,
       dispatched_fence = fence, dispatch_open = 1 WHERE seq = @seq`,
  );
  return (hold, requestId) => {
    const job = heldJob(hold);
    if (job === undefined) return 'lost';
    dispatch.run({ requestId, now: engine.now(), seq: job.seq });
    return 'held';
  };
}

type ProgressingHold = JobHold & { readonly progress?: JobProgress };

/** Extends leases, keeps progress, and reads back who asked for a cancel. */
export function prepareHeartbeat(
  engine: Engine,
): (worker: string, leaseMs: number, holds: readonly ProgressingHold[]) => readonly HeartbeatReply[] {
  const { db, lease } = engine;
  const heldJob = prepareHeldJob(engine);
  const extend = db.prepare(
    `UPDATE jobs SET lease_boot = ?, lease_until = ?, worker = ?, progress = coalesce(?, progress) WHERE seq = ?`,
  );
  return (worker, leaseMs, holds) => {
    const until = lease.now() + leaseMs;
    return holds.map(({ id, attempt, fence, progress }) => {
      const job = heldJob({ id, attempt, fence });
      if (job === undefined) return { id, attempt, fence, verdict: 'lost' };
      extend.run(lease.boot, until, worker, progress === undefined ? null : JSON.stringify(progress), job.seq);
      const asked = job.cancel_requested;
      return { id, attempt, fence, verdict: 'held', ...(asked !== null && { cancelRequested: asked }) };
    });
  };
}

/**
 * Puts a claimed job back as if it had not been claimed: attempt and charge are taken back. Throws `INVALID_ARGUMENT` when
 * this claim was dispatched: then it can only be settled.
 */
export function prepareRelease(engine: Engine): (hold: JobHold) => HoldVerdict {
  const { db } = engine;
  const heldJob = prepareHeldJob(engine);
  const finish = prepareFinish(engine);
  const dropPages = db.prepare('DELETE FROM result_pages WHERE job = ? AND attempt = ?');
  const putBack = db.prepare(
    `UPDATE jobs SET state = 'queued', attempts = attempts - 1, started_at = NULL, worker = NULL, lease_until = NULL,
       progress = NULL, correction = ?, mean_s = ?, expires_at = CASE WHEN attached = 1 THEN ? + queue_timeout_ms END WHERE seq = ?`,
  );
  return (hold) => {
    const job = heldJob(hold);
    if (job === undefined) return 'lost';
    if (job.dispatched_fence === job.fence) {
      throw new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `Job ${hold.id} was dispatched and cannot be released.`,
        hint: 'Settle it.',
      });
    }
    const learned = brokenOff(job, 0);
    if (job.cancel_requested !== null && job.dispatch_open === 0) {
      finish(job, {
        state: 'cancelled',
        error: { code: 'CANCELLED', message: job.cancel_requested },
        spent: { usage: { executionMs: 0, rows: 0, bytes: 0 }, learned },
      });
      return 'held';
    }
    dropPages.run(job.seq, job.attempts);
    putBack.run(learned.correction, learned.meanS, engine.now(), job.seq);
    return 'held';
  };
}
