import { freeSlots, isCapped } from '../../fairness/caps.js';
import { estimateOf, learnedOfLane } from '../../fairness/cost-estimate.js';
import { advance, chargeOf, clockWhen, type Flow, isOverdue, nextOf } from '../../fairness/virtual-time.js';
import type { ClaimedJob, ClaimRequest } from '../job-store.js';
import { SERVICES, serviceOf } from '../lane.js';
import type { JobCaps } from '../usage-store.js';
import { prepareDue } from './due.js';
import type { Engine } from './engine.js';
import { prepareFinish } from './finish.js';
import { prepareFirstIn } from './first-in.js';
import { prepareSystemFlag } from './flags.js';
import type { prepareLaneGate } from './lane-gate.js';
import type { Limiter } from './limiter.js';
import { claimedJob, endingRow, type NextJob, prepareNextJob, prepareQueuedJob, startingJob } from './next-job.js';
import { prepareOverdueCharges } from './overdue-charges.js';
import { prepareServiceCounts } from './service-counts.js';

/** Most jobs of one claim: longer would block the event loop. */
const MOST_AT_ONCE = 250;

/** Slots of the ring of recent waits. */
const WAITS_KEPT = 4_096;

interface Lane {
  readonly id: number;
  readonly name: string;
  virtual_time: number;
  service: number;
  mean_s: number | null;
}

interface ReadyClient extends Flow {
  readonly id: number;
  readonly client: number;
  readonly name: string;
  /** What its jobs take, in seconds; `null` while none has ended. */
  readonly meanS: number | null;
  /** Jobs it runs in all lanes, and in those that work on the same as this one. */
  readonly runningInAll: number;
  readonly runningHere: number;
  /** The client's own bound; `null` for the store's. */
  readonly maxRunning: number | null;
}

interface Candidate {
  readonly lane: Lane;
  readonly ready: ReadyClient;
  /** The lane's own place in fair order between lanes; first in, first out: the place of its first job. */
  readonly virtualTime: number;
}

const READY = `
  SELECT client_lanes.id, client_lanes.client, client_lanes.virtual_time AS virtualTime, client_lanes.pending,
    client_lanes.running, client_lanes.started, client_lanes.mean_s AS meanS, clients.name, clients.weight,
    clients.max_running AS maxRunning,
    (SELECT sum(running) FROM client_lanes AS all_lanes WHERE all_lanes.client = client_lanes.client) AS runningInAll,
    (SELECT sum(running) FROM client_lanes AS all_lanes WHERE all_lanes.client = client_lanes.client
       AND all_lanes.works_on = client_lanes.works_on) AS runningHere
  FROM client_lanes`;

/**
 * Whether a claim would find anything. Asked outside a transaction: most workers that hear the bell find that another was
 * quicker, and need not queue for the writers' lock to learn it.
 */
export function prepareClaimable(
  engine: Engine,
  gateOf: ReturnType<typeof prepareLaneGate>,
): (request: ClaimRequest) => boolean {
  const { db, bounds, now } = engine;
  const counts = prepareServiceCounts(engine);
  const ready = db
    .prepare<[string], number>(
      `SELECT 1 FROM client_lanes INDEXED BY client_lanes_ready
       WHERE lane = (SELECT id FROM lanes WHERE name = ?) AND queued > 0 AND capped = 0 AND wake_at IS NULL LIMIT 1`,
    )
    .pluck();
  const readyOfClient = db
    .prepare<[string, string], number>(
      `SELECT 1 FROM client_lanes WHERE client = (SELECT id FROM clients WHERE name = ?)
       AND lane = (SELECT id FROM lanes WHERE name = ?) AND queued > 0 AND capped = 0 AND wake_at IS NULL`,
    )
    .pluck();
  const due = db
    .prepare<[number], number>(
      "SELECT 1 FROM jobs INDEXED BY jobs_scheduled WHERE state = 'scheduled' AND run_at <= ? LIMIT 1",
    )
    .pluck();
  return ({ lanes, client }) => {
    const count = counts();
    const free = lanes.filter((lane) => count[serviceOf(lane)].running < bounds.maxRunning);
    if (free.length === 0) return false;
    const isReady = (lane: string): boolean =>
      (client === undefined ? ready.get(lane) : readyOfClient.get(client, lane)) !== undefined;
    if (due.get(now()) !== undefined) return true;
    const withJobs = free.filter(isReady);
    if (withJobs.length === 0) return false;
    const gate = gateOf();
    return withJobs.some((lane) => gate.isOpen(lane));
  };
}

/**
 * The next jobs in weighted fair order (or, with the flag `fair-queue` off, as they came): first the lane (of those the worker serves), then the client in it, then that
 * client's most urgent job. Nothing here looks at more than one row of an index per step, so the cost does not grow with
 * clients or jobs.
 */
export function prepareClaim(
  engine: Engine,
  limiter: Limiter,
  gateOf: ReturnType<typeof prepareLaneGate>,
): (request: ClaimRequest) => readonly ClaimedJob[] {
  const { db, bounds, lease } = engine;
  const makeDue = prepareDue(engine);
  const findLane = db.prepare<[string], Lane>(
    'SELECT id, name, virtual_time, service, mean_s FROM lanes WHERE name = ?',
  );
  const counts = prepareServiceCounts(engine);
  const totals = db.prepare<[], { fence: number; virtual_time: number }>('SELECT fence, virtual_time FROM queue');
  const firstReady = db.prepare<[number], ReadyClient>(
    `${READY} INDEXED BY client_lanes_ready CROSS JOIN clients ON clients.id = client_lanes.client
     WHERE client_lanes.lane = ? AND client_lanes.queued > 0 AND client_lanes.capped = 0
       AND client_lanes.wake_at IS NULL
     ORDER BY client_lanes.virtual_time LIMIT 1`,
  );
  const readyOfClient = db.prepare<[string, number], ReadyClient>(
    `${READY} CROSS JOIN clients ON clients.id = client_lanes.client
     WHERE clients.name = ? AND client_lanes.lane = ? AND client_lanes.queued > 0 AND client_lanes.capped = 0
       AND client_lanes.wake_at IS NULL`,
  );
  const capAll = db.prepare('UPDATE client_lanes SET capped = 1 WHERE client = ?');
  const cap = db.prepare('UPDATE client_lanes SET capped = 1 WHERE client = ? AND works_on = ?');
  const park = db.prepare('UPDATE client_lanes SET wake_at = ? WHERE id = ?');
  const finish = prepareFinish(engine);
  const nextJob = prepareNextJob(engine);
  const isFair = prepareSystemFlag(engine, 'fair-queue');
  const firstIn = prepareFirstIn(engine);
  const readyAsCame = db.prepare<[number], ReadyClient>(
    `${READY} CROSS JOIN clients ON clients.id = client_lanes.client WHERE client_lanes.id = ?`,
  );
  const queuedJob = prepareQueuedJob(engine);
  const take = db.prepare(
    `UPDATE jobs SET state = 'running', attempts = attempts + 1, started_at = ?, worker = ?, fence = ?, lease_boot = ?,
       lease_until = ?, charge = ?, progress = NULL WHERE seq = ?`,
  );
  const chargeOverdue = prepareOverdueCharges(engine);
  const saveLane = db.prepare('UPDATE lanes SET virtual_time = ?, clock_at = ?, service = ?, mean_s = ? WHERE id = ?');
  const saveQueue = db.prepare('UPDATE queue SET fence = ?, virtual_time = ?');
  const keepWait = db.prepare('INSERT OR REPLACE INTO waits (slot, claimed_at, client, wait_ms) VALUES (?, ?, ?, ?)');

  /** What its limits leave the job; otherwise its client is set aside, or the job has ended. */
  const startOf = (ready: ReadyClient, job: NextJob): { readonly caps: JobCaps | undefined } | undefined => {
    const start = limiter.start(startingJob(job, ready));
    if (start.starts) return { caps: start.caps };
    if ('waits' in start) capAll.run(ready.client);
    else if ('parkUntil' in start) park.run(start.parkUntil, ready.id);
    else finish(endingRow(job), { state: 'failed', error: start.refusal });
    return undefined;
  };

  return (request) => {
    const now = engine.now();
    limiter.book.refresh();
    makeDue(now);
    const count = counts();
    const slots = Math.min(request.slots, MOST_AT_ONCE);
    /** Jobs that may still start, by what they work on. */
    const free = new Map(SERVICES.map((service) => [service, freeSlots(bounds, count[service].running, slots)]));
    if (request.lanes.every((lane) => free.get(serviceOf(lane)) === 0)) return [];
    const queue = totals.get() as { fence: number; virtual_time: number };
    const leaseUntil = lease.now() + request.leaseMs;
    const candidates = new Map<number, Candidate>();
    const claimed: ClaimedJob[] = [];
    const served = new Set<Lane>();
    let { fence, virtual_time: clock } = queue;

    const fair = isFair();
    const gate = gateOf();

    const look = (lane: Lane): void => {
      candidates.delete(lane.id);
      const service = serviceOf(lane.name);
      if (free.get(service) === 0 || !gate.isOpen(lane.name)) return;
      for (;;) {
        const first = fair ? undefined : firstIn(lane.id, request.client);
        const ready = fair
          ? request.client === undefined
            ? firstReady.get(lane.id)
            : readyOfClient.get(request.client, lane.id)
          : first && readyAsCame.get(first.clientLane);
        if (ready === undefined) return;
        if (fair && isOverdue(ready, now) && chargeOverdue(ready, now)) continue;
        if (!isCapped(ready.maxRunning ?? bounds.maxRunningPerClient, ready.runningHere)) {
          candidates.set(lane.id, { lane, ready, virtualTime: first?.seq ?? lane.service });
          return;
        }
        cap.run(ready.client, service);
      }
    };

    const lanes = request.lanes.flatMap((name) => findLane.get(name) ?? []);
    for (const lane of lanes) look(lane);
    for (let looked = 0; claimed.length < slots && looked < MOST_AT_ONCE; looked += 1) {
      const next = nextOf(candidates.values());
      if (next === undefined) break;
      const { lane, ready } = next;
      const job = fair ? nextJob(ready.id) : queuedJob(next.virtualTime);
      if (job === undefined) throw new Error(`the queue of client lane ${ready.id} is counted wrongly`);
      const [seq, estimateOfJobS, readyAt] = job;
      const start = startOf(ready, job);
      if (start === undefined) {
        for (const other of lanes) look(other);
        continue;
      }
      fence += 1;
      const estimateS = estimateOf(ready.meanS, lane.mean_s, estimateOfJobS);
      take.run(now, request.worker, fence, lease.boot, leaseUntil, chargeOf(estimateS, ready.weight), seq);
      keepWait.run(fence % WAITS_KEPT, now, ready.client, Math.max(0, now - readyAt));
      lane.virtual_time = clockWhen(lane.virtual_time, ready, now);
      lane.mean_s = learnedOfLane(lane.mean_s, ready.meanS);
      const startTag = Math.max(lane.service, clock);
      clock = advance(clock, startTag);
      lane.service = startTag + chargeOf(estimateS, 1);
      served.add(lane);
      gate.started(lane.name);
      claimed.push(
        claimedJob(job, { worker: request.worker, client: ready.name, lane: lane.name, fence, now, caps: start.caps }),
      );
      const service = serviceOf(lane.name);
      const left = (free.get(service) ?? 0) - 1;
      free.set(service, left);
      const isAtCap = isCapped(ready.maxRunning ?? bounds.maxRunningPerClient, ready.runningHere + 1);
      if (isAtCap) cap.run(ready.client, service);
      // A client at its cap is out in all lanes of the kind, so what was seen of another lane may be stale.
      if (isAtCap || left === 0) {
        for (const other of lanes) look(other);
      } else if (candidates.size === 1) {
        look(lane);
      } else {
        for (const { lane: other, ready: seen } of [...candidates.values()])
          if (other === lane || seen.client === ready.client) look(other);
      }
    }
    for (const lane of served) saveLane.run(lane.virtual_time, now, lane.service, lane.mean_s, lane.id);
    if (claimed.length > 0) saveQueue.run(fence, clock);
    return claimed;
  };
}
