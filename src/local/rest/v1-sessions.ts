import { parametersOf } from '../wire/login.js';
import { type RestRoute, restRoute } from './rest-route.js';
import type { RestSession } from './rest-sessions.js';
import * as shape from './v1-schemas.js';

const PATH = '/api/v1/sessions';
const DEFAULT_TTL_S = 3600;

const one = { description: 'The session.', schema: shape.session };

const create = restRoute({
  method: 'POST',
  path: PATH,
  operationId: 'CreateSession',
  summary: 'Opens a session, with temporary objects, variables and transactions of its own',
  query: shape.nothing,
  body: shape.sessionBody,
  answers: { 201: one, ...shape.problems },
  async run({ sessions, caller, body }) {
    const { parameters, storage = 'persistent', ttl = DEFAULT_TTL_S } = body;
    const session = await sessions.create(caller, body, parametersOf(parameters), storage, ttl * 1000);
    return { status: 201, headers: { Location: `${PATH}/${session.id}` }, body: shown(session) };
  },
});

const list = restRoute({
  method: 'GET',
  path: PATH,
  operationId: 'ListSessions',
  summary: 'The sessions of the caller that were opened here',
  query: shape.nothing,
  answers: { 200: { description: 'The sessions.', schema: shape.sessions }, ...shape.problems },
  async run({ sessions, caller }) {
    return { status: 200, body: { sessions: sessions.list(caller).map(shown) } };
  },
});

const look = restRoute({
  method: 'GET',
  path: `${PATH}/{session_id}`,
  operationId: 'GetSession',
  summary: 'A session; its time begins anew',
  query: shape.nothing,
  answers: { 200: one, ...shape.problems },
  async run({ sessions, caller, path }) {
    return { status: 200, body: shown(sessions.use(path.session_id ?? '', caller)) };
  },
});

const end = restRoute({
  method: 'DELETE',
  path: `${PATH}/{session_id}`,
  operationId: 'DeleteSession',
  summary: 'Ends a session: cancels what it has running, rolls back, drops what is its own',
  query: shape.nothing,
  answers: { 200: { description: 'It has ended.', schema: shape.ended }, ...shape.problems },
  async run({ sessions, caller, path }) {
    const id = path.session_id ?? '';
    await sessions.end(id, caller);
    return { status: 200, body: { success: true, session_id: id } };
  },
});

export const SESSION_ROUTES: readonly RestRoute[] = [create, list, look, end];

function shown({ id, user, storage, ttlMs, createdAt, expiresAt, wire }: RestSession): object {
  const { context } = wire.engine;
  return {
    session_id: id,
    storage,
    user,
    database: context.database ?? null,
    schema: context.schema ?? null,
    warehouse: context.warehouse ?? null,
    role: context.role ?? null,
    ttl: ttlMs / 1000,
    created_at: new Date(createdAt).toISOString(),
    expires_at: new Date(expiresAt).toISOString(),
  };
}
