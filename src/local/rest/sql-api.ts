import { STATEMENT_TYPE } from '../engine/command.js';
import type { WireState } from '../wire/exchange.js';
import { parametersOf } from '../wire/login.js';
import type { Query, QueryRequest, QueryResult } from '../wire/query.js';
import { rowTypeItem } from '../wire/row-type.js';
import { notExecuting, queryNotFound } from '../wire/wire-failure.js';
import type { Caller } from './caller.js';
import { assertNoFileTransfer } from './no-file-transfer.js';
import { startInOwnSession } from './own-session-statement.js';
import { mappedRows, parsedRows, partitionRows, partitionsOf } from './partitions.js';
import { RestProblem, toldProblem } from './rest-problem.js';
import { type RestAnswer, type RestRoute, restRoute } from './rest-route.js';
import { settledWithin } from './settled-within.js';
import * as shape from './sql-api-schemas.js';

const PATH = '/api/v2/statements';
const MAX_TIMEOUT_S = 604_800;

/** Statements whose NULLs were asked for as text. */
const nullsAsText = new WeakSet<object>();

const failure = (description: string) => ({ description, schema: shape.failureStatus });

const failures = {
  400: failure('The request is not what it should be.'),
  401: failure('Nobody is known by these credentials.'),
  403: failure('Web pages of other sites are not let in.'),
  404: failure('There is no such statement, or no longer.'),
  408: failure('The statement took longer than its time-out and was cancelled.'),
  413: failure('The body is too large.'),
  415: failure('The body is not sent as JSON.'),
  422: failure('The statement failed.'),
  429: failure('Too many sessions or statements at once.'),
  500: failure('Internal error.'),
};

const running = { description: 'The statement is under way.', schema: shape.queryStatus };

const submit = restRoute({
  method: 'POST',
  path: PATH,
  operationId: 'SubmitStatement',
  summary: 'Runs one or more statements',
  query: shape.submitQuery,
  body: shape.submitBody,
  answers: { 200: { description: 'It ended well.', schema: shape.resultSet }, 202: running, ...failures },
  async run({ exchange, state, caller, query: asked, body }) {
    const { requestId } = asked;
    assertNoFileTransfer(body.statement);
    const timeout = body.timeout === 0 ? MAX_TIMEOUT_S : body.timeout;
    const request: QueryRequest = {
      text: body.statement,
      ...(requestId !== undefined && { requestId }),
      ...(body.bindings !== undefined && { binds: body.bindings }),
      parameters: {
        ...parametersOf(body.parameters),
        ...(timeout !== undefined && { STATEMENT_TIMEOUT_IN_SECONDS: timeout }),
      },
    };
    const query = await startInOwnSession(state, caller, body, request);
    if (asked.nullable === 'false') nullsAsText.add(query);
    if (asked.async === 'true') return inProgress(query, true);
    await settledWithin(query, state.options.longPollMs, exchange.response);
    return await settledAnswer(state, query, 0, requestId);
  },
});

const look = restRoute({
  method: 'GET',
  path: `${PATH}/{statementHandle}`,
  operationId: 'GetStatementStatus',
  summary: 'How a statement stands, or a partition of its rows',
  query: shape.resultQuery,
  answers: {
    200: {
      description: 'It ended well. A partition after the first is its data alone.',
      schema: shape.resultSet.or(shape.partition),
    },
    202: running,
    ...failures,
  },
  async run({ state, caller, path, query: asked }) {
    const handle = path.statementHandle ?? '';
    const part = Number(asked.partition ?? 0);
    const child = state.queries.childResult(handle, caller.user);
    if (child !== undefined) return await resultAnswer(state, child, Date.now(), part, false, asked.requestId);
    return await settledAnswer(state, known(state, caller, handle), part, asked.requestId);
  },
});

const cancel = restRoute({
  method: 'POST',
  path: `${PATH}/{statementHandle}/cancel`,
  operationId: 'CancelStatement',
  summary: 'Cancels a statement',
  query: shape.cancelQuery,
  answers: { 200: { description: 'It is cancelled.', schema: shape.cancelStatus }, ...failures },
  async run({ state, caller, path }) {
    const query = known(state, caller, path.statementHandle ?? '');
    if (!query.cancel()) throw notExecuting();
    await query.settled;
    return {
      status: 200,
      body: {
        code: '000604',
        sqlState: '57014',
        message: 'Statement canceled successfully.',
        statementHandle: query.id,
        statementStatusUrl: statusUrl(query.id),
      },
    };
  },
});

export const SQL_API: readonly RestRoute[] = [submit, look, cancel];

function known(state: WireState, caller: Caller, handle: string): Query {
  const query = state.queries.find(handle, caller.user);
  if (query === undefined) throw queryNotFound(handle);
  return query;
}

function statusUrl(handle: string, requestId?: string): string {
  return `${PATH}/${handle}${requestId === undefined ? '' : `?requestId=${requestId}`}`;
}

function inProgress(query: Query, asynchronous: boolean): RestAnswer {
  return {
    status: 202,
    body: {
      code: asynchronous ? '333334' : '333333',
      sqlState: '00000',
      message: asynchronous
        ? 'Asynchronous execution in progress. Use provided query id to perform query monitoring and management.'
        : 'Statement execution in progress. Use provided query id to perform query monitoring and management.',
      statementHandle: query.id,
      statementStatusUrl: statusUrl(query.id, query.requestId),
      createdOn: query.startedAt,
    },
  };
}

async function settledAnswer(
  state: WireState,
  query: Query,
  part: number,
  requestId: string | undefined,
): Promise<RestAnswer> {
  if (query.running) return inProgress(query, false);
  const { result } = query;
  if (result !== undefined) {
    state.queries.assertWhole(query);
    return await resultAnswer(state, result, query.startedAt, part, nullsAsText.has(query), requestId);
  }
  const { status, code, sqlState, message, headers } = toldProblem(query.error);
  return {
    status,
    headers,
    body: {
      code,
      sqlState,
      message,
      statementHandle: query.id,
      statementStatusUrl: statusUrl(query.id, requestId),
      createdOn: query.startedAt,
    },
  };
}

async function resultAnswer(
  state: WireState,
  result: QueryResult,
  createdOn: number,
  part: number,
  nulls: boolean,
  requestId: string | undefined,
): Promise<RestAnswer> {
  const partitionInfo = partitionsOf(result);
  const rows = part < partitionInfo.length ? await partitionRows(state.results, result, part) : undefined;
  if (rows === undefined)
    throw new RestProblem(
      400,
      '390400',
      `There is no partition ${part}: they go from 0 to ${partitionInfo.length - 1}.`,
    );
  const shown = inJsonV2(result, rows, nulls);
  const headers = { Link: links(result.queryId, part, partitionInfo.length) };
  if (part > 0) return { status: 200, headers, body: [Buffer.from('{"data":['), ...shown, Buffer.from(']}')] };
  const stats = statsOf(result);
  const head = {
    resultSetMetaData: {
      numRows: result.rows.totalRows,
      format: 'jsonv2',
      partitionInfo,
      rowType: result.columns.map(rowTypeItem),
    },
    code: '090001',
    sqlState: '00000',
    message: 'Statement executed successfully.',
    statementHandle: result.queryId,
    ...(result.children.length > 0 && { statementHandles: result.children.map((child) => child.queryId) }),
    statementStatusUrl: statusUrl(result.queryId, requestId),
    createdOn,
    ...(stats !== undefined && { stats }),
  };
  const opening = `${JSON.stringify(head).slice(0, -1)},"data":[`;
  return { status: 200, headers, body: [Buffer.from(opening), ...shown, Buffer.from(']}')] };
}

/** The wire's cells with truth values as words. */
function inJsonV2(result: QueryResult, rows: readonly Buffer[], nulls: boolean): readonly Buffer[] {
  const truth = result.columns.map(({ type }) => type.name === 'BOOLEAN');
  if (!nulls && !truth.includes(true)) return rows;
  return mappedRows(rows, (cell, column) => {
    if (cell === null) return nulls ? 'null' : null;
    if (truth[column] !== true) return cell;
    return cell === '1' || cell === 'true' ? 'true' : 'false';
  });
}

function links(handle: string, part: number, parts: number): string {
  const to = (index: number, rel: string) => `<${PATH}/${handle}?partition=${index}>; rel="${rel}"`;
  return [
    to(0, 'first'),
    ...(part > 0 ? [to(part - 1, 'prev')] : []),
    ...(part < parts - 1 ? [to(part + 1, 'next')] : []),
    to(parts - 1, 'last'),
  ].join(', ');
}

/** Rows changed, by the columns of the count row that a DML statement answers. */
function statsOf(result: QueryResult): object | undefined {
  const { statementTypeId } = result;
  if (statementTypeId < STATEMENT_TYPE.insert || statementTypeId > STATEMENT_TYPE.multiInsert) return undefined;
  const counts = parsedRows(result.rows.inline)[0] ?? [];
  const sum = (pattern: RegExp) =>
    result.columns.reduce((total, { name }, i) => total + (pattern.test(name) ? Number(counts[i]) : 0), 0);
  return {
    numRowsInserted: sum(/^number of rows inserted/),
    numRowsUpdated: sum(/^number of rows updated/),
    numRowsDeleted: sum(/^number of rows deleted/),
    numDuplicateRowsUpdated: sum(/^number of multi-joined rows updated/),
  };
}
