import { AsyncResource } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { SnowError } from '../../errors/snow-error.js';
import type { StatementRequest, StatementResult } from '../connection.js';
import { UnconfirmedEnd } from '../unconfirmed-end.js';
import { driverBinds } from './binds.js';
import { rawCells, resultColumn } from './cells.js';
import { contextAfter, type ExactContext } from './context.js';
import type { DriverConnection, DriverError, DriverStatement } from './driver.js';
import { losesSession, statementError } from './errors.js';
import type { Link } from './link.js';
import { deliverRows } from './rows.js';
import { abortError, type Interruption, StatementWatch } from './statement-watch.js';

export interface Session {
  readonly driver: DriverConnection;
  readonly link: Link;
  readonly secrets: readonly string[];
  readonly onLoopback: boolean;
  /** Called when the server says that the session is gone. */
  readonly onLost: () => void;
}

export type RunResult = Omit<StatementResult, 'context'> & { readonly context: ExactContext | undefined };

type Answer = { readonly error: DriverError } | { readonly statement: DriverStatement };

/** How long the warehouse is given to take a cancel and to end the statement after it, in ms. */
const CALL_OFF_MS = 10_000;
/** How long one cancel request is waited for, in ms. */
const CANCEL_REQUEST_MS = 2_000;
/** How long one to a server that gave no sign of life before is waited for, in ms. */
const LAST_TRY_MS = 500;
/** A cancel can reach the server before the statement does; it is repeated after this pause, in ms. */
const CANCEL_AGAIN_MS = 1_000;
const MAX_TAG_LENGTH = 2000;

/** Runs one statement from its request to its last row, or calls it off. */
export async function runStatement(session: Session, request: StatementRequest): Promise<RunResult> {
  if (request.signal?.aborted) throw abortError(request.signal);
  const binds = driverBinds(request.binds);
  // What the caller sets going while it takes the rows is its own: it must not belong to this link, and end with it.
  const onRows = AsyncResource.bind(request.onRows);
  let told = false;
  let statement: DriverStatement | undefined;
  const tellQueryId = (): void => {
    const queryId = statement?.getQueryId();
    if (told || queryId === undefined || queryId === null) return;
    told = true;
    request.onQueryId?.(queryId);
  };

  const watch = new StatementWatch(session.link, {
    timeoutMs: request.timeoutMs,
    stallMs: request.stallMs,
    signal: request.signal,
    onLoopback: session.onLoopback,
    probe: (limitMs) => probe(session, limitMs),
    onLook: tellQueryId,
  });
  try {
    const answered = new Promise<Answer>((resolve) => {
      session.link.run(() => {
        statement = session.driver.execute({
          sqlText: request.sql,
          ...(binds === undefined ? {} : { binds }),
          requestId: request.requestId,
          parameters: statementParameters(request),
          streamResult: true,
          rowMode: 'array',
          complete: (error, done) => resolve(error ? { error } : { statement: done }),
        });
      });
    }).catch((error: unknown): Answer => ({ error: error as DriverError }));

    const answer = await Promise.race([answered, watch.interrupted.catch(() => undefined)]);
    const final =
      answer ?? (await endInterrupted(session, watch.interruption as Interruption, request, statement, answered));
    tellQueryId();
    if ('error' in final) throw failure(session, final.error);
    return await collect(session, { ...request, onRows }, final.statement, watch);
  } finally {
    watch.stop();
  }
}

/** Any answer is a sign of life, also a no. */
function probe({ link, driver }: Session, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), limitMs);
    link.aside().run(() =>
      driver.heartbeat((error) => {
        clearTimeout(timer);
        resolve(!error || error.name === 'OperationFailedError');
      }),
    );
  });
}

function statementParameters(request: StatementRequest): Readonly<Record<string, unknown>> {
  return {
    ...(request.queryTag === '' ? {} : { QUERY_TAG: request.queryTag.slice(0, MAX_TAG_LENGTH) }),
    STATEMENT_TIMEOUT_IN_SECONDS: Math.max(1, Math.ceil(request.timeoutMs / 1000)),
    // A read whose process died serves nobody; a write goes on, and whoever takes its job over asks for its outcome.
    ABORT_DETACHED_QUERY: request.write !== true,
    // An account may allow several statements in one by default; here it is one, whatever the guard overlooked.
    MULTI_STATEMENT_COUNT: 1,
  };
}

async function collect(
  session: Session,
  request: StatementRequest,
  statement: DriverStatement,
  watch: StatementWatch,
): Promise<RunResult> {
  const rowsAffected = affectedBy(statement);
  const columns = statement.getColumns() ?? [];
  const rowCount = statement.getNumRows() ?? 0;
  // A success that came before the cancel wins; only a read's result that would still have to be fetched is given up.
  const whole = request.write === true || rowsAffected !== undefined || rowCount <= 1;
  const settled = watch.interruption !== undefined && whole;
  if (watch.interruption !== undefined && !settled) throw watch.interruption.error;

  const interrupted = settled ? new Promise<never>(() => {}) : watch.interrupted;
  try {
    const delivered = await session.link.run(() =>
      deliverRows(statement, rawCells(columns), request, request.onRows, interrupted),
    );
    return {
      queryId: statement.getQueryId() ?? '',
      columns: columns.map(resultColumn),
      ...delivered,
      ...(rowsAffected === undefined ? {} : { rowsAffected }),
      context: contextAfter(statement),
    };
  } catch (thrown) {
    if (thrown instanceof SnowError || !isDriverError(thrown)) throw thrown;
    throw failure(session, thrown);
  }
}

function isDriverError(thrown: unknown): thrown is DriverError {
  return thrown instanceof Error && 'code' in thrown;
}

function affectedBy(statement: DriverStatement): number | undefined {
  try {
    const count = statement.getNumUpdatedRows();
    return count === undefined || count < 0 || Number.isNaN(count) ? undefined : count;
  } catch {
    // The driver asserts that a DML result is one chunk; the count is a courtesy, the rows are there all the same.
    return undefined;
  }
}

function failure(session: Session, error: DriverError): SnowError {
  if (losesSession(error)) session.onLost();
  return statementError(error, session.secrets);
}

async function endInterrupted(
  session: Session,
  interruption: Interruption,
  request: StatementRequest,
  statement: DriverStatement | undefined,
  answered: Promise<Answer>,
): Promise<Answer> {
  if (interruption.cause !== 'stalled') return await callOff(session, interruption, statement, answered);
  // Who asks for a write's outcome later must not find it cancelled; a read's end frees the warehouse.
  const cancelled =
    statement === undefined || request.write === true
      ? false
      : await Promise.race([cancel(session.link, statement, LAST_TRY_MS), answered]);
  if (typeof cancelled === 'object') return orInterruption(cancelled, interruption);
  session.link.sever();
  session.onLost();
  throw interruption.error;
}

/**
 * Cancels an interrupted statement in the warehouse and waits until it ended there. Resolves with the statement's
 * answer if that is not the cancellation itself: it came first. Gives the connection up when the server cannot be told.
 */
async function callOff(
  session: Session,
  interruption: Interruption,
  statement: DriverStatement | undefined,
  answered: Promise<Answer>,
): Promise<Answer> {
  const until = performance.now() + CALL_OFF_MS;
  let reached = false;
  while (statement !== undefined && performance.now() < until) {
    const cancelled = await Promise.race([cancel(session.link, statement, CANCEL_REQUEST_MS), answered]);
    if (typeof cancelled === 'object') return orInterruption(cancelled, interruption);
    reached ||= cancelled;
    if (!cancelled) break;
    const answer = await Promise.race([answered, delay(CANCEL_AGAIN_MS, undefined)]);
    if (answer !== undefined) return orInterruption(answer, interruption);
  }
  session.link.sever();
  session.onLost();
  throw unconfirmed(interruption, reached);
}

/** True once the server took the cancel request, false when it did not within `limitMs`. */
function cancel(link: Link, statement: DriverStatement, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), limitMs);
    link.run(() =>
      statement.cancel((error) => {
        clearTimeout(timer);
        // A server that answers, if only to say that there is nothing to cancel, was told.
        resolve(!error || error.name === 'OperationFailedError');
      }),
    );
  });
}

function orInterruption(answer: Answer, interruption: Interruption): Answer {
  const isCancellation = 'error' in answer && ['000604', '000630'].includes(String(answer.error.code));
  if (isCancellation) throw withQueryId(interruption.error, answer.error.data?.queryId);
  return answer;
}

function withQueryId(error: SnowError, queryId: unknown): SnowError {
  return typeof queryId === 'string' ? new SnowError({ ...error.data, queryId }) : error;
}

function unconfirmed(interruption: Interruption, reached: boolean): SnowError {
  const { cause, error } = interruption;
  if (reached)
    return new UnconfirmedEnd({
      ...error.data,
      hint: 'The warehouse was told to cancel it but has not confirmed that it ended.',
    });
  if (cause === 'aborted')
    return new UnconfirmedEnd({
      ...error.data,
      hint: 'The warehouse could not be told; the statement may still run there.',
    });
  return new SnowError({
    code: 'CONNECTION_FAILED',
    message: `${error.message.replace(/ and was cancelled\.$/, '')}, and the warehouse does not answer.`,
    hint: 'Check the network and the state of the warehouse; whether the statement ran is not known.',
  });
}
