import type { JobSummary } from '../gateway/requests.js';
import { FINAL_STATES } from '../store/job.js';
import { progressMessage } from './progress.js';

/** A job in the words of the tasks extension. */
export interface Task {
  readonly taskId: string;
  readonly status: 'working' | 'completed' | 'cancelled';
  readonly statusMessage?: string;
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  /** From the creation on; null while nobody knows, because the time of keeping a result begins with its end. */
  readonly ttlMs: number | null;
  readonly pollIntervalMs: number;
}

/** Bounds of the time a client should wait before it asks again (ms). */
const POLL_MS = { least: 250, most: 5_000 } as const;

/**
 * What ended other than well is `completed` with an error as its result: `failed` is for errors of the protocol alone.
 */
export function taskOf(job: JobSummary): Task {
  const created = Date.parse(job.created_at);
  const age = Math.max(0, Date.now() - created);
  const message = statusMessage(job);
  return {
    taskId: job.job_id,
    status: job.state === 'cancelled' ? 'cancelled' : FINAL_STATES.has(job.state) ? 'completed' : 'working',
    ...(message !== undefined && { statusMessage: message }),
    createdAt: job.created_at,
    lastUpdatedAt: job.finished_at ?? job.started_at ?? job.created_at,
    ttlMs: job.result_expires_at === undefined ? null : Math.max(0, Date.parse(job.result_expires_at) - created),
    // A quarter of its age: what was quick is noticed soon, and who waits for long does not ask often.
    pollIntervalMs: Math.round(Math.min(POLL_MS.most, Math.max(POLL_MS.least, age / 4))),
  };
}

function statusMessage(job: JobSummary): string | undefined {
  switch (job.state) {
    case 'running':
      return progressMessage({
        state: 'running',
        elapsedMs: job.elapsed_ms ?? 0,
        ...(job.progress !== undefined && { progress: job.progress }),
      });
    case 'queued':
    case 'scheduled':
      return progressMessage({
        state: job.state,
        ahead: job.position ?? 0,
        ...(job.estimated_wait_ms !== undefined && { estimatedWaitMs: job.estimated_wait_ms }),
        ...(job.waits_for !== undefined && { waitsFor: job.waits_for }),
      });
    default:
      return job.error?.message;
  }
}
