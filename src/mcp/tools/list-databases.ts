import * as z from 'zod';
import { likeArgument, listingAnswer, listingSchema, pageArguments, sessionArgument } from '../listing.js';
import { defineTool, LOOKS } from '../tool.js';

export const listDatabases = defineTool({
  name: 'list_databases',
  title: 'List databases',
  description:
    'Lists the databases that can be queried. Start here when you do not know where the data is. SNOWFLAKE_SAMPLE_DATA holds sample tables.',
  input: z.strictObject({ like: likeArgument, ...pageArguments, session: sessionArgument }),
  output: listingSchema('databases'),
  hints: LOOKS,
  run: async (args, { gateway, caller, wait }) =>
    listingAnswer('databases', await gateway.listDatabases(caller, args, wait)),
});
