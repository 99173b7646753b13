import * as z from 'zod';
import { repositoryRequest } from '../../gateway/repository-requests.js';
import { operationAnswer } from '../operation-answer.js';
import { defineTool, LOOKS } from '../tool.js';

export const repoList = defineTool({
  name: 'repo_list',
  title: 'List repositories',
  description:
    'Lists the repositories you may search: how fresh each is, whether it is being synced and how far, or why its last sync failed.',
  input: z.strictObject({
    namespace: z.string().optional().describe('Only this shared namespace, or own.'),
  }),
  output: z.object({
    repositories: z.array(
      z.looseObject({
        name: z.string(),
        namespace: z.string().optional(),
        folder: z.string(),
        state: z
          .string()
          .describe(
            'never-synced, syncing, ready, failed or needs-sync. One that was synced before can be searched meanwhile.',
          ),
        may_sync: z.boolean(),
        synced_at: z.string().optional(),
        files: z.int().optional(),
      }),
    ),
  }),
  hints: LOOKS,
  scope: 'memory',
  run: async (args, { gateway, caller, wait }) =>
    operationAnswer(await gateway.operate(caller, repositoryRequest('repo_list', args), wait)),
});
