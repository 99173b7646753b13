import * as z from 'zod';
import type { Listing } from '../gateway/requests.js';

/** Objects of a listing have a name; what else is known of them depends on the kind and on the warehouse. */
const listedObject = z.looseObject({ name: z.string() });

export const pageArguments = {
  limit: z.int().min(1).max(1_000).optional().describe('Objects in one page (100).'),
  cursor: z.string().optional().describe('next_cursor of the page before.'),
};

export const likeArgument = z
  .string()
  .optional()
  .describe('SQL LIKE pattern on the name: % for any text, _ for one character; case does not matter.');

export const sessionArgument = z.string().optional().describe('Name of the session whose context applies (default).');

export function listingSchema<Name extends string>(name: Name) {
  return z.object({
    [name]: z.array(listedObject),
    next_cursor: z.string().optional().describe('There are more: give it as cursor.'),
    stale: z.boolean().optional().describe('Snowflake cannot be asked at the moment: it was so at as_of.'),
    as_of: z.string().optional(),
  });
}

/** A page of a listing under the plural of what it lists. */
export function listingAnswer(name: string, { items, ...rest }: Listing): { answer: object } {
  return { answer: { [name]: items, ...rest } };
}
