import * as z from 'zod';
import { JOB_STATES, PRIORITIES } from '../store/job.js';
import { errorSchema } from './output-schema.js';

/** `JobSummary` as a schema. */
export const jobSummarySchema = z.object({
  job_id: z.string(),
  client: z.string(),
  kind: z.string(),
  state: z.enum(JOB_STATES),
  priority: z.enum(PRIORITIES),
  created_at: z.string(),
  started_at: z.string().optional(),
  finished_at: z.string().optional(),
  result_expires_at: z.string().optional(),
  queued_ms: z.number(),
  elapsed_ms: z.number().optional(),
  attempts: z.int(),
  position: z.int().optional().describe('Jobs that would start before this one; 0 means next.'),
  estimated_wait_ms: z.number().optional(),
  waits_for: z.literal('connection').optional().describe('Snowflake cannot be reached; the job keeps its place.'),
  progress: z.looseObject({ done: z.number() }).optional(),
  row_count: z.int().optional(),
  query_id: z.string().optional(),
  reason: z.string().optional(),
  statement: z.string().optional(),
  error: errorSchema.optional(),
});

/** The same where it is listed again: a summary as `job_status` describes it. */
export const jobSummaryInBrief = jobSummarySchema.pick({ job_id: true, state: true, statement: true }).loose();
