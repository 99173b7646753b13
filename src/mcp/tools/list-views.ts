import * as z from 'zod';
import { likeArgument, listingAnswer, listingSchema, pageArguments, sessionArgument } from '../listing.js';
import { defineTool, LOOKS } from '../tool.js';

export const listViews = defineTool({
  name: 'list_views',
  title: 'List views',
  description:
    'Lists the views of a schema. Without a schema: of the session’s schema, or of the whole database given.',
  input: z.strictObject({
    database: z.string().optional(),
    schema: z.string().optional(),
    like: likeArgument,
    ...pageArguments,
    session: sessionArgument,
  }),
  output: listingSchema('views'),
  hints: LOOKS,
  run: async (args, { gateway, caller, wait }) => listingAnswer('views', await gateway.listViews(caller, args, wait)),
});
