import * as z from 'zod';
import { sessionSchema } from '../session-schema.js';
import { defineTool } from '../tool.js';

const name = z.string().min(1).nullable().optional();

export const setSession = defineTool({
  name: 'set_session',
  title: 'Change a session',
  description:
    'Sets the database, schema, warehouse, role or parameters your later statements run with, for you alone. null clears a member, an absent one stays as it is.',
  input: z.strictObject({
    session: z.string().optional().describe('Name of the session (default); made when it is not there.'),
    database: name,
    schema: name,
    warehouse: name,
    role: name,
    parameters: z
      .record(z.string(), z.string())
      .nullable()
      .optional()
      .describe('Snowflake session parameters by name, such as TIMEZONE. Replaces those set before.'),
    pinned: z
      .boolean()
      .optional()
      .describe(
        'true keeps one connection for the session, so that temporary tables, transactions, variables and LAST_QUERY_ID() last over several calls; false gives it up.',
      ),
  }),
  output: sessionSchema,
  hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async ({ session, ...change }, { gateway, caller }) => ({
    answer: await gateway.setSession(caller, session, withoutUndefined(change)),
  }),
});

function withoutUndefined<Members extends object>(
  members: Members,
): { [K in keyof Members]?: Exclude<Members[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof Members]?: Exclude<Members[K], undefined>;
  };
}
