import type { Engine } from './engine.js';

/** Jobs made due in one step. */
export const DUE_AT_ONCE = 100;

/** Queues the scheduled jobs whose time has come, the earliest first; answers how many. */
export function prepareDue({ db }: Engine): (now: number) => number {
  const makeDue = db.prepare(
    `UPDATE jobs SET state = 'queued', ready_at = run_at,
       expires_at = CASE WHEN attached = 1 THEN run_at + queue_timeout_ms END
     WHERE seq IN (SELECT seq FROM jobs INDEXED BY jobs_scheduled
       WHERE state = 'scheduled' AND run_at <= ? ORDER BY run_at LIMIT ${DUE_AT_ONCE})`,
  );
  const any = db
    .prepare("SELECT 1 FROM jobs INDEXED BY jobs_scheduled WHERE state = 'scheduled' AND run_at <= ? LIMIT 1")
    .pluck();
  return (now) => (any.get(now) === undefined ? 0 : makeDue.run(now).changes);
}
