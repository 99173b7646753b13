import { z } from 'zod';

/** The requests and answers of Snowflake's SQL API v2, as its reference describes them. */

const MAX_TIMEOUT_S = 604_800;

const flag = z.enum(['true', 'false']);

export const submitQuery = z.object({
  requestId: z.uuid().optional().describe('Asked again with the same id, a statement is not run again.'),
  retry: flag.optional().describe('This request repeats an earlier one with the same requestId.'),
  async: flag.optional().describe('true: answer at once, with a handle.'),
  nullable: flag.optional().describe('false: NULL is the text "null".'),
});

const bind = z.object({
  type: z.string().describe('FIXED, REAL, TEXT, BINARY, BOOLEAN, DATE, TIME, TIMESTAMP_NTZ, …'),
  value: z.union([z.string(), z.null(), z.array(z.union([z.string(), z.null()]))]),
});

export const submitBody = z.object({
  statement: z.string().describe('One statement, or several with the parameter MULTI_STATEMENT_COUNT.'),
  timeout: z.number().int().min(0).max(MAX_TIMEOUT_S).optional().describe('Seconds; 0 is the maximum, seven days.'),
  database: z.string().optional(),
  schema: z.string().optional(),
  warehouse: z.string().optional(),
  role: z.string().optional(),
  bindings: z.record(z.string(), bind).optional().describe('By position, from "1".'),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});

export const resultQuery = z.object({
  requestId: z.uuid().optional(),
  partition: z
    .string()
    .regex(/^\d{1,9}$/)
    .optional()
    .describe('From 0.'),
});

export const cancelQuery = z.object({ requestId: z.uuid().optional() });

const rowType = z.object({
  name: z.string(),
  database: z.string(),
  schema: z.string(),
  table: z.string(),
  nullable: z.boolean(),
  type: z.string(),
  byteLength: z.number().nullable(),
  length: z.number().nullable(),
  scale: z.number().nullable(),
  precision: z.number().nullable(),
  collation: z.string().nullable(),
});

export const data = z.array(z.array(z.string().nullable()));

export const resultSet = z.object({
  resultSetMetaData: z.object({
    numRows: z.number().int(),
    format: z.literal('jsonv2'),
    partitionInfo: z.array(z.object({ rowCount: z.number().int(), uncompressedSize: z.number().int() })),
    rowType: z.array(rowType),
  }),
  data: data.describe('The rows of partition 0.'),
  code: z.literal('090001'),
  sqlState: z.literal('00000'),
  message: z.string(),
  statementHandle: z.string(),
  statementHandles: z.array(z.string()).optional().describe('Of several statements, in order.'),
  statementStatusUrl: z.string(),
  createdOn: z.number().describe('Milliseconds since 1970.'),
  stats: z
    .object({
      numRowsInserted: z.number(),
      numRowsUpdated: z.number(),
      numRowsDeleted: z.number(),
      numDuplicateRowsUpdated: z.number(),
    })
    .optional(),
});

export const partition = z.object({ data });

export const queryStatus = z.object({
  code: z.enum(['333333', '333334']),
  sqlState: z.string(),
  message: z.string(),
  statementHandle: z.string(),
  statementStatusUrl: z.string(),
  createdOn: z.number(),
});

export const cancelStatus = z.object({
  code: z.string(),
  sqlState: z.string(),
  message: z.string(),
  statementHandle: z.string(),
  statementStatusUrl: z.string(),
});

export const failureStatus = z.object({
  code: z.string(),
  sqlState: z.string(),
  message: z.string(),
  statementHandle: z.string().optional(),
  statementStatusUrl: z.string().optional(),
  createdOn: z.number().optional(),
});
