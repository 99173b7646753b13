import type { QueryHistoryEntry } from '../engine/engine.js';
import { scopeFor } from '../wire/login.js';
import { restRoute } from './rest-route.js';
import * as shape from './v1-schemas.js';

const MOST = 10_000;

/** `GET /api/v1/query/history` */
export const HISTORY = restRoute({
  method: 'GET',
  path: '/api/v1/query/history',
  operationId: 'QueryHistory',
  summary:
    'The last statements, newest first; where callers are told apart, their own unless they may monitor the account',
  query: shape.historyQuery,
  answers: { 200: { description: 'Statements.', schema: shape.history }, ...shape.problems },
  async run({ state, caller, query }) {
    const { limit = '100', search, status, session, user, since } = query;
    const from = since === undefined ? 0 : Date.parse(since);
    const wanted = search?.toLowerCase();
    const all = state.engine.monitorsAccount({ user: caller.user, ...scopeFor(caller, state.access) });
    const queries = state.engine
      .recentQueries(MOST)
      .filter((entry) => all || entry.user === caller.user)
      .filter((entry) => entry.startedAt >= from)
      .filter((entry) => user === undefined || entry.user === user.toUpperCase())
      .filter((entry) => session === undefined || entry.sessionId === session)
      .filter((entry) => status === undefined || statusOf(entry) === status)
      .filter((entry) => wanted === undefined || entry.text.toLowerCase().includes(wanted))
      .slice(0, Number(limit));
    return { status: 200, body: { queries: queries.map(shown) } };
  },
});

function statusOf({ status }: QueryHistoryEntry): 'running' | 'succeeded' | 'failed' {
  if (status === 'RUNNING') return 'running';
  return status === 'SUCCESS' ? 'succeeded' : 'failed';
}

function shown(entry: QueryHistoryEntry): object {
  return {
    query_id: entry.queryId,
    session_id: entry.sessionId,
    user: entry.user,
    sql: entry.text,
    query_tag: entry.queryTag,
    status: statusOf(entry),
    error: entry.errorNumber === undefined ? null : { code: entry.errorNumber, message: entry.errorMessage ?? '' },
    started_at: new Date(entry.startedAt).toISOString(),
    execution_time: entry.endedAt === undefined ? null : (entry.endedAt - entry.startedAt) / 1000,
    row_count: entry.rows ?? null,
    query_type: entry.type ?? 'UNKNOWN',
    role: entry.role ?? null,
    warehouse: entry.warehouse ?? null,
    database: entry.database ?? null,
    schema: entry.schema ?? null,
    parent_query_id: entry.parentId ?? null,
    translated_sql: entry.translated ?? null,
    result_reused: entry.reused === true,
  };
}
