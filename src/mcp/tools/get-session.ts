import * as z from 'zod';
import { sessionSchema } from '../session-schema.js';
import { defineTool, LOOKS } from '../tool.js';

export const getSession = defineTool({
  name: 'get_session',
  title: 'Look at a session',
  description:
    'Tells the database, schema, warehouse, role and parameters your statements run with. Sessions outlive connections and restarts.',
  input: z.strictObject({ session: z.string().optional().describe('Name of the session (default).') }),
  output: sessionSchema,
  hints: LOOKS,
  run: async (args, { gateway, caller }) => ({ answer: await gateway.getSession(caller, args.session) }),
});
