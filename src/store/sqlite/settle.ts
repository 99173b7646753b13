import { type ErrorData, SnowError } from '../../errors/snow-error.js';
import { mayFollowRetry } from '../attempts.js';
import type { JobState } from '../job.js';
import type { JobHold, Settlement, SettleOutcome } from '../job-store.js';
import type { BreakerOperations } from './breakers.js';
import type { Engine } from './engine.js';
import { prepareFinish, type Spent } from './finish.js';
import { type HeldJob, learnedFrom, prepareHeldJob } from './held-job.js';
import { prepareSpend } from './usage-counters.js';

/** What a job ends with when its write was sent and nobody can find out what became of it. */
export function unknownOutcome(message: string): ErrorData {
  return {
    code: 'OUTCOME_UNKNOWN',
    message,
    hint: 'Look in the warehouse whether the statement took effect before running it again.',
  };
}

/** The last word of a worker about a job it holds. */
export function prepareSettle(
  engine: Engine,
  breakers: Pick<BreakerOperations, 'outcome'>,
): (hold: JobHold, settlement: Settlement) => SettleOutcome {
  const { db } = engine;
  const heldJob = prepareHeldJob(engine);
  const finish = prepareFinish(engine);
  const spend = prepareSpend(engine);
  const again = db.prepare(
    `UPDATE jobs SET state = ?, run_at = ?, ready_at = ?, expires_at = ?, error = ?, worker = NULL, lease_until = NULL,
       dispatch_open = ?, progress = NULL, execution_ms = execution_ms + ?, used_rows = used_rows + ?,
       used_bytes = used_bytes + ?, correction = ?, mean_s = ?, attempts = attempts - ? WHERE seq = ?`,
  );
  const dropPages = db.prepare('DELETE FROM result_pages WHERE job = ? AND attempt = ?');

  function retry(job: HeldJob, runAt: number, error: ErrorData | undefined, { usage, learned }: Spent): JobState {
    const now = engine.now();
    const at = Math.max(now, Math.round(runAt));
    const state = at > now ? 'scheduled' : 'queued';
    const expiresAt = job.attached === 1 ? at + job.queue_timeout_ms : null;
    // A write that was sent is asked for by its request id, also by the next attempt; a read simply runs again.
    const open = job.write === 1 ? job.dispatch_open : 0;
    again.run(
      state,
      at,
      at,
      expiresAt,
      error === undefined ? null : JSON.stringify(error),
      open,
      Math.round(usage.executionMs),
      Math.round(usage.rows),
      Math.round(usage.bytes),
      learned.correction,
      learned.meanS,
      error === undefined ? 1 : 0,
      job.seq,
    );
    return state;
  }

  return (hold, settlement) => {
    const job = heldJob(hold);
    if (job === undefined) return { settled: false, reason: 'lost' };
    const { usage } = settlement;
    const chargedMs = Math.max(0, usage.executionMs - (usage.connectingMs ?? 0));
    const spent: Spent = { usage, learned: learnedFrom(job, chargedMs / 1_000) };
    spend(job, usage);
    if (settlement.connection !== undefined) breakers.outcome(settlement.connection, usage.executionMs);
    if (settlement.state !== 'scheduled') {
      assertKnown(hold, job, settlement);
      finish(job, { ...settlement, spent });
      return { settled: true, state: settlement.state };
    }
    const dispatchOpen = job.write === 1 && job.dispatch_open === 1;
    if (job.cancel_requested !== null && !dispatchOpen) {
      finish(job, { state: 'cancelled', error: { code: 'CANCELLED', message: job.cancel_requested }, spent });
      return { settled: true, state: 'cancelled' };
    }
    if ('uncounted' in settlement) {
      dropPages.run(job.seq, job.attempts);
      return { settled: true, state: retry(job, settlement.runAt, undefined, spent) };
    }
    const tries = {
      attempts: job.attempts,
      maxAttempts: job.max_attempts,
      write: job.write === 1,
      dispatchOpen,
    };
    if (mayFollowRetry(tries)) return { settled: true, state: retry(job, settlement.runAt, settlement.error, spent) };
    const error = dispatchOpen
      ? unknownOutcome(`The write was sent; its outcome could not be found out: ${settlement.error.message}`)
      : settlement.error;
    finish(job, { state: 'failed', error, spent });
    return { settled: true, state: 'failed' };
  };
}

/** "Failed" and "cancelled" would be guesses about a write that was sent and whose outcome nobody has asked for. */
function assertKnown(hold: JobHold, job: HeldJob, settlement: Exclude<Settlement, { state: 'scheduled' }>): void {
  if (settlement.state === 'succeeded' || settlement.outcomeKnown === true) return;
  if (settlement.error.code === 'OUTCOME_UNKNOWN') return;
  if (job.write === 0 || job.dispatch_open === 0) return;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `The write of job ${hold.id} was sent and its outcome is not known: it cannot end as ${settlement.state}.`,
    hint: 'Ask for it by its request id, or settle it as scheduled.',
  });
}
