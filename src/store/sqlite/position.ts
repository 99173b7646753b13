import { jobsAhead, type WaitingFlow, waitForStarts } from '../../fairness/queue-position.js';
import { chargeOf } from '../../fairness/virtual-time.js';
import type { QueuePosition } from '../job-store.js';
import type { Engine } from './engine.js';
import { prepareRecentExecution } from './recent-execution.js';

/** Clients and jobs looked at: beyond it the answer is "at least so many". */
const MOST = 10_000;

interface QueuedJob {
  readonly seq: number;
  readonly priority: number;
  readonly estimate_s: number;
  readonly client_lane: number;
  readonly lane: number;
  readonly virtualTime: number;
  readonly weight: number;
}

/** Where a queued job stands in its lane's fair order, if every job costs what this one is estimated to. */
export function preparePosition(engine: Engine): (id: string) => QueuePosition | undefined {
  const { db, bounds, lease } = engine;
  const recentExecution = prepareRecentExecution(engine);
  const find = db.prepare<[string], QueuedJob>(
    `SELECT jobs.seq, jobs.priority, jobs.estimate_s, jobs.client_lane, client_lanes.lane,
       client_lanes.virtual_time AS virtualTime, clients.weight
     FROM jobs CROSS JOIN client_lanes ON client_lanes.id = jobs.client_lane
     CROSS JOIN clients ON clients.id = jobs.client WHERE jobs.id = ? AND jobs.state = 'queued'`,
  );
  const before = db
    .prepare<[number, number, number, number], number>(
      `SELECT count(*) FROM (SELECT 1 FROM jobs INDEXED BY jobs_queued
         WHERE client_lane = ? AND state = 'queued' AND (priority, seq) < (?, ?) LIMIT ?)`,
    )
    .pluck();
  const others = db.prepare<[number, number], WaitingFlow>(
    `SELECT client_lanes.id, client_lanes.virtual_time AS virtualTime, clients.weight, client_lanes.queued
     FROM client_lanes INDEXED BY client_lanes_ready CROSS JOIN clients ON clients.id = client_lanes.client
     WHERE client_lanes.lane = ? AND client_lanes.queued > 0 AND client_lanes.capped = 0
       AND client_lanes.wake_at IS NULL AND client_lanes.virtual_time <= ?
     ORDER BY client_lanes.virtual_time LIMIT ${MOST + 1}`,
  );
  const running = db.prepare<[], number>('SELECT running FROM queue').pluck();
  const working = db
    .prepare<[string, number], number>(
      'SELECT coalesce(sum(concurrency), 0) FROM workers WHERE seen_boot = ? AND seen_at + 3 * heartbeat_ms > ?',
    )
    .pluck();
  return (id) => {
    const job = find.get(id);
    if (job === undefined) return undefined;
    const own = Number(before.get(job.client_lane, job.priority, job.seq, MOST));
    const charge = chargeOf(job.estimate_s, 1);
    const startTag = job.virtualTime + (own * charge) / job.weight;
    const flows = others.all(job.lane, startTag).filter((flow) => flow.id !== job.client_lane);
    const ahead = jobsAhead({ ...job, id: job.client_lane }, own, charge, flows);
    const meanMs = recentExecution();
    const slots = Math.min(Number(working.get(lease.boot, lease.now())), bounds.maxRunning);
    return {
      ahead,
      running: Number(running.get()),
      ...(meanMs !== undefined && { estimatedWaitMs: waitForStarts(ahead + 1, meanMs, slots) }),
    };
  };
}
