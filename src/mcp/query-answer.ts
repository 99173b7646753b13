import * as z from 'zod';
import type { QueryAnswer } from '../gateway/requests.js';
import { JOB_STATES } from '../store/job.js';
import { KNOWLEDGE_NOTE } from './knowledge.js';
import type { ToolAnswer } from './tool-result.js';

/** `QueryAnswer` as a schema. Cells are not looked into: rows may be many, and they come out of JSON. */
export const queryAnswerSchema = z.object({
  job_id: z.string(),
  state: z.enum(JOB_STATES),
  columns: z.array(z.object({ name: z.string(), type: z.string(), nullable: z.boolean() })),
  rows: z.array(z.array(z.unknown())).describe('Numbers too long for a double, dates and times are strings.'),
  row_count: z.int().describe('Rows of the whole stored result.'),
  truncated: z.boolean().describe('Rows were left out of the stored result because of a cap.'),
  next_cursor: z.string().optional().describe('Give it to job_result for the rows after these.'),
  queued_ms: z.number(),
  elapsed_ms: z.number(),
  query_id: z.string().optional(),
  rows_affected: z.int().optional(),
  message: z.string().optional(),
});

/** A job that failed is an error of the call that asked for its rows. */
export function queryAnswer(answer: QueryAnswer): ToolAnswer {
  const { error, knowledge, job_id } = answer;
  if (error !== undefined)
    return { error: { ...error, job_id, ...(knowledge && { knowledge, knowledge_note: KNOWLEDGE_NOTE }) } };
  const more = answer.next_cursor !== undefined || answer.truncated;
  return more ? { answer, moreIn: answer.job_id } : { answer };
}
