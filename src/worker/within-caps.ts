import type { Json } from '../store/job.js';
import type { ClaimedJob, Settlement } from '../store/job-store.js';
import type { JobCaps } from '../store/usage-store.js';
import type { HandlerContext, JobHandler } from './handler.js';

/**
 * Lets a handler work within what its client's quotas leave: the bounds that the job's payload sets for itself (`timeoutMs`,
 * `maxRows`, `maxBytes`) are lowered to it. A statement that runs out of time for that reason says so.
 */
export async function handleWithinCaps(
  handler: JobHandler,
  claimed: ClaimedJob,
  context: HandlerContext,
): Promise<Settlement> {
  const { caps, job } = claimed;
  if (caps === undefined) return await handler.handle(claimed, context);
  const own = fieldsOf(job.payload);
  const payload = { ...own, ...lowered(own, caps) };
  const settlement = await handler.handle({ ...claimed, job: { ...job, payload } }, context);
  if (settlement.state !== 'failed' || settlement.error.code !== 'STATEMENT_TIMEOUT') return settlement;
  if (payload.timeoutMs === own.timeoutMs) return settlement;
  const hint = `Its client's quotas left it ${Number(payload.timeoutMs) / 1_000} s: see mcp-snow quota show.`;
  return { ...settlement, error: { ...settlement.error, hint } };
}

type Fields = { readonly [key: string]: Json | undefined };

function fieldsOf(payload: Json): Fields {
  return typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? (payload as Fields) : {};
}

function lowered(own: Fields, caps: JobCaps): Fields {
  const least = (name: string, cap: number | undefined): Fields => {
    if (cap === undefined) return {};
    const value = own[name];
    return { [name]: typeof value === 'number' ? Math.min(value, cap) : cap };
  };
  return {
    ...least('timeoutMs', caps.executionMs),
    ...least('maxRows', caps.rows),
    ...least('maxBytes', caps.bytes),
  };
}
