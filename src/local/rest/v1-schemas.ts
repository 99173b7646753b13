import { z } from 'zod';
import { PROBLEM_TYPE } from './problem-details.js';

/** The requests and answers of `/api/v1`. */

export const MOST_ROWS = 100_000;
const MAX_TIMEOUT_S = 604_800;
const MAX_TTL_S = 604_800;

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const name = z.string().min(1);

export const nothing = z.object({});

export const queryBody = z.strictObject({
  sql: z.string().describe('One statement of Snowflake SQL.'),
  database: name.optional(),
  schema: name.optional(),
  warehouse: name.optional(),
  role: name.optional(),
  session: z.string().optional().describe('Run in this session (POST /api/v1/sessions), else in one of its own.'),
  binds: z.array(scalar).max(10_000).optional().describe('For ? in order.'),
  timeout: z.number().positive().max(MAX_TIMEOUT_S).optional().describe('Seconds.'),
  max_rows: z.number().int().min(0).max(MOST_ROWS).optional().describe('Rows in the answer; default 10000.'),
  async: z.boolean().optional().describe('Answer at once; ask GET /api/v1/query/{query_id} for the rows.'),
});

export const rowsQuery = z.object({
  max_rows: z
    .string()
    .regex(/^\d{1,6}$/)
    .optional()
    .describe('Rows in the answer; default 10000, 100000 at most.'),
});

export const queryResult = z.object({
  success: z.literal(true),
  query_id: z.string(),
  status: z.literal('succeeded'),
  columns: z.array(z.object({ name: z.string(), type: z.string(), nullable: z.boolean() })),
  data: z.array(z.record(z.string(), z.unknown())),
  row_count: z.number().int().describe('Of the whole result.'),
  truncated: z.boolean().describe('Not all rows are in `data`.'),
  execution_time: z.number().describe('Seconds.'),
});

export const queryRunning = z.object({
  success: z.literal(true),
  query_id: z.string(),
  status: z.literal('running'),
  execution_time: z.number(),
});

/** Each is `event: progress | completed | failed` and `data:` one line of JSON. */
export const eventStream = z.string();

export const ended = z.object({ success: z.literal(true), session_id: z.string() });

export const cancelled = z.object({ success: z.literal(true), query_id: z.string(), status: z.literal('cancelled') });

export const accessLogQuery = z.object({
  limit: z
    .string()
    .regex(/^\d{1,5}$/)
    .optional()
    .describe('Default 100, 10000 at most.'),
  type: z.enum(['login', 'object', 'origin']).optional(),
  user: z.string().optional(),
  success: z.enum(['true', 'false']).optional(),
});

export const accessLog = z.object({
  events: z.array(
    z.object({
      id: z.number().int(),
      at: z.iso.datetime(),
      type: z.enum(['login', 'object', 'origin']),
      user: z.string(),
      address: z.string(),
      client: z.string(),
      client_version: z.string(),
      factor: z.string().describe('PASSWORD, RSA_KEYPAIR, API_KEY, JWT, NONE'),
      success: z.boolean(),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
      session_id: z.string().nullable(),
      query_id: z.string().nullable(),
      role: z.string().nullable(),
    }),
  ),
});

export const historyQuery = z.object({
  limit: z
    .string()
    .regex(/^\d{1,5}$/)
    .optional()
    .describe('Default 100, 10000 at most.'),
  search: z.string().optional().describe('Part of the text, in any case.'),
  status: z.enum(['running', 'succeeded', 'failed']).optional(),
  session: z.string().optional(),
  user: z.string().optional(),
  since: z.iso.datetime({ offset: true }).optional().describe('Started then or later.'),
});

export const history = z.object({
  queries: z.array(
    z.object({
      query_id: z.string(),
      session_id: z.string(),
      user: z.string(),
      sql: z.string(),
      query_tag: z.string(),
      status: z.enum(['running', 'succeeded', 'failed']),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
      started_at: z.string(),
      execution_time: z.number().nullable(),
      row_count: z.number().nullable(),
      query_type: z.string(),
      role: z.string().nullable(),
      warehouse: z.string().nullable(),
      database: z.string().nullable(),
      schema: z.string().nullable(),
      parent_query_id: z.string().nullable().describe('Of a statement that a script or procedure ran.'),
      translated_sql: z.string().nullable().describe('What DuckDB was given.'),
      result_reused: z.boolean().describe("An earlier, identical query's result answered it."),
    }),
  ),
});

export const databases = z.object({ databases: z.array(z.string()) });

export const tablesQuery = z.object({ schema: name.optional() });

export const tables = z.object({
  tables: z.array(
    z.object({ schema: z.string(), name: z.string(), kind: z.string(), row_count: z.number().nullable() }),
  ),
});

export const sessionBody = z.strictObject({
  storage: z
    .enum(['memory', 'persistent'])
    .optional()
    .describe(
      'memory: a database of its own, dropped with the session. persistent (default): the databases that all share.',
    ),
  database: name.optional(),
  schema: name.optional(),
  warehouse: name.optional(),
  role: name.optional(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  ttl: z
    .number()
    .int()
    .min(1)
    .max(MAX_TTL_S)
    .optional()
    .describe('Seconds without a request after which it ends; default 3600.'),
});

export const session = z.object({
  session_id: z.string(),
  storage: z.enum(['memory', 'persistent']),
  user: z.string(),
  database: z.string().nullable(),
  schema: z.string().nullable(),
  warehouse: z.string().nullable(),
  role: z.string().nullable(),
  ttl: z.number().int(),
  created_at: z.string(),
  expires_at: z.string(),
});

export const sessions = z.object({ sessions: z.array(session) });

const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  success: z.literal(false),
  code: z.string(),
  sqlState: z.string(),
  query_id: z.string().optional(),
  line: z.number().optional(),
  position: z.number().optional(),
});

const told = (description: string) => ({ description, schema: problem, contentType: PROBLEM_TYPE });

export const problems = {
  400: told('The request is not what it should be.'),
  401: told('Nobody is known by these credentials.'),
  403: told('Web pages of other sites are not let in.'),
  404: told('There is no such thing, or no longer.'),
  408: told('The statement took longer than its time-out and was cancelled.'),
  413: told('The body is too large.'),
  415: told('The body is not sent as JSON.'),
  422: told('The statement failed.'),
  429: told('Too many sessions or statements at once.'),
  500: told('Internal error.'),
};
