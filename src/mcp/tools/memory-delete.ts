import * as z from 'zod';
import { memorySchema, memoryTool } from '../memory-tool.js';

export const memoryDelete = memoryTool('memory_delete', {
  title: 'Delete memories',
  description:
    'Deletes one memory by id; or several by ids, tags, link, source or time, in two steps: the first call tells how many and which, and gives confirm; the second with it deletes exactly those.',
  output: {
    deleted: z.int().optional(),
    would_delete: z.int().optional(),
    more: z.boolean().optional(),
    memories: z.array(memorySchema).optional(),
    confirm: z.string().optional(),
  },
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
});
