import * as z from 'zod';
import { memoryTool } from '../memory-tool.js';

export const memoryUpdate = memoryTool('memory_update', {
  title: 'Change a memory',
  description:
    'Changes what is given of a memory and keeps the rest. version is the one you have seen; if somebody changed it since, the error names the present one: look again first.',
  output: { id: z.string().optional(), version: z.int().optional(), updated_at: z.string().optional() },
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
});
