import { SnowError } from '../errors/snow-error.js';
import type { OperationAnswer } from '../gateway/operation-request.js';
import type { ToolAnswer } from './tool-result.js';

/** The answer of an operation that is quick. Throws `QUEUE_TIMEOUT` where it is not done yet: nobody comes back for it. */
export function operationAnswer({ answer, job_id }: OperationAnswer): ToolAnswer {
  if (answer !== undefined) return { answer: answer as object };
  throw new SnowError({
    code: 'QUEUE_TIMEOUT',
    message: `It is not done yet, as job ${job_id}.`,
    hint: 'Ask job_result for its answer; server_status shows whether a worker takes such jobs.',
    retryAfterMs: 5_000,
  });
}
