import { z } from 'zod';
import { HEALTH } from './health-description.js';
import { type RestRoute, restRoute } from './rest-route.js';

/** `GET /api/openapi.json`: `routes` gives what there is, this one included. */
export function openApiRoute(routes: () => readonly RestRoute[]): RestRoute {
  return restRoute({
    method: 'GET',
    path: '/api/openapi.json',
    operationId: 'GetOpenApi',
    summary: 'This description',
    query: z.object({}),
    answers: { 200: { description: 'OpenAPI 3.1', schema: z.looseObject({ openapi: z.string() }) } },
    async run({ state }) {
      const { openApiOf } = await import('./openapi.js');
      return { status: 200, body: openApiOf([...routes(), HEALTH], state.options.version) };
    },
  });
}
