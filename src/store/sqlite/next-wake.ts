import type { Engine } from './engine.js';
import { FORGET_WORKER_MS } from './sweep.js';

interface Plans {
  readonly due: number | null;
  readonly expiry: number | null;
  readonly wake: number | null;
  readonly pages: number | null;
  readonly oldestEnd: number | null;
  readonly lease: number | null;
  readonly waiter: number | null;
  readonly worker: number | null;
  readonly foreignBoot: number;
}

/** When the next sweep or claim has something to do, in ms since the epoch: the first entry of each index that time acts on. */
export function prepareNextWake(engine: Engine): () => number | undefined {
  const { db, lease, retentionMs } = engine;
  const plans = db.prepare<[string, string, string], Plans>(`SELECT
    (SELECT min(run_at) FROM jobs INDEXED BY jobs_scheduled WHERE state = 'scheduled') AS due,
    (SELECT min(expires_at) FROM jobs INDEXED BY jobs_expiring WHERE state = 'queued' AND expires_at IS NOT NULL) AS expiry,
    (SELECT min(wake_at) FROM client_lanes INDEXED BY client_lanes_waking WHERE wake_at IS NOT NULL) AS wake,
    (SELECT min(pages_until) FROM jobs INDEXED BY jobs_paged WHERE pages_until IS NOT NULL) AS pages,
    (SELECT finished_at FROM jobs INDEXED BY jobs_settled WHERE settled IS NOT NULL ORDER BY settled LIMIT 1) AS oldestEnd,
    (SELECT min(lease_until) FROM jobs INDEXED BY jobs_leased WHERE state = 'running') AS lease,
    (SELECT min(waiter_until) FROM jobs INDEXED BY jobs_awaited
      WHERE attached = 1 AND settled IS NULL AND cancel_requested IS NULL) AS waiter,
    (SELECT min(seen_at) FROM workers) AS worker,
    EXISTS (SELECT 1 FROM jobs INDEXED BY jobs_leased WHERE state = 'running' AND lease_boot <> ?)
      OR EXISTS (SELECT 1 FROM jobs INDEXED BY jobs_awaited
        WHERE attached = 1 AND settled IS NULL AND cancel_requested IS NULL AND waiter_boot <> ?)
      OR EXISTS (SELECT 1 FROM workers WHERE seen_boot <> ?) AS foreignBoot`);
  return () => {
    const now = engine.now();
    const plan = plans.get(lease.boot, lease.boot, lease.boot) as Plans;
    if (plan.foreignBoot === 1) return now;
    const sinceBoot = lease.now();
    const onWallClock = (until: number | null): number | null =>
      until === null ? null : Math.ceil(now + until - sinceBoot);
    const times = [
      plan.due,
      plan.expiry,
      plan.wake,
      plan.pages,
      plan.oldestEnd === null ? null : plan.oldestEnd + retentionMs,
      onWallClock(plan.lease),
      onWallClock(plan.waiter),
      onWallClock(plan.worker === null ? null : plan.worker + FORGET_WORKER_MS),
    ].filter((time) => time !== null);
    return times.length === 0 ? undefined : Math.min(...times);
  };
}
