import type { BindValue } from '../engine/engine.js';
import type { WireState } from '../wire/exchange.js';
import type { Query, QueryRequest, QueryResult } from '../wire/query.js';
import { notExecuting, queryNotFound } from '../wire/wire-failure.js';
import type { Caller } from './caller.js';
import { sendEvents } from './events.js';
import { nativeValue } from './native-value.js';
import { assertNoFileTransfer } from './no-file-transfer.js';
import { startInOwnSession } from './own-session-statement.js';
import { firstRows } from './partitions.js';
import { problemDetails } from './problem-details.js';
import { RestProblem, toldProblem } from './rest-problem.js';
import { type RestAnswer, type RestRoute, restRoute } from './rest-route.js';
import { settledWithin } from './settled-within.js';
import * as shape from './v1-schemas.js';

const PATH = '/api/v1/query';
const DEFAULT_ROWS = 10_000;

const answers = {
  200: { description: 'It ended well.', schema: shape.queryResult },
  202: { description: 'It is under way.', schema: shape.queryRunning },
  ...shape.problems,
};

const ask = restRoute({
  method: 'POST',
  path: PATH,
  operationId: 'Query',
  summary: 'Runs a statement; with Accept: text/event-stream its progress comes as server-sent events',
  query: shape.nothing,
  body: shape.queryBody,
  answers,
  async run({ exchange, state, sessions, caller, body }) {
    const { sql, session, binds, timeout, max_rows: most = DEFAULT_ROWS } = body;
    assertNoFileTransfer(sql);
    const request: QueryRequest = {
      text: sql,
      ...(binds !== undefined && { binds: bindsOf(binds) }),
      ...(timeout !== undefined && { parameters: { STATEMENT_TIMEOUT_IN_SECONDS: timeout } }),
    };
    if (session !== undefined && (body.database ?? body.schema ?? body.warehouse ?? body.role) !== undefined)
      throw new RestProblem(
        400,
        '390400',
        'A session has its own database, schema, warehouse and role: use USE there.',
      );
    const query =
      session === undefined
        ? await startInOwnSession(state, caller, body, request)
        : state.queries.start(sessions.use(session, caller).wire.engine, request);
    if (body.async === true) return running(query);
    if (/\btext\/event-stream\b/.test(exchange.request.headers.accept ?? '')) {
      await sendEvents(exchange.response, query, async () => (await outcome(state, query, most)).body as object);
      return undefined;
    }
    await settledWithin(query, state.options.longPollMs, exchange.response);
    return query.running ? running(query) : await outcome(state, query, most);
  },
});

const look = restRoute({
  method: 'GET',
  path: `${PATH}/{query_id}`,
  operationId: 'GetQuery',
  summary: 'How a statement stands, and its rows once it has ended',
  query: shape.rowsQuery,
  answers,
  async run({ state, caller, path, query: { max_rows: asked } }) {
    const query = known(state, caller, path.query_id ?? '');
    const most = Math.min(Number(asked ?? DEFAULT_ROWS), shape.MOST_ROWS);
    return query.running ? running(query) : await outcome(state, query, most);
  },
});

const events = restRoute({
  method: 'GET',
  path: `${PATH}/{query_id}/events`,
  operationId: 'GetQueryEvents',
  summary: 'The progress of a statement as server-sent events: progress, then completed or failed',
  query: shape.nothing,
  answers: {
    200: { description: 'Events until it has ended.', schema: shape.eventStream, contentType: 'text/event-stream' },
    ...shape.problems,
  },
  async run({ exchange, state, caller, path }) {
    const query = known(state, caller, path.query_id ?? '');
    await sendEvents(exchange.response, query, async () => (await outcome(state, query, 0)).body as object);
    return undefined;
  },
});

const cancel = restRoute({
  method: 'POST',
  path: `${PATH}/{query_id}/cancel`,
  operationId: 'CancelQuery',
  summary: 'Cancels a statement',
  query: shape.nothing,
  answers: { 200: { description: 'It is cancelled.', schema: shape.cancelled }, ...shape.problems },
  async run({ state, caller, path }) {
    const query = known(state, caller, path.query_id ?? '');
    if (!query.cancel()) throw notExecuting();
    await query.settled;
    return { status: 200, body: { success: true, query_id: query.id, status: 'cancelled' } };
  },
});

export const QUERY_ROUTES: readonly RestRoute[] = [ask, look, events, cancel];

function known(state: WireState, caller: Caller, id: string): Query {
  const query = state.queries.find(id, caller.user);
  if (query === undefined) throw queryNotFound(id);
  return query;
}

function bindsOf(values: readonly (string | number | boolean | null)[]): Record<string, BindValue> {
  return Object.fromEntries(values.map((value, i) => [String(i + 1), bindOf(value)]));
}

function bindOf(value: string | number | boolean | null): BindValue {
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'FIXED' : 'REAL', value: String(value) };
  if (typeof value === 'boolean') return { type: 'BOOLEAN', value: String(value) };
  return { type: 'TEXT', value };
}

const secondsOf = (query: Query) => ((query.endedAt ?? Date.now()) - query.startedAt) / 1000;

function running(query: Query): RestAnswer {
  return {
    status: 202,
    headers: { Location: `${PATH}/${query.id}` },
    body: { success: true, query_id: query.id, status: 'running', execution_time: secondsOf(query) },
  };
}

async function outcome(state: WireState, query: Query, most: number): Promise<RestAnswer> {
  const { result } = query;
  if (result === undefined) return problemDetails(toldProblem(query.error), query.id);
  state.queries.assertWhole(query);
  return {
    status: 200,
    body: {
      success: true,
      query_id: result.queryId,
      status: 'succeeded',
      ...(await rowsOf(state, result, most)),
      execution_time: secondsOf(query),
    },
  };
}

async function rowsOf(state: WireState, result: QueryResult, most: number): Promise<object> {
  const names = distinct(result.columns.map(({ name }) => name));
  const rows = await firstRows(state.results, result, most);
  return {
    columns: result.columns.map(({ type, nullable }, i) => ({ name: names[i], type: type.name, nullable })),
    data: rows.map((row) =>
      Object.fromEntries(result.columns.map(({ type }, i) => [names[i], nativeValue(row[i] ?? null, type)])),
    ),
    row_count: result.rows.totalRows,
    truncated: rows.length < result.rows.totalRows,
  };
}

/** Names that come again are numbered: an object has each key once. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let n = 2; taken.has(free); n++) free = `${name}_${n}`;
    taken.add(free);
    return free;
  });
}
