import * as z from 'zod';
import { defineTool, LOOKS } from '../tool.js';

export const serverStatus = defineTool({
  name: 'server_status',
  title: 'Look at the server',
  description:
    'Tells which connection is used, what may be written, how busy the queue is, and what of it is yours. Look here when statements are refused or slow.',
  input: z.strictObject({}),
  output: z.object({
    version: z.string(),
    connection: z.string(),
    allow: z.array(z.string()).describe('Classes of statements that may run: read, dml, ddl.'),
    mode: z
      .enum(['normal', 'conserving', 'critical', 'offline'])
      .describe('conserving: no calls of low priority; critical: high priority only; offline: stored listings only.'),
    breaker: z.enum(['closed', 'open', 'half-open']).describe('closed: the warehouse can be reached.'),
    queue: z.object({ queued: z.int(), running: z.int(), slots_free: z.int() }),
    workers: z.int(),
    you: z.object({ client: z.string(), queued: z.int(), running: z.int() }),
  }),
  hints: LOOKS,
  run: async (_args, { gateway, caller }) => ({ answer: await gateway.status(caller) }),
});
