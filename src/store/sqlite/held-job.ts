import { learned } from '../../fairness/cost-estimate.js';
import { correctionOf } from '../../fairness/virtual-time.js';
import type { JobKind } from '../job.js';
import type { JobHold } from '../job-store.js';
import type { Engine } from './engine.js';

/** The part of a running job that guarded operations decide on. */
export interface HeldJob {
  readonly seq: number;
  readonly client_lane: number;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly write: number;
  readonly started_at: number;
  /** Charged provisionally to its client's virtual time. */
  readonly charge: number;
  /** What its client's jobs take, in seconds; `null` while none has ended. */
  readonly mean_s: number | null;
  readonly weight: number;
  readonly request_id: string | null;
  readonly fence: number;
  readonly dispatched_fence: number | null;
  readonly dispatch_open: number;
  readonly cancel_requested: string | null;
  readonly attached: number;
  readonly queue_timeout_ms: number;
  readonly result_ttl_ms: number;
  readonly client: number;
  readonly kind: JobKind;
}

/** To be followed by what is asked of `jobs`. */
export const SELECT_HELD = `
  SELECT jobs.seq, jobs.client_lane, jobs.attempts, jobs.max_attempts, jobs.write, jobs.started_at, jobs.charge,
    client_lanes.mean_s, clients.weight, jobs.request_id, jobs.fence, jobs.dispatched_fence,
    jobs.dispatch_open, jobs.cancel_requested, jobs.attached, jobs.queue_timeout_ms, jobs.result_ttl_ms, jobs.client, jobs.kind
  FROM jobs
  CROSS JOIN client_lanes ON client_lanes.id = jobs.client_lane
  CROSS JOIN clients ON clients.id = jobs.client`;

/** The columns of `SELECT_HELD` in its order. */
type HeldCells = readonly [
  seq: number,
  clientLane: number,
  attempts: number,
  maxAttempts: number,
  write: number,
  startedAt: number,
  charge: number,
  meanS: number | null,
  weight: number,
  requestId: string | null,
  fence: number,
  dispatchedFence: number | null,
  dispatchOpen: number,
  cancelRequested: string | null,
  attached: number,
  queueTimeoutMs: number,
  resultTtlMs: number,
  client: number,
  kind: JobKind,
];

/** Cells and a literal: building an object name by name takes the driver longer than finding the row. */
function heldJobOf(cells: HeldCells): HeldJob {
  return {
    seq: cells[0],
    client_lane: cells[1],
    attempts: cells[2],
    max_attempts: cells[3],
    write: cells[4],
    started_at: cells[5],
    charge: cells[6],
    mean_s: cells[7],
    weight: cells[8],
    request_id: cells[9],
    fence: cells[10],
    dispatched_fence: cells[11],
    dispatch_open: cells[12],
    cancel_requested: cells[13],
    attached: cells[14],
    queue_timeout_ms: cells[15],
    result_ttl_ms: cells[16],
    client: cells[17],
    kind: cells[18],
  };
}

/** The job a hold names, if the hold is still good: nobody has claimed it since, and it has not ended. */
export function prepareHeldJob({ db }: Engine): (hold: JobHold) => HeldJob | undefined {
  const find = db
    .prepare<[string, number, number]>(
      `${SELECT_HELD} WHERE jobs.id = ? AND jobs.state = 'running' AND jobs.attempts = ? AND jobs.fence = ?`,
    )
    .raw();
  return (hold) => {
    const cells = find.get(hold.id, hold.attempt, hold.fence);
    return cells === undefined ? undefined : heldJobOf(cells as HeldCells);
  };
}

/** What an attempt that has ended changes about its client's place in fair order. */
export interface Learned {
  /** Added to its virtual time. */
  readonly correction: number;
  /** What its jobs take, in seconds. */
  readonly meanS: number | null;
}

/** The attempt has taken so many seconds, and says what the next may take. */
export function learnedFrom(job: HeldJob, realS: number): Learned {
  return { correction: correctionOf(job.charge, realS, job.weight), meanS: learned(job.mean_s, realS) };
}

/** As `learnedFrom`, of an attempt that was broken off and says nothing about others. */
export function brokenOff(job: HeldJob, realS: number): Learned {
  return { correction: correctionOf(job.charge, realS, job.weight), meanS: job.mean_s };
}
