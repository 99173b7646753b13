import type { AccessEvent } from '../engine/access-log.js';
import { scopeFor } from '../wire/login.js';
import { restRoute } from './rest-route.js';
import * as shape from './v1-schemas.js';

/** `GET /api/v1/access/log` */
export const ACCESS_LOG = restRoute({
  method: 'GET',
  path: '/api/v1/access/log',
  operationId: 'AccessLog',
  summary: 'The last attempts to log in, to use what one may not, and of other sites to ask; newest first',
  query: shape.accessLogQuery,
  answers: { 200: { description: 'Attempts.', schema: shape.accessLog }, ...shape.problems },
  async run({ state, caller, query }) {
    const { limit = '100', type, user, success } = query;
    const all = state.engine.monitorsAccount({ user: caller.user, ...scopeFor(caller, state.access) });
    const events = state.engine.accessLog
      .latest()
      .filter((event) => all || event.user === caller.user)
      .filter((event) => type === undefined || event.type === type)
      .filter((event) => user === undefined || event.user === user.toUpperCase())
      .filter((event) => success === undefined || String(event.success) === success)
      .slice(0, Number(limit));
    return { status: 200, body: { events: events.map(shown) } };
  },
});

function shown(event: AccessEvent): object {
  return {
    id: event.id,
    at: new Date(event.at).toISOString(),
    type: event.type,
    user: event.user,
    address: event.address,
    client: event.client,
    client_version: event.clientVersion,
    factor: event.factor,
    success: event.success,
    error: event.errorNumber === undefined ? null : { code: event.errorNumber, message: event.errorMessage ?? '' },
    session_id: event.sessionId ?? null,
    query_id: event.queryId ?? null,
    role: event.role ?? null,
  };
}
