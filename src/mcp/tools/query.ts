import * as z from 'zod';
import { queryAnswer, queryAnswerSchema } from '../query-answer.js';
import { queryRequestOf, statementArguments, waitArgument } from '../query-arguments.js';
import { defineTool } from '../tool.js';

export const query = defineTool({
  name: 'query',
  title: 'Run a statement',
  description:
    'Runs one SQL statement through the team’s queue and answers its rows. If it takes longer than wait_s, the answer has state queued or running and a job_id: go on with job_result. More rows than max_rows: read on with job_result and next_cursor. What may be written is decided by the server (see server_status).',
  input: z.strictObject({ ...statementArguments, wait_s: waitArgument }),
  output: queryAnswerSchema,
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  run: async (args, { gateway, caller, wait }) => queryAnswer(await gateway.query(caller, queryRequestOf(args), wait)),
});
