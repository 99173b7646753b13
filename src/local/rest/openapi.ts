import { z } from 'zod';
import type { RestOperation } from './rest-route.js';

const schemaOf = (schema: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io }) as Record<string, unknown>;
  return rest;
};

interface ObjectSchema {
  readonly properties?: Record<string, { readonly description?: string }>;
  readonly required?: readonly string[];
}

/** The OpenAPI 3.1 document of these routes, from the schemas that check their requests. */
export function openApiOf(routes: readonly RestOperation[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'The local Snowflake of mcp-snow', version },
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        session: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'Snowflake Token="…"' },
      },
    },
    security: [{}, { bearer: [] }, { apiKey: [] }, { session: [] }],
  };
}

function operation(route: RestOperation): object {
  const { properties = {}, required = [] } = schemaOf(route.query, 'input') as ObjectSchema;
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }));
  const answers = Object.entries(route.answers).map(([status, { description, schema, contentType }]) => [
    status,
    { description, content: { [contentType ?? 'application/json']: { schema: schemaOf(schema, 'output') } } },
  ]);
  return {
    operationId: route.operationId,
    summary: route.summary,
    parameters: [...inPath, ...inQuery],
    ...(route.body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } },
    }),
    responses: Object.fromEntries(answers),
  };
}
