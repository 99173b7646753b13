import type { Engine } from './engine.js';
import { NEXT_MEMORY_SWEEP } from './memory-sweep.js';
import { prepareFirstEnd, WAITER_LEASE, WORKER_LEASE } from './overdue.js';
import { FORGET_WORKER_MS } from './sweep.js';

/** On the wall clock, ms since the epoch. */
interface Plans {
  readonly due: number | null;
  readonly expiry: number | null;
  readonly wake: number | null;
  readonly pages: number | null;
  readonly oldestEnd: number | null;
  readonly oldestEntry: number | null;
  readonly longestIdle: number | null;
  readonly memories: number | null;
}

/** When the next sweep or claim has something to do, in ms since the epoch: the first entry of each index that time acts on. */
export function prepareNextWake(engine: Engine): () => number | undefined {
  const { db, lease, retentionMs, auditRetentionMs, sessionIdleMs } = engine;
  const plans = db.prepare<[], Plans>(`SELECT
    (SELECT min(run_at) FROM jobs INDEXED BY jobs_scheduled WHERE state = 'scheduled') AS due,
    (SELECT min(expires_at) FROM jobs INDEXED BY jobs_expiring WHERE state = 'queued' AND expires_at IS NOT NULL) AS expiry,
    (SELECT min(wake_at) FROM client_lanes INDEXED BY client_lanes_waking WHERE wake_at IS NOT NULL) AS wake,
    (SELECT min(pages_until) FROM jobs INDEXED BY jobs_paged WHERE pages_until IS NOT NULL) AS pages,
    (SELECT finished_at FROM jobs INDEXED BY jobs_settled WHERE settled IS NOT NULL ORDER BY settled LIMIT 1) AS oldestEnd,
    (SELECT at FROM audit ORDER BY id LIMIT 1) AS oldestEntry,
    (SELECT min(used_at) FROM sessions INDEXED BY sessions_idle) AS longestIdle,
    ${NEXT_MEMORY_SWEEP} AS memories`);
  const firstSeen = db
    .prepare<{ boot: string }, number | null>('SELECT min(iif(seen_boot = @boot, seen_at, 0)) FROM workers')
    .pluck();
  const leaseEnd = prepareFirstEnd(engine, WORKER_LEASE);
  const waiterEnd = prepareFirstEnd(engine, WAITER_LEASE);

  return () => {
    const now = engine.now();
    const sinceBoot = lease.now();
    const plan = plans.get() as Plans;
    const seen = firstSeen.get({ boot: lease.boot });
    const onWallClock = (until: number | undefined): number | null =>
      until === undefined ? null : Math.ceil(now + Math.max(0, until - sinceBoot));
    const times = [
      plan.due,
      plan.expiry,
      plan.wake,
      plan.pages,
      plan.oldestEnd === null ? null : plan.oldestEnd + retentionMs,
      plan.oldestEntry === null ? null : plan.oldestEntry + auditRetentionMs,
      plan.longestIdle === null ? null : plan.longestIdle + sessionIdleMs,
      plan.memories,
      onWallClock(leaseEnd()),
      onWallClock(waiterEnd()),
      onWallClock(typeof seen === 'number' ? seen + (seen === 0 ? 0 : FORGET_WORKER_MS) : undefined),
    ].filter((time) => time !== null);
    return times.length === 0 ? undefined : Math.min(...times);
  };
}
