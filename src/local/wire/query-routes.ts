import { setTimeout as delay } from 'node:timers/promises';
import type { BindValue } from '../engine/engine.js';
import { answerOf, inProgressAnswer } from './answer.js';
import type { Exchange, WireState } from './exchange.js';
import { parametersOf } from './login.js';
import { packed } from './packing.js';
import type { Query, QueryRequest, QueryResult } from './query.js';
import { type Envelope, failureOf, sendJson, sendJsonText, succeeded } from './reply.js';
import { isObject, type JsonObject } from './request-body.js';
import { malformedRequest, notExecuting, queryNotFound } from './wire-failure.js';
import type { WireSession } from './wire-sessions.js';

function isBindText(value: unknown): value is string | null {
  return typeof value === 'string' || value === null;
}

function bindsOf(value: unknown): Readonly<Record<string, BindValue>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw malformedRequest('`bindings` is not an object.');
  for (const [name, bind] of Object.entries(value)) {
    const known =
      isObject(bind) &&
      typeof bind.type === 'string' &&
      (isBindText(bind.value) || (Array.isArray(bind.value) && bind.value.every(isBindText)));
    if (!known) throw malformedRequest(`binding ${name} is not { type, value }.`);
  }
  return value as Readonly<Record<string, BindValue>>;
}

function queryRequestOf(body: JsonObject, requestId: string | null): QueryRequest {
  const { sqlText, bindings, bindStage, parameters, describeOnly, isInternal } = body;
  if (typeof sqlText !== 'string') throw malformedRequest('`sqlText` is missing.');
  const binds = bindsOf(bindings);
  return {
    text: sqlText,
    ...(requestId !== null && requestId !== '' && { requestId }),
    ...(binds !== undefined && { binds }),
    ...(typeof bindStage === 'string' && bindStage !== '' && { bindStage }),
    ...(isObject(parameters) && { parameters: parametersOf(parameters) }),
    ...(describeOnly === true && { describeOnly: true }),
    ...(isInternal === true && { internal: true }),
  };
}

/** `POST /queries/v1/query-request` */
export async function queryRequest(exchange: Exchange, state: WireState): Promise<void> {
  const session = exchange.session();
  const body = await exchange.body();
  const request = queryRequestOf(body, exchange.url.searchParams.get('requestId'));
  const query = state.queries.start(session.engine, request);
  if (body.asyncExec === true)
    sendJson(
      exchange.response,
      inProgressAnswer(query.id, true, state.queries.timeoutMs(request.parameters, session.engine.parameters)),
    );
  else await answerWhenSettled(exchange, state, session, query);
}

/** `GET /queries/<id>/result` */
export async function queryResult(exchange: Exchange, state: WireState, queryId: string): Promise<void> {
  const session = exchange.session();
  const child = state.queries.childResult(queryId, session.engine.user);
  if (child !== undefined) return await sendResult(exchange, state, session, child);
  const query = state.queries.find(queryId, session.engine.user);
  if (query === undefined) throw queryNotFound(queryId);
  return await answerWhenSettled(exchange, state, session, query);
}

async function answerWhenSettled(
  exchange: Exchange,
  state: WireState,
  session: WireSession,
  query: Query,
): Promise<void> {
  const { response } = exchange;
  if (query.running) {
    const over = new AbortController();
    const away = () => over.abort();
    response.once('close', away);
    const leave = query.attend();
    await Promise.race([
      query.settled,
      delay(state.options.longPollMs, undefined, { signal: over.signal }).catch(() => {}),
    ]);
    response.off('close', away);
    over.abort();
    leave();
  }
  session.lastUsedAt = Date.now();
  if (query.running)
    return sendJson(
      response,
      inProgressAnswer(query.id, false, state.queries.timeoutMs(undefined, session.engine.parameters)),
    );
  if (query.result === undefined) return sendJson(response, failureOf(query.error, query.id));
  state.queries.assertWhole(query);
  return await sendResult(exchange, state, session, query.result);
}

async function sendResult(
  exchange: Exchange,
  state: WireState,
  session: WireSession,
  result: QueryResult,
): Promise<void> {
  const pieces = answerOf(result, session, exchange.baseUrl);
  sendJsonText(exchange.response, await packed(pieces, exchange, state));
}

/** `POST /queries/v1/abort-request`: by request id, for who has no query id yet. */
export async function abortByRequestId(exchange: Exchange, state: WireState): Promise<Envelope> {
  const { engine } = exchange.session();
  const { requestId } = await exchange.body();
  if (typeof requestId !== 'string') throw malformedRequest('`requestId` is missing.');
  if (!state.queries.cancelByRequestId(requestId, engine.user)) throw notExecuting();
  return succeeded();
}

/** `POST /queries/<id>/abort-request` */
export async function abortByQueryId(exchange: Exchange, state: WireState, queryId: string): Promise<Envelope> {
  const { engine } = exchange.session();
  const query = state.queries.find(queryId, engine.user);
  if (query === undefined) throw queryNotFound(queryId);
  if (!query.cancel()) throw notExecuting();
  return succeeded();
}

/** `GET /monitoring/queries/<id>`: also of statements that an earlier process ran. No rows for an unknown id. */
export async function monitoring(exchange: Exchange, state: WireState, queryId: string): Promise<Envelope> {
  const { engine } = exchange.session();
  const query = state.queries.find(queryId, engine.user);
  if (query !== undefined) return succeeded({ queries: [statusOf(query)] });
  const past = await state.engine.history(queryId);
  if (past === undefined || past.user !== engine.user) return succeeded({ queries: [] });
  return succeeded({
    queries: [
      {
        id: past.queryId,
        sessionId: past.sessionId,
        status: past.status,
        startTime: past.startedAt,
        endTime: past.endedAt ?? 0,
        errorCode: past.errorNumber ?? null,
        errorMessage: past.errorMessage ?? null,
      },
    ],
  });
}

function statusOf(query: Query) {
  const failure = query.running || query.result !== undefined ? undefined : failureOf(query.error, query.id);
  return {
    id: query.id,
    sessionId: query.sessionId,
    status: query.running ? 'RUNNING' : failure === undefined ? 'SUCCESS' : 'FAILED_WITH_ERROR',
    startTime: query.startedAt,
    endTime: query.endedAt ?? 0,
    errorCode: failure?.code ?? null,
    errorMessage: failure?.message ?? null,
  };
}
