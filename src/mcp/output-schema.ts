import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { ERROR_CODES } from '../errors/snow-error.js';

/** `ErrorData` as a schema: what a result with `isError` carries as structured content. */
export const errorSchema = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  hint: z.string().optional(),
  retryAfterMs: z.number().optional(),
  number: z.string().optional(),
  sqlState: z.string().optional(),
  line: z.number().optional(),
  position: z.number().optional(),
  queryId: z.string().optional(),
  job_id: z.string().optional(),
});

/**
 * A tool's output schema as it is listed: an object that is either the answer or an error. Clients of the 2025 era check
 * structured content against the schema even when `isError` is set, and a union has no `type` at its root, which both eras
 * want there; so the two lie in one object with two sets of required members. Only answers are checked on the way out.
 */
export function answerOrError(answer: z.ZodObject): StandardSchemaWithJSON<unknown, unknown> {
  const either = z
    .looseObject({ ...errorSchema.partial().shape, ...answer.partial().shape })
    .meta({ anyOf: [{ required: requiredOf(answer) }, { required: requiredOf(errorSchema) }] });
  return {
    '~standard': {
      version: 1,
      vendor: 'mcp-snow',
      validate: answer['~standard'].validate as (
        value: unknown,
      ) => ReturnType<StandardSchemaWithJSON<unknown, unknown>['~standard']['validate']>,
      jsonSchema: either['~standard'].jsonSchema,
    },
  };
}

function requiredOf(schema: z.ZodObject): string[] {
  return Object.entries(schema.shape)
    .filter(([, member]) => !(member instanceof z.ZodOptional))
    .map(([name]) => name);
}
