import * as z from 'zod';
import { likeArgument, listingAnswer, listingSchema, pageArguments, sessionArgument } from '../listing.js';
import { defineTool, LOOKS } from '../tool.js';

export const listSchemas = defineTool({
  name: 'list_schemas',
  title: 'List schemas',
  description: 'Lists the schemas of a database (of the session’s database when none is given).',
  input: z.strictObject({
    database: z.string().optional(),
    like: likeArgument,
    ...pageArguments,
    session: sessionArgument,
  }),
  output: listingSchema('schemas'),
  hints: LOOKS,
  run: async (args, { gateway, caller, wait }) =>
    listingAnswer('schemas', await gateway.listSchemas(caller, args, wait)),
});
