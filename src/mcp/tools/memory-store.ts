import * as z from 'zod';
import { memoryTool } from '../memory-tool.js';

export const memoryStore = memoryTool('memory_store', {
  title: 'Remember',
  description:
    'Stores what was found out and will be needed again: a unit, a convention, a pitfall, a query that was verified. One fact each, understandable by itself, linked to its tables. The same text again answers the id it has (duplicate true); similar names memories that say the same.',
  output: {
    id: z.string().optional(),
    version: z.int().optional(),
    duplicate: z.boolean().optional(),
    similar: z.array(z.string()).optional(),
    created_at: z.string().optional(),
    expires_at: z.string().optional(),
  },
  hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
});
