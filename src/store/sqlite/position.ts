import { jobsAhead, type WaitingFlow, waitForStarts } from '../../fairness/queue-position.js';
import { chargeOf } from '../../fairness/virtual-time.js';
import type { QueuePosition } from '../job-store.js';
import type { Engine } from './engine.js';
import { prepareSystemFlag } from './flags.js';
import { prepareRecentExecution } from './recent-execution.js';

/** Clients and jobs looked at: beyond it the answer is "at least so many". */
const MOST = 10_000;

/** Jobs looked at behind the one in question before those ahead of it are counted instead. */
const MOST_BEHIND = 64;

interface QueuedJob {
  readonly seq: number;
  readonly priority: number;
  readonly estimate_s: number;
  readonly client_lane: number;
  readonly lane: number;
  readonly virtualTime: number;
  readonly weight: number;
  /** Of its client in its lane, itself included. */
  readonly queued: number;
  /** Of those, the ones after it; counted up to `MOST_BEHIND`. */
  readonly behind: number;
}

/**
 * Where a queued job stands in its lane's fair order, if every job costs what this one is estimated to; with the flag
 * `fair-queue` off, how many came before it.
 */
export function preparePosition(engine: Engine): (id: string) => QueuePosition | undefined {
  const { db, bounds, lease } = engine;
  const recentExecution = prepareRecentExecution(engine);
  const find = db.prepare<[string], QueuedJob>(
    `SELECT jobs.seq, jobs.priority, jobs.estimate_s, jobs.client_lane, client_lanes.lane,
       client_lanes.virtual_time AS virtualTime, client_lanes.queued, clients.weight,
       (SELECT count(*) FROM (SELECT 1 FROM jobs AS later INDEXED BY jobs_queued
          WHERE later.client_lane = jobs.client_lane AND later.state = 'queued'
            AND (later.priority, later.seq) > (jobs.priority, jobs.seq) LIMIT ${MOST_BEHIND})) AS behind
     FROM jobs CROSS JOIN client_lanes ON client_lanes.id = jobs.client_lane
     CROSS JOIN clients ON clients.id = jobs.client WHERE jobs.id = ? AND jobs.state = 'queued'`,
  );
  const countAhead = db
    .prepare<[number, number, number, number], number>(
      `SELECT count(*) FROM (SELECT 1 FROM jobs INDEXED BY jobs_queued
         WHERE client_lane = ? AND state = 'queued' AND (priority, seq) < (?, ?) LIMIT ?)`,
    )
    .pluck();
  // A job that was just queued, the usual one to be asked for, may have thousands ahead of it and has hardly any behind.
  const ownAhead = (job: QueuedJob): number =>
    job.behind < MOST_BEHIND
      ? Math.min(MOST, job.queued - 1 - job.behind)
      : Number(countAhead.get(job.client_lane, job.priority, job.seq, MOST));
  const others = db.prepare<[number, number], WaitingFlow>(
    `SELECT client_lanes.id, client_lanes.virtual_time AS virtualTime, clients.weight, client_lanes.queued
     FROM client_lanes INDEXED BY client_lanes_ready CROSS JOIN clients ON clients.id = client_lanes.client
     WHERE client_lanes.lane = ? AND client_lanes.queued > 0 AND client_lanes.capped = 0
       AND client_lanes.wake_at IS NULL AND client_lanes.virtual_time <= ?
     ORDER BY client_lanes.virtual_time LIMIT ${MOST + 1}`,
  );
  const isFair = prepareSystemFlag(engine, 'fair-queue');
  const cameBefore = db
    .prepare<[number, number, number], number>(
      `SELECT count(*) FROM (SELECT 1 FROM client_lanes
         CROSS JOIN jobs INDEXED BY jobs_queued ON jobs.client_lane = client_lanes.id
         WHERE client_lanes.lane = ? AND (client_lanes.id = ? OR (client_lanes.capped = 0 AND client_lanes.wake_at IS NULL))
           AND jobs.state = 'queued' AND jobs.priority IN (0, 1, 2) AND jobs.seq < ? LIMIT ${MOST})`,
    )
    .pluck();
  const inFairOrder = (job: QueuedJob): number => {
    const own = ownAhead(job);
    const charge = chargeOf(job.estimate_s, 1);
    const startTag = job.virtualTime + (own * charge) / job.weight;
    const flows = others.all(job.lane, startTag).filter((flow) => flow.id !== job.client_lane);
    return jobsAhead({ ...job, id: job.client_lane }, own, charge, flows);
  };
  const running = db.prepare<[], number>('SELECT running FROM queue').pluck();
  const working = db
    .prepare<[string, number], number>(
      'SELECT coalesce(sum(concurrency), 0) FROM workers WHERE seen_boot = ? AND seen_at + 3 * heartbeat_ms > ?',
    )
    .pluck();
  // In one transaction: the page cache is looked through for what others have committed once, not with each question.
  return db.transaction((id) => {
    const job = find.get(id);
    if (job === undefined) return undefined;
    const ahead = isFair() ? inFairOrder(job) : Number(cameBefore.get(job.lane, job.client_lane, job.seq));
    const meanMs = recentExecution();
    const slots = Math.min(Number(working.get(lease.boot, lease.now())), bounds.maxRunning);
    return {
      ahead,
      running: Number(running.get()),
      ...(meanMs !== undefined && { estimatedWaitMs: waitForStarts(ahead + 1, meanMs, slots) }),
    };
  });
}
