import { estimateOf } from '../../fairness/cost-estimate.js';
import { type WaitingFlow, type WorkAhead, waitBehind, workAhead } from '../../fairness/queue-position.js';
import type { QueuePosition } from '../job-store.js';
import { serviceOf } from '../lane.js';
import type { Engine } from './engine.js';
import { prepareSystemFlag } from './flags.js';
import { prepareServiceCounts } from './service-counts.js';

/** Clients and jobs looked at: beyond it the answer is "at least so many". */
const MOST = 10_000;

/** Jobs looked at behind the one in question before those ahead of it are counted instead. */
const MOST_BEHIND = 64;

interface QueuedJob {
  readonly seq: number;
  readonly priority: number;
  readonly estimate_s: number;
  readonly client_lane: number;
  readonly client: string;
  readonly lane: number;
  readonly laneName: string;
  readonly virtualTime: number;
  readonly weight: number;
  /** What jobs of the client and of the lane take, in seconds; `null` while nothing is known. */
  readonly meanS: number | null;
  readonly laneMeanS: number | null;
  /** Jobs the client may run and runs, in all lanes that work on the same. */
  readonly maxRunning: number | null;
  readonly running: number;
  /** Not before then (ms since the epoch): its client's limits make it wait. */
  readonly wakeAt: number | null;
  /** Of its client in its lane, itself included. */
  readonly queued: number;
  /** Of those, the ones after it; counted up to `MOST_BEHIND`. */
  readonly behind: number;
}

interface Staffing {
  readonly client: string;
  readonly boot: string;
  readonly now: number;
  readonly lane: string;
}

type OtherFlow = Omit<WaitingFlow, 'costS'> & { readonly meanS: number | null };

/**
 * Where a queued job stands in its lane's fair order, if every job takes what its client's do; with the flag `fair-queue`
 * off, how many came before it. Clients that are parked do not count, as they are not served; clients at their cap do: they
 * go on as soon as one of their jobs ends.
 */
export function preparePosition(engine: Engine): (id: string) => QueuePosition | undefined {
  const { db, bounds, lease } = engine;
  const find = db.prepare<[string], QueuedJob>(
    `SELECT jobs.seq, jobs.priority, jobs.estimate_s, jobs.client_lane, clients.name AS client, client_lanes.lane,
       lanes.name AS laneName, client_lanes.virtual_time AS virtualTime, client_lanes.queued, clients.weight,
       client_lanes.mean_s AS meanS, lanes.mean_s AS laneMeanS, clients.max_running AS maxRunning,
       client_lanes.wake_at AS wakeAt,
       (SELECT sum(running) FROM client_lanes AS all_lanes WHERE all_lanes.client = jobs.client
          AND all_lanes.works_on = client_lanes.works_on) AS running,
       (SELECT count(*) FROM (SELECT 1 FROM jobs AS later INDEXED BY jobs_queued
          WHERE later.client_lane = jobs.client_lane AND later.state = 'queued'
            AND (later.priority, later.seq) > (jobs.priority, jobs.seq) LIMIT ${MOST_BEHIND})) AS behind
     FROM jobs CROSS JOIN client_lanes ON client_lanes.id = jobs.client_lane
     CROSS JOIN lanes ON lanes.id = client_lanes.lane
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
  const flow = `client_lanes.id, client_lanes.virtual_time AS virtualTime, clients.weight, client_lanes.queued,
    client_lanes.mean_s AS meanS`;
  const ready = db.prepare<[number, number], OtherFlow>(
    `SELECT ${flow}
     FROM client_lanes INDEXED BY client_lanes_ready CROSS JOIN clients ON clients.id = client_lanes.client
     WHERE client_lanes.lane = ? AND client_lanes.queued > 0 AND client_lanes.capped = 0
       AND client_lanes.wake_at IS NULL AND client_lanes.virtual_time <= ?
     ORDER BY client_lanes.virtual_time LIMIT ${MOST + 1}`,
  );
  const capped = db.prepare<[number, number], OtherFlow>(
    `SELECT ${flow} FROM client_lanes CROSS JOIN clients ON clients.id = client_lanes.client
     WHERE client_lanes.id IN (SELECT client_lane FROM jobs INDEXED BY jobs_leased WHERE state = 'running')
       AND client_lanes.lane = ? AND client_lanes.queued > 0 AND client_lanes.capped = 1
       AND client_lanes.wake_at IS NULL AND client_lanes.virtual_time <= ?`,
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
  const counts = prepareServiceCounts(engine);
  const staff = db.prepare<Staffing, { readonly shared: number; readonly own: number }>(
    `SELECT coalesce(sum(iif(client IS NULL, slots, 0)), 0) AS shared, coalesce(sum(iif(client = @client, slots, 0)), 0) AS own
     FROM (SELECT client, coalesce((SELECT value FROM json_each(slots) WHERE key = @lane), concurrency) AS slots
     FROM workers WHERE seen_boot = @boot AND seen_at + 3 * heartbeat_ms > @now AND state = 'working'
       AND EXISTS (SELECT 1 FROM json_each(lanes) WHERE value = @lane))`,
  );

  const inFairOrder = (job: QueuedJob, own: number, costS: number): WorkAhead => {
    const itself = { id: job.client_lane, virtualTime: job.virtualTime, weight: job.weight, costS };
    const startTag = job.virtualTime + (own * costS) / job.weight;
    const others = [...ready.all(job.lane, startTag), ...capped.all(job.lane, startTag)]
      .filter((other) => other.id !== job.client_lane)
      .map((other) => ({ ...other, costS: estimateOf(other.meanS, job.laneMeanS, job.estimate_s) }));
    return workAhead(itself, own, others);
  };

  // In one transaction: the page cache is looked through for what others have committed once, not with each question.
  return db.transaction((id) => {
    const job = find.get(id);
    if (job === undefined) return undefined;
    const own = ownAhead(job);
    const costS = estimateOf(job.meanS, job.laneMeanS, job.estimate_s);
    const { shared, own: ownSlots } = staff.get({
      client: job.client,
      boot: lease.boot,
      now: lease.now(),
      lane: job.laneName,
    }) as {
      shared: number;
      own: number;
    };
    const ahead = ((): WorkAhead => {
      // Workers of this client alone take nobody else's jobs.
      if (shared === 0 && ownSlots > 0) return { jobs: own, seconds: own * costS };
      if (isFair()) return inFairOrder(job, own, costS);
      const jobs = Number(cameBefore.get(job.lane, job.client_lane, job.seq));
      return { jobs, seconds: jobs * estimateOf(job.laneMeanS, job.meanS, job.estimate_s) };
    })();
    const inAll = counts()[serviceOf(job.laneName)].running;
    const slots = Math.min(shared + ownSlots, bounds.maxRunning);
    // Nobody knows how long it takes where nothing has ended yet, or nobody works.
    const isKnown = slots > 0 && (job.meanS ?? job.laneMeanS) !== null;
    if (!isKnown) return { ahead: ahead.jobs, running: inAll };
    const inLine = waitBehind(ahead, costS, { slots, running: inAll });
    const most = Math.min(slots, job.maxRunning ?? bounds.maxRunningPerClient);
    const underCap = waitBehind({ jobs: own, seconds: own * costS }, costS, { slots: most, running: job.running });
    const parked = job.wakeAt === null ? 0 : Math.max(0, job.wakeAt - engine.now());
    return { ahead: ahead.jobs, running: inAll, estimatedWaitMs: Math.max(inLine, underCap, parked) };
  });
}
