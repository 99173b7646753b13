import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { listedSchema } from './listed-schema.js';

/**
 * The part of `ErrorData` that every error has or may have, as clients see it: what a result with `isError` carries as
 * structured content. More members, such as Snowflake's own number, may follow.
 */
export const errorSchema = z.looseObject({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  retryAfterMs: z.number().optional(),
});

/**
 * A tool's output schema as it is listed: an object that is either the answer or an error. Clients of the 2025 era check
 * structured content against the schema even when `isError` is set, and a union has no `type` at its root, which both eras
 * want there; so the two lie in one object with two sets of required members. Only answers are checked on the way out.
 */
export function answerOrError(answer: z.ZodObject): StandardSchemaWithJSON {
  const either = z
    .looseObject({ ...errorSchema.partial().shape, ...answer.partial().shape })
    .meta({ anyOf: [{ required: requiredOf(answer) }, { required: requiredOf(errorSchema) }] });
  return listedSchema(either, answer['~standard'].validate);
}

function requiredOf(schema: z.ZodObject): string[] {
  return Object.entries(schema.shape)
    .filter(([, member]) => !(member instanceof z.ZodOptional))
    .map(([name]) => name);
}
