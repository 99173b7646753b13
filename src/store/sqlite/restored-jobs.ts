import type { ErrorData } from '../../errors/snow-error.js';
import type { Database } from './connection.js';

/**
 * How long a warehouse is trusted to know a request id, in ms: a write that was sent longer ago is not sent again under
 * its id, for that could run it anew.
 */
const REQUEST_ID_TRUST_MS = 3_600_000;

/** What became of the jobs that had not ended when the backup was taken. */
export interface RestoredJobs {
  /** Reads, which run (again). */
  readonly queued: number;
  /** Writes that had been sent shortly before: the next worker asks for their outcome by request id. */
  readonly asked: number;
  /** Writes of which nobody can say whether they have run since: failed with `OUTCOME_UNKNOWN`. */
  readonly unknown: number;
}

const UNKNOWN: ErrorData = {
  code: 'OUTCOME_UNKNOWN',
  message: 'The database was restored from a backup in which this write had not ended; it may have run since.',
  hint: 'Look into the warehouse whether it did; jobs retry runs it (again).',
};

/**
 * Brings the copy of a store into the present: no worker, lease or waiter of that time is left. Writes that had not ended
 * may have run after the backup: they are asked for where that is possible, and otherwise end as `OUTCOME_UNKNOWN`.
 */
export function endWhatMayHaveRun(db: Database, now: number): RestoredJobs {
  const asked = `write = 1 AND dispatch_open = 1 AND dispatched_at > ${now - REQUEST_ID_TRUST_MS}`;
  const count = (where: string) => Number(db.prepare(`SELECT count(*) FROM jobs WHERE ${where}`).pluck().get());
  const end = db.prepare(
    `UPDATE jobs SET state = 'failed', settled = (SELECT settled + 1 FROM queue), finished_at = ?, error = ?,
       pages_until = ?, lease_until = NULL, dispatch_open = 0, correction = 0 WHERE seq = ?`,
  );
  const unknown = db
    .prepare<[], number>(`SELECT seq FROM jobs WHERE settled IS NULL AND write = 1 AND NOT (${asked}) ORDER BY seq`)
    .pluck();
  return db.transaction((): RestoredJobs => {
    const seqs = unknown.all();
    for (const seq of seqs) end.run(now, JSON.stringify(UNKNOWN), now, seq);
    // Of no boot, so that the next sweep takes them for over.
    db.exec(`UPDATE jobs SET lease_boot = '' WHERE state = 'running'`);
    db.exec(`UPDATE jobs SET waiter_boot = '' WHERE waiter_boot IS NOT NULL AND settled IS NULL`);
    db.exec(`UPDATE leases SET holder = NULL, held_until = NULL`);
    db.exec('DELETE FROM workers');
    return {
      queued: count('settled IS NULL AND write = 0'),
      asked: count(`settled IS NULL AND ${asked}`),
      unknown: seqs.length,
    };
  })();
}
