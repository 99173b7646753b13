import type { ErrorData } from '../../errors/snow-error.js';
import type {
  JobKind,
  JobProgress,
  JobRecord,
  JobState,
  Json,
  Priority,
  ResultSummary,
  WarehouseContext,
} from '../job.js';
import { FINAL_STATES, PRIORITIES } from '../job.js';

/** What a record is made of: a row of `jobs` with its names and its work. */
export interface RecordRow {
  readonly id: string;
  readonly client_name: string;
  readonly lane_name: string;
  readonly priority: number;
  readonly state: JobState;
  readonly kind: JobKind;
  readonly write: number;
  readonly session: string | null;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly created_at: number;
  readonly run_at: number;
  readonly ready_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly worker: string | null;
  readonly request_id: string | null;
  readonly dispatched_at: number | null;
  readonly attached: number;
  readonly cancel_requested: string | null;
  readonly progress: string | null;
  readonly result: string | null;
  readonly error: string | null;
  readonly execution_ms: number;
  readonly used_rows: number;
  readonly used_bytes: number;
  readonly result_expires_at: number | null;
  readonly idempotency_key: string | null;
  readonly payload: string;
  readonly context: string;
  readonly flags: string;
  readonly reason: string | null;
}

/** The row with what only the engine needs. */
export interface JobRow extends RecordRow {
  readonly seq: number;
  readonly client: number;
  readonly client_lane: number;
  readonly fence: number | null;
  readonly estimate_s: number;
  readonly dispatched_fence: number | null;
  readonly dispatch_open: number;
  readonly queue_timeout_ms: number;
  readonly result_ttl_ms: number;
}

/** To be followed by a WHERE on `jobs`. */
export const SELECT_JOB = `
  SELECT jobs.seq, jobs.id, jobs.client, jobs.client_lane, clients.name AS client_name, lanes.name AS lane_name,
    jobs.priority, jobs.state, jobs.kind, jobs.write, jobs.session, jobs.attempts, jobs.max_attempts,
    jobs.created_at, jobs.run_at, jobs.ready_at, jobs.started_at, jobs.finished_at, jobs.worker, jobs.fence,
    jobs.estimate_s, jobs.request_id, jobs.dispatched_at, jobs.dispatched_fence, jobs.dispatch_open,
    jobs.attached, jobs.queue_timeout_ms, jobs.cancel_requested, jobs.progress, jobs.result, jobs.error,
    jobs.execution_ms, jobs.used_rows, jobs.used_bytes, jobs.result_ttl_ms, jobs.result_expires_at,
    jobs.idempotency_key, job_work.payload, job_work.context, job_work.flags, job_work.reason
  FROM jobs
  CROSS JOIN job_work ON job_work.job = jobs.seq
  CROSS JOIN client_lanes ON client_lanes.id = jobs.client_lane
  CROSS JOIN lanes ON lanes.id = client_lanes.lane
  CROSS JOIN clients ON clients.id = jobs.client`;

/** The record that callers see. `now` is the wall clock in ms since the epoch. */
export function recordOf(row: RecordRow, now: number): JobRecord {
  const final = FINAL_STATES.has(row.state);
  const waitedUntil = row.state === 'queued' ? now : (row.started_at ?? row.finished_at ?? row.ready_at);
  const expires = row.state === 'succeeded' ? row.result_expires_at : null;
  const ran = row.execution_ms > 0 || row.used_rows > 0 || row.used_bytes > 0;
  const used = { executionMs: row.execution_ms, rows: row.used_rows, bytes: row.used_bytes };
  return {
    id: row.id,
    client: row.client_name,
    kind: row.kind,
    lane: row.lane_name,
    priority: PRIORITIES[row.priority] as Priority,
    state: row.state,
    ...(row.session !== null && { session: row.session }),
    payload: JSON.parse(row.payload) as Json,
    context: JSON.parse(row.context) as WarehouseContext,
    write: row.write === 1,
    attempts: row.attempts,
    maxAttempts: row.max_attempts,
    attached: row.attached === 1,
    ...(row.cancel_requested !== null && { cancelRequested: row.cancel_requested }),
    ...(row.progress !== null && { progress: JSON.parse(row.progress) as JobProgress }),
    createdAt: row.created_at,
    runAt: row.run_at,
    ...(row.started_at !== null && { startedAt: row.started_at }),
    ...(row.finished_at !== null && { finishedAt: row.finished_at }),
    queuedMs: Math.max(0, waitedUntil - row.ready_at),
    ...(row.worker !== null && { worker: row.worker }),
    ...(row.request_id !== null && { requestId: row.request_id }),
    ...(row.dispatched_at !== null && { dispatchedAt: row.dispatched_at }),
    ...(row.result !== null && { result: JSON.parse(row.result) as ResultSummary }),
    ...(row.error !== null && { error: JSON.parse(row.error) as ErrorData }),
    ...((ran || (final && row.started_at !== null)) && { usage: used }),
    flags: JSON.parse(row.flags) as Record<string, boolean>,
    ...(row.idempotency_key !== null && { idempotencyKey: row.idempotency_key }),
    ...(row.reason !== null && { reason: row.reason }),
    ...(expires !== null && { resultExpiresAt: expires }),
    resultExpired: expires !== null && expires <= now,
  };
}
