import type { ErrorData } from '../errors/snow-error.js';
import { labelOf } from '../memory/operation-payload.js';
import { FINAL_STATES, type JobRecord, type Json } from '../store/job.js';
import type { QueuePosition } from '../store/job-store.js';
import type { JobSummary, QueryAnswer } from './requests.js';
import type { ResultSlice } from './result-reader.js';

/** Nothing of it starts before the warehouse can be reached again. */
export function waitsForConnection(job: JobRecord, position?: QueuePosition): boolean {
  if (job.state === 'scheduled') return job.error?.code === 'CONNECTION_FAILED';
  return position?.waitsFor === 'connection';
}

/** Characters of the statement shown in a summary. */
const STATEMENT_SHOWN = 200;

export function queryAnswer(job: JobRecord, slice: ResultSlice = { rows: [] }): QueryAnswer {
  const { result } = job;
  return {
    job_id: job.id,
    state: job.state,
    columns: result?.columns ?? [],
    rows: slice.rows,
    row_count: result?.rowCount ?? 0,
    truncated: result?.truncated ?? false,
    ...(slice.nextCursor === undefined ? {} : { next_cursor: slice.nextCursor }),
    queued_ms: job.queuedMs,
    elapsed_ms: elapsedMs(job) ?? 0,
    ...(result?.queryId === undefined ? {} : { query_id: result.queryId }),
    ...(result?.rowsAffected === undefined ? {} : { rows_affected: result.rowsAffected }),
    ...(FINAL_STATES.has(job.state)
      ? {}
      : {
          message: `The job is ${job.state} and goes on by itself. Ask job_result with this job_id and wait_s for its rows, or job_cancel to end it.`,
        }),
    ...(endedBadly(job) ? { error: errorOf(job) } : {}),
  };
}

export function jobSummary(job: JobRecord, position?: QueuePosition): JobSummary {
  const elapsed = elapsedMs(job);
  const statement = statementOf(job.payload);
  const queryId = job.result?.queryId ?? job.error?.queryId;
  return {
    job_id: job.id,
    client: job.client,
    kind: job.kind,
    state: job.state,
    priority: job.priority,
    created_at: isoTime(job.createdAt),
    ...(job.startedAt === undefined ? {} : { started_at: isoTime(job.startedAt) }),
    ...(job.finishedAt === undefined ? {} : { finished_at: isoTime(job.finishedAt) }),
    ...(job.finishedAt === undefined || job.resultExpiresAt === undefined
      ? {}
      : { result_expires_at: isoTime(job.resultExpiresAt) }),
    queued_ms: job.queuedMs,
    ...(elapsed === undefined ? {} : { elapsed_ms: elapsed }),
    attempts: job.attempts,
    ...(position === undefined ? {} : { position: position.ahead }),
    ...(position?.estimatedWaitMs === undefined ? {} : { estimated_wait_ms: position.estimatedWaitMs }),
    ...(waitsForConnection(job, position) && { waits_for: 'connection' }),
    ...(job.progress === undefined || job.state !== 'running' ? {} : { progress: job.progress }),
    ...(job.result === undefined ? {} : { row_count: job.result.rowCount }),
    ...(queryId === undefined ? {} : { query_id: queryId }),
    ...(job.reason === undefined ? {} : { reason: job.reason }),
    ...(statement === undefined ? {} : { statement }),
    ...(job.error === undefined ? {} : { error: job.error }),
  };
}

/** Why a job has no result; only for jobs that ended other than well. */
export function errorOf(job: JobRecord): ErrorData {
  return (
    job.error ?? {
      code: job.state === 'expired' ? 'QUEUE_TIMEOUT' : job.state === 'cancelled' ? 'CANCELLED' : 'INTERNAL',
      message: `The job ended as ${job.state}.`,
    }
  );
}

export function endedBadly(job: JobRecord): boolean {
  return FINAL_STATES.has(job.state) && job.state !== 'succeeded';
}

function elapsedMs(job: JobRecord): number | undefined {
  if (job.startedAt === undefined) return undefined;
  return Math.max(0, (job.finishedAt ?? Date.now()) - job.startedAt);
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function statementOf(payload: Json): string | undefined {
  if (payload === null || typeof payload !== 'object' || !('sql' in payload))
    return labelOf(payload)?.slice(0, STATEMENT_SHOWN);
  const { sql } = payload;
  return typeof sql === 'string' ? sql.slice(0, STATEMENT_SHOWN) : undefined;
}
