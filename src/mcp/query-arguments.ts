import * as z from 'zod';
import type { QueryRequest } from '../gateway/requests.js';
import { PRIORITIES } from '../store/job.js';

/** Longest wait for an answer in seconds: clients give up on a call after 60. */
const MAX_WAIT_S = 55;

/** More values belong into a table: each is sent, stored and looked at by itself. */
const MOST_BINDS = 10_000;

const bind = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Arguments that `query` and `start_query` share. */
export const statementArguments = {
  sql: z
    .string()
    .min(1)
    .describe('One SQL statement in Snowflake’s dialect. Use ? or :1, :2 for values given in binds.'),
  binds: z
    .array(bind)
    .max(MOST_BINDS)
    .optional()
    .describe('Values for the placeholders, in order. Never build values into the text.'),
  database: z.string().optional().describe('Database for this statement only; the session’s otherwise.'),
  schema: z.string().optional().describe('Schema for this statement only; the session’s otherwise.'),
  session: z.string().optional().describe('Name of the session whose database, schema, warehouse and role apply.'),
  max_rows: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe(
      'Rows in this answer, or in job_result’s, and in each page after it (1000). More rows stay in the stored result.',
    ),
  timeout_s: z.int().min(1).max(86_400).optional().describe('Seconds the statement may run (300).'),
  priority: z.enum(PRIORITIES).optional().describe('Orders your own jobs only; it gains nothing over other clients.'),
  reason: z.string().max(500).optional().describe('Why you ask; kept in the audit.'),
};

export const waitArgument = z
  .number()
  .min(0)
  .max(MAX_WAIT_S)
  .optional()
  .describe('Seconds to wait before a job id is answered instead (45). The job then goes on without you.');

export function queryRequestOf(
  args: z.output<z.ZodObject<typeof statementArguments>> & { readonly wait_s?: number | undefined },
): QueryRequest {
  return {
    sql: args.sql,
    binds: args.binds,
    database: args.database,
    schema: args.schema,
    session: args.session,
    maxRows: args.max_rows,
    waitS: args.wait_s,
    timeoutS: args.timeout_s,
    priority: args.priority,
    reason: args.reason,
  };
}
