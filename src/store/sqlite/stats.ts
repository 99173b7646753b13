import { JOB_STATES, type JobState } from '../job.js';
import type { ClientLoad, QueueStats } from '../job-store.js';
import type { Engine } from './engine.js';
import { prepareServiceCounts } from './service-counts.js';

const HOUR_MS = 3_600_000;

type ClientRow = { readonly client: number; readonly name: string } & Readonly<Record<JobState, number>>;

/** The smallest value that at least `share` of them do not exceed (nearest rank). `sorted` is ascending. */
function percentile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/** Queue depth by client and state, throughput and waits. Waits are of the latest 4,096 claims within the last hour. */
export function prepareStats(engine: Engine): () => QueueStats {
  const { db, bounds } = engine;
  const counts = prepareServiceCounts(engine);
  const sums = JOB_STATES.map((state) => `sum(${state}) AS ${state}`).join(', ');
  const clients = db.prepare<[], ClientRow>(
    `SELECT clients.id AS client, clients.name, ${sums} FROM client_lanes
     CROSS JOIN clients ON clients.id = client_lanes.client GROUP BY client_lanes.client`,
  );
  const waits = db.prepare<[number], { client: number; wait_ms: number }>(
    'SELECT client, wait_ms FROM waits WHERE claimed_at > ? ORDER BY wait_ms',
  );
  const finished = db.prepare<[number], number>('SELECT coalesce(sum(jobs), 0) FROM finished WHERE second > ?').pluck();
  // The first of each client and priority: no index has to be kept for it with every job.
  const oldest = db
    .prepare<[], number | null>(
      `SELECT min((SELECT ready_at FROM jobs INDEXED BY jobs_queued
         WHERE client_lane = client_lanes.id AND state = 'queued' AND jobs.priority = priorities.priority
         ORDER BY seq LIMIT 1))
       FROM client_lanes CROSS JOIN (SELECT 0 AS priority UNION ALL SELECT 1 UNION ALL SELECT 2) AS priorities
       WHERE client_lanes.queued > 0`,
    )
    .pluck();

  return () => {
    const now = engine.now();
    const waited = waits.all(now - HOUR_MS);
    const waitsOf = new Map<number, number[]>();
    for (const { client, wait_ms } of waited) {
      const known = waitsOf.get(client);
      if (known === undefined) waitsOf.set(client, [wait_ms]);
      else known.push(wait_ms);
    }
    const states = Object.fromEntries(JOB_STATES.map((state) => [state, 0])) as Record<JobState, number>;
    const loads: Record<string, ClientLoad> = {};
    for (const row of clients.all()) {
      for (const state of JOB_STATES) states[state] += row[state];
      const own = waitsOf.get(row.client) ?? [];
      const p50 = percentile(own, 0.5);
      const p95 = percentile(own, 0.95);
      loads[row.name] = {
        queued: row.queued,
        active: row.running,
        total: row.queued + row.running,
        scheduled: row.scheduled,
        succeeded: row.succeeded,
        failed: row.failed,
        cancelled: row.cancelled,
        expired: row.expired,
        ...(p50 !== undefined && { wait_p50_ms: p50 }),
        ...(p95 !== undefined && { wait_p95_ms: p95 }),
      };
    }
    const all = waited.map((wait) => wait.wait_ms);
    const p50 = percentile(all, 0.5);
    const p95 = percentile(all, 0.95);
    const second = Math.floor(now / 1_000);
    const readySince = oldest.get();
    const services = counts();
    return {
      total_queued: states.queued,
      total_active: states.running,
      available_slots: Math.max(0, bounds.maxRunning - services.warehouse.running),
      services,
      clients: loads,
      states,
      finished_last_minute: Number(finished.get(second - 60)),
      finished_last_hour: Number(finished.get(second - 3_600)),
      ...(p50 !== undefined && { wait_p50_ms: p50 }),
      ...(p95 !== undefined && { wait_p95_ms: p95 }),
      ...(typeof readySince === 'number' && { oldest_queued_ms: Math.max(0, now - readySince) }),
    };
  };
}
