import * as z from 'zod';
import { JOB_STATES } from '../../store/job.js';
import { jobSummaryInBrief } from '../job-summary.js';
import { defineTool, LOOKS } from '../tool.js';

export const listJobs = defineTool({
  name: 'list_jobs',
  title: 'List jobs',
  description:
    'Lists your jobs, newest first: those that wait, run, and have ended. Finds a job again whose id was lost.',
  input: z.strictObject({
    states: z.array(z.enum(JOB_STATES)).optional().describe('Only jobs in one of these states.'),
    limit: z.int().min(1).max(1_000).optional().describe('Jobs in one page (20).'),
    cursor: z.string().optional().describe('next_cursor of the page before.'),
  }),
  output: z.object({ jobs: z.array(jobSummaryInBrief), next_cursor: z.string().optional() }),
  hints: LOOKS,
  scope: 'jobs',
  run: async (args, { gateway, caller }) => ({ answer: await gateway.listJobs(caller, args) }),
});
