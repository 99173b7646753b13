import * as z from 'zod';
import { definePrompt } from './prompt.js';

export const profileTable = definePrompt({
  name: 'profile_table',
  title: 'Profile a table',
  description: 'Counts, ranges, gaps and oddities in the columns of a table.',
  arguments: z.object({
    database: z.string().describe('Name of the database.'),
    schema: z.string().describe('Name of the schema.'),
    table: z.string().describe('Name of the table or view.'),
  }),
  text: ({ database, schema, table }) =>
    `Profile the Snowflake table ${database}.${schema}.${table}.

1. Look at its columns with describe_table.
2. With one query over the whole table: COUNT(*), and for each column COUNT(column), APPROX_COUNT_DISTINCT, MIN and MAX where they make sense. For more than 30 columns use several queries. If the table is large, start_query and job_result, and TABLESAMPLE where an estimate is enough.
3. The ten most frequent values of columns with few distinct ones.
4. Tell me in a table: column, type, share of NULLs, distinct values, range or most frequent values. Then what looks wrong (keys that are not unique, columns that are always NULL or constant, dates far off, text that holds numbers) and which columns identify a row.`,
});
