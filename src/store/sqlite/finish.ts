import type { ErrorData } from '../../errors/snow-error.js';
import type { JobState, JobUsage, ResultSummary } from '../job.js';
import type { Engine } from './engine.js';
import type { Learned } from './held-job.js';

/** What is needed of a row to end it. */
export interface EndingRow {
  readonly seq: number;
  readonly attempts: number;
  readonly result_ttl_ms: number;
}

export interface Ending {
  readonly state: Extract<JobState, 'succeeded' | 'failed' | 'cancelled' | 'expired'>;
  readonly result?: ResultSummary;
  readonly error?: ErrorData;
  /** Of the attempt that ends with it; absent when the job was not running. */
  readonly spent?: Spent;
}

/** What an attempt has used, and what that means for its client's place in fair order. */
export interface Spent {
  readonly usage: JobUsage;
  readonly learned: Learned;
}

/**
 * The one way into a final state: gives the job its number in the order of commits, ends lease and dispatch, and says when
 * its pages go. Pages of anything but a success are of no use to anybody and go with the next sweep.
 */
export function prepareFinish(engine: Engine): (row: EndingRow, ending: Ending) => void {
  const { db, retentionMs } = engine;
  const finish = db.prepare(
    `UPDATE jobs SET state = ?, settled = (SELECT settled + 1 FROM queue), finished_at = ?, result = ?, error = ?,
       result_expires_at = ?, pages_until = ?, lease_until = NULL, dispatch_open = 0,
       execution_ms = execution_ms + ?, used_rows = used_rows + ?, used_bytes = used_bytes + ?, correction = ?, mean_s = ?
     WHERE seq = ?`,
  );
  const hasPages = db.prepare<[number]>('SELECT 1 FROM result_pages WHERE job = ? LIMIT 1').pluck();
  const dropDead = db.prepare('DELETE FROM result_pages WHERE job = ? AND attempt <> ?');
  return (row, ending) => {
    const now = engine.now();
    const succeeded = ending.state === 'succeeded';
    const expiresAt = succeeded ? now + Math.min(row.result_ttl_ms, retentionMs) : null;
    const paged = hasPages.get(row.seq) !== undefined;
    if (paged && succeeded && row.attempts > 1) dropDead.run(row.seq, row.attempts);
    const { spent } = ending;
    finish.run(
      ending.state,
      now,
      ending.result === undefined ? null : JSON.stringify(ending.result),
      ending.error === undefined ? null : JSON.stringify(ending.error),
      expiresAt,
      paged ? (expiresAt ?? now) : null,
      Math.round(spent?.usage.executionMs ?? 0),
      Math.round(spent?.usage.rows ?? 0),
      Math.round(spent?.usage.bytes ?? 0),
      spent?.learned.correction ?? 0,
      spent?.learned.meanS ?? null,
      row.seq,
    );
  };
}
