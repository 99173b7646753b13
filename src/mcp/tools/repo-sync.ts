import * as z from 'zod';
import { syncRequest } from '../../gateway/repository-requests.js';
import { waitArgument } from '../query-arguments.js';
import { taskOf } from '../task.js';
import { defineTool } from '../tool.js';

export const repoSync = defineTool({
  name: 'repo_sync',
  title: 'Sync a repository',
  description:
    'Reads a folder of code into the index that repo_search looks in: only files that have changed, the whole of it or nothing. If it takes longer than wait_s, go on with job_result; job_cancel leaves the index as it was. A sync of the same repository that is under way is joined.',
  input: z.strictObject({
    path: z
      .string()
      .optional()
      .describe('Absolute path of a folder that the server’s settings allow. For a new repository.'),
    name: z.string().optional().describe('Name of the repository; without it the folder’s. Alone: one that is known.'),
    namespace: z.string().optional().describe('A shared namespace to keep it in; your own otherwise.'),
    full: z.boolean().optional().describe('Read all files, also those that look unchanged.'),
    wait_s: waitArgument,
  }),
  hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  scope: 'memory',
  run: async ({ wait_s, ...given }, { gateway, caller, wait, knowsTasks }) => {
    const request = syncRequest(given);
    const mayPoll = caller.scopes?.includes('jobs') ?? true;
    if (wait_s === 0 && knowsTasks && mayPoll) {
      const handle = await gateway.startOperation(caller, request);
      return { task: taskOf(await gateway.jobStatus(caller, handle.job_id)) };
    }
    const { answer, ...job } = await gateway.operate(caller, { ...request, waitS: wait_s }, wait);
    return { answer: { ...job, ...(answer as object | undefined) } };
  },
});
