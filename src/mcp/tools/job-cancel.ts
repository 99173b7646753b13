import * as z from 'zod';
import { jobSummaryInBrief } from '../job-summary.js';
import { defineTool } from '../tool.js';

export const jobCancel = defineTool({
  name: 'job_cancel',
  title: 'Cancel a job',
  description:
    'Cancels a job of yours. One that waits ends at once; one that runs is cancelled in the warehouse as well. A job that ended before keeps its result.',
  input: z.strictObject({ job_id: z.string().min(1), reason: z.string().max(500).optional() }),
  output: jobSummaryInBrief,
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  scope: 'jobs',
  run: async (args, { gateway, caller }) => ({ answer: await gateway.jobCancel(caller, args.job_id, args.reason) }),
});
