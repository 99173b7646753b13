import * as z from 'zod';
import { definePrompt } from './prompt.js';

export const findTrouble = definePrompt({
  name: 'find_slow_or_failed_jobs',
  title: 'Find slow or failed jobs',
  description: 'Looks for jobs of yours that failed, waited or ran for long, and for what to do about it.',
  arguments: z.object({
    slower_than_s: z.string().optional().describe('Seconds from which a job counts as slow (10).'),
  }),
  text: ({ slower_than_s }) =>
    `Find out which of my jobs went wrong or took long.

1. Look at server_status: is anything queued, are there workers, is the mode normal and the breaker closed?
2. List the latest jobs with list_jobs (limit 200), those that failed or expired with states ["failed", "expired"].
3. Slow is a job with elapsed_ms above ${Number(slower_than_s) > 0 ? Number(slower_than_s) : 10} seconds; kept waiting is one with queued_ms above its elapsed_ms.
4. For failed ones read code, message and hint of the error; job_status has them whole.
5. Tell me, worst first: the job, its statement in brief, what happened, why, and what to do (mend the SQL, filter earlier, start it with start_query, raise timeout_s, come back later). Do not run any of the statements again.`,
});
