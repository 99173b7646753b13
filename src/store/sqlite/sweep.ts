import { mayFollowLostLease } from '../attempts.js';
import type { SweepReport } from '../job-store.js';
import { prepareAuditRetention } from './audit.js';
import { CANCELLABLE_COLUMNS, type CancellableRow, prepareCancelRow } from './cancel.js';
import { DUE_AT_ONCE, prepareDue } from './due.js';
import { prepareEndedLanes } from './ended-lanes.js';
import type { Engine } from './engine.js';
import { prepareFinish } from './finish.js';
import { brokenOff, type HeldJob, SELECT_HELD } from './held-job.js';
import { prepareSessionExpiry } from './idle-sessions.js';
import type { LaneGate } from './lane-gate.js';
import { prepareMemorySweep } from './memory-sweep.js';
import { overdueSql, WAITER_LEASE, WORKER_LEASE } from './overdue.js';
import { unknownOutcome } from './settle.js';
import { prepareSpend } from './usage-counters.js';

/** Jobs handled in one step, so that other operations come in between. */
const AT_ONCE = 100;

/** Result pages deleted in one step; they are large. */
const PAGES_AT_ONCE = 50;

/** A worker not heard of for so long is forgotten, in ms. */
export const FORGET_WORKER_MS = 600_000;

/** A lease of a pin or of a login that ended so long ago is forgotten, in ms: nobody counts on its fence any more. */
const FORGET_LEASE_MS = 86_400_000;

/** Seconds for which throughput is kept. */
const THROUGHPUT_S = 3_700;

/** One step of a sweep: what it did, and whether there is more of it. */
export interface SweepStep {
  readonly did: Partial<SweepReport>;
  readonly more: boolean;
}

/** The steps of a sweep in their order; each is one operation, run again while it says that there is more. */
export interface Sweep {
  readonly duties: readonly (() => SweepStep)[];
  /** Those that delete what has grown old by the wall clock. */
  readonly deletions: readonly (() => SweepStep)[];
}

export function prepareSweep(engine: Engine, gateOf: () => LaneGate): Sweep {
  return {
    duties: [
      prepareLostLeases(engine),
      prepareDueStep(engine),
      prepareExpiry(engine, gateOf),
      prepareOrphans(engine),
      prepareForgetting(engine),
      prepareEndedLanes(engine),
    ],
    deletions: [
      prepareResultExpiry(engine),
      prepareRetention(engine),
      prepareAuditRetention(engine),
      prepareSessionExpiry(engine),
      prepareMemorySweep(engine),
    ],
  };
}

function prepareLostLeases(engine: Engine): () => SweepStep {
  const { db, lease } = engine;
  const finish = prepareFinish(engine);
  const spend = prepareSpend(engine);
  const find = db.prepare<{ boot: string; now: number }, HeldJob>(
    `${SELECT_HELD} WHERE jobs.seq IN (SELECT seq FROM (${overdueSql(WORKER_LEASE)}) LIMIT ${AT_ONCE})`,
  );
  const requeue = db.prepare(
    `UPDATE jobs SET state = 'queued', ready_at = @now, worker = NULL, lease_until = NULL, progress = NULL,
       dispatch_open = @open, correction = @correction, mean_s = @meanS, execution_ms = execution_ms + @ranMs, expires_at = CASE WHEN attached = 1 THEN @now + queue_timeout_ms END WHERE seq = @seq`,
  );

  const loseOne = (job: HeldJob, now: number): 'requeued' | 'abandoned' | 'cancelled' => {
    const ranMs = Math.max(0, now - job.started_at);
    const learned = brokenOff(job, ranMs / 1_000);
    const usage = { executionMs: ranMs, rows: 0, bytes: 0 };
    const spent = { usage, learned };
    spend(job, usage);
    const dispatchOpen = job.write === 1 && job.dispatch_open === 1;
    if (job.cancel_requested !== null && !dispatchOpen) {
      finish(job, { state: 'cancelled', error: { code: 'CANCELLED', message: job.cancel_requested }, spent });
      return 'cancelled';
    }
    const tries = { attempts: job.attempts, maxAttempts: job.max_attempts, write: job.write === 1, dispatchOpen };
    if (mayFollowLostLease(tries)) {
      requeue.run({ now, open: job.dispatch_open, ...learned, ranMs, seq: job.seq });
      return 'requeued';
    }
    finish(job, {
      state: 'failed',
      spent,
      error: dispatchOpen
        ? unknownOutcome('The write was sent, and every worker that tried to find out what became of it was lost.')
        : {
            code: 'INTERNAL',
            message: `The worker was lost in each of ${job.attempts} attempts.`,
            hint: 'Look into the logs of the workers for what ended them, then run the job again: jobs retry.',
          },
    });
    return 'abandoned';
  };

  return () => {
    const now = engine.now();
    const rows = find.all({ boot: lease.boot, now: lease.now() });
    const ends = rows.map((job) => loseOne(job, now));
    const count = (end: string) => ends.filter((each) => each === end).length;
    return { did: { requeued: count('requeued'), abandoned: count('abandoned') }, more: rows.length === AT_ONCE };
  };
}

function prepareDueStep(engine: Engine): () => SweepStep {
  const makeDue = prepareDue(engine);
  const wake = engine.db.prepare(
    `UPDATE client_lanes SET wake_at = NULL
     WHERE id IN (SELECT id FROM client_lanes INDEXED BY client_lanes_waking
       WHERE wake_at IS NOT NULL AND wake_at <= ? LIMIT ${AT_ONCE})`,
  );
  return () => {
    const now = engine.now();
    const due = makeDue(now);
    const woken = wake.run(now).changes;
    return { did: { due }, more: due === DUE_AT_ONCE || woken === AT_ONCE };
  };
}

function prepareExpiry(engine: Engine, gateOf: () => LaneGate): () => SweepStep {
  const finish = prepareFinish(engine);
  const find = engine.db.prepare<[number], CancellableRow & { waited_ms: number; lane: string }>(
    `SELECT ${CANCELLABLE_COLUMNS}, queue_timeout_ms AS waited_ms, (SELECT lanes.name FROM client_lanes
       CROSS JOIN lanes ON lanes.id = client_lanes.lane WHERE client_lanes.id = jobs.client_lane) AS lane
     FROM jobs INDEXED BY jobs_expiring
     WHERE state = 'queued' AND expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ${AT_ONCE}`,
  );
  // A write whose outcome is still to be found out cannot be said to have expired.
  const spare = engine.db.prepare('UPDATE jobs SET expires_at = NULL WHERE seq = ?');
  return () => {
    const rows = find.all(engine.now());
    const gate = gateOf();
    let expired = 0;
    for (const row of rows) {
      if (row.write === 1 && row.dispatch_open === 1) {
        spare.run(row.seq);
        continue;
      }
      expired += 1;
      finish(row, {
        state: 'expired',
        error: {
          code: 'QUEUE_TIMEOUT',
          ...(gate.isOpen(row.lane)
            ? {
                message: `No worker took the job within ${row.waited_ms / 1_000} s.`,
                hint: 'Try again later, start more workers, or use a detached job (start_query), which waits as long as it takes.',
              }
            : {
                message: `The warehouse could not be reached within ${row.waited_ms / 1_000} s; the job was never sent.`,
                hint: 'server_status tells when it is back; a detached job (start_query) waits as long as it takes.',
              }),
        },
      });
    }
    return { did: { expired }, more: rows.length === AT_ONCE };
  };
}

function prepareOrphans(engine: Engine): () => SweepStep {
  const { db, lease } = engine;
  const cancelRow = prepareCancelRow(engine);
  const find = db.prepare<{ boot: string; now: number }, CancellableRow>(
    `SELECT ${CANCELLABLE_COLUMNS} FROM jobs WHERE seq IN (SELECT seq FROM (${overdueSql(WAITER_LEASE)}) LIMIT ${AT_ONCE})`,
  );
  return () => {
    const rows = find.all({ boot: lease.boot, now: lease.now() });
    for (const row of rows) cancelRow(row, 'Whoever waited for the result is gone.');
    return { did: { orphaned: rows.length }, more: rows.length === AT_ONCE };
  };
}

function prepareResultExpiry(engine: Engine): () => SweepStep {
  const { db } = engine;
  const find = db
    .prepare<[number], number>(
      `SELECT seq FROM jobs INDEXED BY jobs_paged WHERE pages_until IS NOT NULL AND pages_until <= ?
       ORDER BY pages_until LIMIT 1`,
    )
    .pluck();
  const dropPages = db.prepare(
    `DELETE FROM result_pages WHERE id IN (SELECT id FROM result_pages WHERE job = ? LIMIT ${PAGES_AT_ONCE})`,
  );
  const done = db.prepare('UPDATE jobs SET pages_until = NULL WHERE seq = ?');
  return () => {
    const job = find.get(engine.now());
    if (job === undefined) return { did: {}, more: false };
    if (dropPages.run(job).changes === PAGES_AT_ONCE) return { did: {}, more: true };
    done.run(job);
    return { did: { resultsDeleted: 1 }, more: true };
  };
}

function prepareRetention(engine: Engine): () => SweepStep {
  const { db, retentionMs } = engine;
  const drop = db.prepare(
    `DELETE FROM jobs WHERE seq IN (SELECT seq FROM (
       SELECT seq, finished_at FROM jobs INDEXED BY jobs_settled WHERE settled IS NOT NULL
       ORDER BY settled LIMIT ${AT_ONCE}) WHERE finished_at <= ?)`,
  );
  return () => {
    const jobsDeleted = drop.run(engine.now() - retentionMs).changes;
    return { did: { jobsDeleted }, more: jobsDeleted === AT_ONCE };
  };
}

function prepareForgetting(engine: Engine): () => SweepStep {
  const { db, lease } = engine;
  const forgetWorkers = db.prepare('DELETE FROM workers WHERE seen_boot <> ? OR seen_at <= ?');
  const forgetLeases = db.prepare(
    `DELETE FROM leases WHERE (resource >= 'pin:' AND resource < 'pin;' OR resource >= 'login:' AND resource < 'login;')
       AND (boot <> ? OR held_until <= ?)`,
  );
  const forgetThroughput = db.prepare('DELETE FROM finished WHERE second < ?');
  return () => {
    const workersForgotten = forgetWorkers.run(lease.boot, lease.now() - FORGET_WORKER_MS).changes;
    forgetLeases.run(lease.boot, lease.now() - FORGET_LEASE_MS);
    forgetThroughput.run(Math.floor(engine.now() / 1_000) - THROUGHPUT_S);
    return { did: { workersForgotten }, more: false };
  };
}
