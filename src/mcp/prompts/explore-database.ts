import * as z from 'zod';
import { definePrompt } from './prompt.js';

export const exploreDatabase = definePrompt({
  name: 'explore_database',
  title: 'Explore a database',
  description: 'Finds out what a database holds and what could be asked of it.',
  arguments: z.object({
    database: z.string().describe('Name of the database.'),
    schema: z.string().optional().describe('Only this schema.'),
  }),
  text: ({ database, schema }) =>
    `Explore the Snowflake database ${database}${schema ? `, schema ${schema} only` : ''}.

1. ${schema ? `List the tables and views of the schema with list_tables and list_views.` : 'List its schemas with list_schemas, then the tables and views of each with list_tables and list_views. Leave INFORMATION_SCHEMA out.'}
2. Look at the columns of what seems to matter most with describe_table (ten tables at most).
3. Look at a few rows with query and LIMIT 5 where the names do not say enough. Never select a whole table.
4. Tell me in a short report: what the data is about, the main tables with one line each and their row counts, how they join (say which joins are guesses), and five questions that could be answered with it, each with its SQL.`,
});
