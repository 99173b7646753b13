import * as z from 'zod';
import { likeArgument, listingAnswer, listingSchema, pageArguments, sessionArgument } from '../listing.js';
import { defineTool, LOOKS } from '../tool.js';

export const listTables = defineTool({
  name: 'list_tables',
  title: 'List tables',
  description:
    'Lists the tables of a schema, with their row counts where they are known. Without a schema: of the session’s schema, or of the whole database given.',
  input: z.strictObject({
    database: z.string().optional(),
    schema: z.string().optional(),
    like: likeArgument,
    ...pageArguments,
    session: sessionArgument,
  }),
  output: listingSchema('tables'),
  hints: LOOKS,
  run: async (args, { gateway, caller, wait }) => listingAnswer('tables', await gateway.listTables(caller, args, wait)),
});
