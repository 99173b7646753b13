import type { JobKind } from '../job.js';
import type { ClaimedJob } from '../job-store.js';
import type { JobCaps } from '../usage-store.js';
import type { Engine } from './engine.js';
import type { EndingRow } from './finish.js';
import { type RecordRow, recordOf } from './job-row.js';
import type { StartingJob } from './limiter.js';

/** What a claim needs of a queued job: all but what such a job cannot have (a worker, a result, an end). */
const COLUMNS = `seq, estimate_s, ready_at, id, priority, kind, write, session, attempts, max_attempts, attached,
  cancel_requested, created_at, run_at, request_id, dispatched_at, dispatch_open, error, execution_ms, used_rows, used_bytes,
  idempotency_key, payload, context, flags, reason, request_due, result_ttl_ms`;

/** In the order of `COLUMNS`. */
export type NextJob = readonly [
  seq: number,
  estimateS: number,
  readyAt: number,
  id: string,
  priority: number,
  kind: JobKind,
  write: number,
  session: string | null,
  attempts: number,
  maxAttempts: number,
  attached: number,
  cancelRequested: string | null,
  createdAt: number,
  runAt: number,
  requestId: string | null,
  dispatchedAt: number | null,
  dispatchOpen: number,
  error: string | null,
  executionMs: number,
  usedRows: number,
  usedBytes: number,
  idempotencyKey: string | null,
  payload: string,
  context: string,
  flags: string,
  reason: string | null,
  requestDue: number,
  resultTtlMs: number,
];

/**
 * The most urgent queued job of a client in a lane. As cells: making an object of a row column by column takes the driver
 * longer than finding the row, and a claim makes hundreds.
 */
export function prepareNextJob({ db }: Engine): (clientLane: number) => NextJob | undefined {
  const first = db
    .prepare<[number], NextJob>(
      `SELECT ${COLUMNS} FROM jobs INDEXED BY jobs_queued CROSS JOIN job_work ON job_work.job = jobs.seq
       WHERE client_lane = ? AND state = 'queued' ORDER BY priority, seq LIMIT 1`,
    )
    .raw();
  return (clientLane) => first.get(clientLane);
}

/** A queued job by its place in the order of admission. */
export function prepareQueuedJob({ db }: Engine): (seq: number) => NextJob | undefined {
  const find = db
    .prepare<[number], NextJob>(
      `SELECT ${COLUMNS} FROM jobs CROSS JOIN job_work ON job_work.job = jobs.seq WHERE seq = ?`,
    )
    .raw();
  return (seq) => find.get(seq);
}

/** What its limits ask about. */
export function startingJob(
  next: NextJob,
  { client, runningInAll }: { readonly client: number; readonly runningInAll: number },
): StartingJob {
  return {
    seq: next[0],
    client,
    running: runningInAll,
    kind: next[5],
    write: next[6],
    dispatch_open: next[16],
    request_due: next[26],
    flags: next[24],
    payload: next[22],
  };
}

export function endingRow(next: NextJob): EndingRow {
  return { seq: next[0], attempts: next[8], result_ttl_ms: next[27] };
}

export interface Claim {
  readonly worker: string;
  readonly client: string;
  readonly lane: string;
  readonly fence: number;
  /** Ms since the epoch. */
  readonly now: number;
  /** What its client's quotas leave it. */
  readonly caps: JobCaps | undefined;
}

/** The job as its worker gets it, worked out instead of read back. */
export function claimedJob(next: NextJob, { worker, client, lane, fence, now, caps }: Claim): ClaimedJob {
  const attempt = next[8] + 1;
  const requestId = next[14];
  const dispatchedAt = next[15];
  const open = next[16] === 1 && requestId !== null && dispatchedAt !== null;
  const row: RecordRow = {
    id: next[3],
    client_name: client,
    lane_name: lane,
    priority: next[4],
    state: 'running',
    kind: next[5],
    write: next[6],
    session: next[7],
    attempts: attempt,
    max_attempts: next[9],
    created_at: next[12],
    run_at: next[13],
    ready_at: next[2],
    started_at: now,
    finished_at: null,
    worker,
    request_id: requestId,
    dispatched_at: dispatchedAt,
    attached: next[10],
    cancel_requested: next[11],
    progress: null,
    result: null,
    error: next[17],
    execution_ms: next[18],
    used_rows: next[19],
    used_bytes: next[20],
    result_expires_at: null,
    idempotency_key: next[21],
    payload: next[22],
    context: next[23],
    flags: next[24],
    reason: next[25],
  };
  return {
    job: recordOf(row, now),
    attempt,
    fence,
    ...(open && { takeover: { requestId, dispatchedAt } }),
    ...(caps && { caps }),
  };
}
