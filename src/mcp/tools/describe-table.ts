import * as z from 'zod';
import { KNOWLEDGE_NOTE, knowledgeShape } from '../knowledge.js';
import { listingAnswer, listingSchema, sessionArgument } from '../listing.js';
import { defineTool, LOOKS } from '../tool.js';

export const describeTable = defineTool({
  name: 'describe_table',
  title: 'Describe a table',
  description:
    'Lists the columns of a table or view: name, type, whether it may be null, default, comment. Look at a table this way before you write SQL for it.',
  input: z.strictObject({
    table: z.string().min(1).describe('Name of the table; may be qualified: DATABASE.SCHEMA.TABLE.'),
    database: z.string().optional(),
    schema: z.string().optional(),
    session: sessionArgument,
  }),
  output: listingSchema('columns').extend(knowledgeShape),
  hints: LOOKS,
  run: async (args, { gateway, caller, wait }) => {
    const listing = await gateway.describeTable(caller, args, wait);
    const { answer } = listingAnswer('columns', listing);
    return { answer: listing.knowledge === undefined ? answer : { ...answer, knowledge_note: KNOWLEDGE_NOTE } };
  },
});
