import * as z from 'zod';
import { queryAnswer, queryAnswerSchema } from '../query-answer.js';
import { waitArgument } from '../query-arguments.js';
import { defineTool, LOOKS } from '../tool.js';

export const jobResult = defineTool({
  name: 'job_result',
  title: 'Read a job’s result',
  description:
    'Answers rows of a job’s result, page by page. With wait_s it waits for a job that still runs; without, it answers at once with the state so far.',
  input: z.strictObject({
    job_id: z.string().min(1),
    cursor: z.string().optional().describe('next_cursor of the page before.'),
    max_rows: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe('Rows in one page; otherwise as the statement was started with.'),
    wait_s: waitArgument.describe('Seconds to wait for the job to end (0).'),
  }),
  output: queryAnswerSchema,
  hints: LOOKS,
  scope: 'jobs',
  run: async (args, { gateway, caller, wait }) =>
    queryAnswer(
      await gateway.jobResult(
        caller,
        { id: args.job_id, cursor: args.cursor, maxRows: args.max_rows, waitS: args.wait_s },
        wait,
      ),
    ),
});
