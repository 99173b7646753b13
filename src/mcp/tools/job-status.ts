import * as z from 'zod';
import { jobSummarySchema } from '../job-summary.js';
import { defineTool, LOOKS } from '../tool.js';

export const jobStatus = defineTool({
  name: 'job_status',
  title: 'Look at a job',
  description: 'Tells how far a job is: its state, its place in the queue, its progress, its error. Does not wait.',
  input: z.strictObject({ job_id: z.string().min(1) }),
  output: jobSummarySchema,
  hints: LOOKS,
  scope: 'jobs',
  run: async (args, { gateway, caller }) => ({ answer: await gateway.jobStatus(caller, args.job_id) }),
});
