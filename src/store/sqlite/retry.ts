import type { ErrorData } from '../../errors/snow-error.js';
import type { AuditedCall } from '../audit-store.js';
import { FINAL_STATES } from '../job.js';
import type { Admission, AdmitOutcome } from '../job-store.js';
import type { Engine } from './engine.js';
import { type JobRow, recordOf, SELECT_JOB } from './job-row.js';

/** A new, detached job with the same work as one that ended without success. */
export function prepareRetry(
  engine: Engine,
  admit: (admission: Admission) => AdmitOutcome,
): (id: string, newId: string) => AdmitOutcome {
  const find = engine.db.prepare<[string], JobRow>(`${SELECT_JOB} WHERE jobs.id = ?`);
  const findCall = engine.db.prepare<[number], string | null>('SELECT call FROM job_work WHERE job = ?').pluck();
  const refuse = (refusal: ErrorData): AdmitOutcome => ({ admitted: false, refusal });
  return (id, newId) => {
    const row = find.get(id);
    if (row === undefined) {
      return refuse({
        code: 'NOT_FOUND',
        message: `There is no job ${id}.`,
        hint: 'List the jobs that are kept: jobs list.',
      });
    }
    if (row.state === 'succeeded' || !FINAL_STATES.has(row.state)) {
      return refuse({
        code: 'INVALID_ARGUMENT',
        message: `Job ${id} is ${row.state}.`,
        hint: 'Only jobs that failed, were cancelled or expired can be run again.',
      });
    }
    const job = recordOf(row, engine.now());
    const call = findCall.get(row.seq);
    return admit({
      id: newId,
      client: job.client,
      kind: job.kind,
      lane: job.lane,
      priority: job.priority,
      payload: job.payload,
      ...(job.session !== undefined && { session: job.session }),
      context: job.context,
      write: job.write,
      maxAttempts: job.maxAttempts,
      queueTimeoutMs: row.queue_timeout_ms,
      flags: job.flags,
      estimateS: row.estimate_s,
      ...(job.reason !== undefined && { reason: job.reason }),
      resultTtlMs: row.result_ttl_ms,
      ...(typeof call === 'string' && { call: JSON.parse(call) as AuditedCall }),
    });
  };
}
