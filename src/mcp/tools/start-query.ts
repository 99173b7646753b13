import * as z from 'zod';
import { queryRequestOf, statementArguments } from '../query-arguments.js';
import { taskOf } from '../task.js';
import { defineTool } from '../tool.js';

export const startQuery = defineTool({
  name: 'start_query',
  title: 'Start a statement',
  description:
    'Queues one SQL statement and answers its job_id at once; the job goes on without you. For long work, or to start several statements side by side. Then job_status, job_result, job_cancel.',
  input: z.strictObject(statementArguments),
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  run: async (args, { gateway, caller, knowsTasks }) => {
    const handle = await gateway.startQuery(caller, queryRequestOf(args));
    // Without the scope for jobs a task could not be polled.
    const mayPoll = caller.scopes?.includes('jobs') ?? true;
    if (!knowsTasks || !mayPoll) return { answer: handle };
    return { task: taskOf(await gateway.jobStatus(caller, handle.job_id)) };
  },
});
