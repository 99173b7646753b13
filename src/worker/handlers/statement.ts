import { randomUUID } from 'node:crypto';
import { type ErrorData, errorDataOf, SnowError } from '../../errors/snow-error.js';
import { type BackoffPolicy, backoffMs, retryPolicy } from '../../resilience/backoff.js';
import { retry } from '../../resilience/retry.js';
import type { RetryBudget } from '../../resilience/retry-budget.js';
import type { JobUsage, Json } from '../../store/job.js';
import type { ClaimedJob, Settlement } from '../../store/job-store.js';
import type { Bind, StatementResult, WarehouseConnection } from '../../warehouse/connection.js';
import { profileOfLane } from '../../warehouse/job-payload.js';
import { LoginRefused } from '../../warehouse/login-refused.js';
import { PinGone } from '../../warehouse/pin-gone.js';
import { SessionLost } from '../../warehouse/session-lost.js';
import { UnconfirmedEnd } from '../../warehouse/unconfirmed-end.js';
import { connectionOutcome } from '../connection-outcome.js';
import type { FailureRate } from '../failure-rate.js';
import type { HandlerContext } from '../handler.js';
import { queryTagOf } from '../query-tag.js';
import { isAbandonment, LeaseLost, LeftToTakeover } from '../stop-reasons.js';
import type { Loan } from '../warehouses.js';

/** Where a job's connection comes from: the pools, or the pinned session it belongs to. */
export interface Lender {
  borrow(
    profile: string,
    options: { readonly affinity?: string; readonly alone?: boolean; readonly signal: AbortSignal },
  ): Promise<Loan>;
  /** Absent where a lost connection cannot be replaced by another one. */
  budget?(profile: string): RetryBudget;
}

/** A job's one statement, ready for the warehouse. */
export interface StatementWork {
  readonly sql: string;
  readonly verb: string;
  readonly binds?: readonly Bind[];
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** What it does to the session's parameters, by upper-case name; `null` unsets. */
  readonly sessionParameters?: Readonly<Record<string, string | null>>;
  /** Leaves its connection in another state than it was found in, even when it succeeds. */
  readonly dirties: boolean;
  /** Pauses after a lost connection, instead of those that the job's flags say. */
  readonly backoff?: BackoffPolicy;
  /** Stretches and shortens the pauses. */
  readonly failureRate?: FailureRate;
  /** Runs after the statement succeeded and before the job is settled; it may run again after a take-over. */
  readonly afterwards?: (result: StatementResult) => Promise<void>;
}

/**
 * Longest silence of the server in ms. Snowflake answers a statement that takes longer at least every 45 s ("in progress,
 * ask here"), so twice that and a little is no life any more.
 */
const STALL_MS = 100_000;

const CONTEXT_TIMEOUT_MS = 30_000;

/** A session that was lost is replaced within the attempt. The pauses only let others have their turn. */
const MENDING: BackoffPolicy = {
  strategy: 'fixed',
  initialMs: 20,
  maxMs: 20,
  multiplier: 1,
  jitter: 0.5,
  attempts: 3,
};

/** `open`: it is a write that has left at some time, and what became of it is not known. */
interface Lost {
  readonly failure: unknown;
  readonly open: boolean;
}

class AttemptLost extends Error implements Lost {
  readonly failure: unknown;
  readonly open: boolean;

  constructor({ failure, open }: Lost) {
    super('the attempt did not end well');
    this.failure = failure;
    this.open = open;
  }
}

/**
 * Runs a job's statement on a pooled connection and says how the job ended. A session that the warehouse does not know any
 * more is replaced at once; what loses its connection otherwise is queued again with backoff. A read runs anew; a write is sent under one request id for ever: the next attempt, of this worker or another, sends
 * the same id, and the warehouse answers with the first run's result. That is asked for whatever else was said meanwhile: a
 * cancel follows the question, and does not replace it. When it can never be asked, the store ends the job as
 * `OUTCOME_UNKNOWN`. A login that was refused is not tried again.
 */
export async function runStatement(
  lender: Lender,
  claimed: ClaimedJob,
  context: HandlerContext,
  work: StatementWork,
): Promise<Settlement> {
  const { job } = claimed;
  const startedAt = performance.now();
  let rows = 0;
  let connectingMs = 0;
  const usage = (): JobUsage => ({
    executionMs: Math.round(performance.now() - startedAt),
    ...(connectingMs > 0 && { connectingMs }),
    rows,
    bytes: context.bytesWritten,
  });
  /** The request id of a write that was sent before and has to be asked for. */
  let asked = job.write ? claimed.takeover?.requestId : undefined;
  const requestId = asked ?? randomUUID();
  const deadline = startedAt + work.timeoutMs;

  const profile = profileOfLane(job.lane);
  const budget = lender.budget?.(profile);
  const outcome = await retry(attempt, {
    policy: MENDING,
    judge: (thrown) => (thrown instanceof AttemptLost && mayMend(thrown) ? 'again' : 'stop'),
    deadline,
    signal: context.signal,
    ...(budget === undefined ? {} : { budget }),
  }).catch((thrown: unknown) => {
    if (thrown instanceof AttemptLost) return thrown;
    throw thrown;
  });
  if (!(outcome instanceof AttemptLost)) return outcome;
  const { failure, open } = outcome;
  const error = errorDataOf(failure);
  const seen = connectionOutcome(profile, failure);
  const { aborted, reason } = context.signal;
  if (aborted && (!open || isAbandonment(reason))) return stopped(reason, error, usage(), !open);
  // An earlier attempt ran out of time and cancelled it, which the warehouse could not confirm then.
  if (!open && error.code === 'CANCELLED' && job.error?.code === 'STATEMENT_TIMEOUT')
    return { state: 'failed', error: job.error, usage: usage(), outcomeKnown: true, ...seen };
  if (!open && error.code === 'CANCELLED') return { state: 'cancelled', error, usage: usage(), outcomeKnown: true };
  if (!open && (error.code !== 'CONNECTION_FAILED' || failure instanceof LoginRefused))
    return { state: 'failed', error, usage: usage(), outcomeKnown: true, ...seen };
  // There is no connection any more that it could be asked for on.
  if (failure instanceof PinGone) return { state: 'failed', error: neverKnown(failure), usage: usage() };
  // No further attempt is begun once the attempts together took the time of one; what is open is asked for all the same.
  const spentMs = (job.usage?.executionMs ?? 0) + usage().executionMs;
  if (!open && spentMs >= work.timeoutMs)
    return { state: 'failed', error, usage: usage(), outcomeKnown: true, ...seen };
  const policy = work.backoff ?? retryPolicy(job.flags['circuit-breaker'] === true);
  const failureRate = policy.strategy === 'adaptive' ? await work.failureRate?.(profile) : undefined;
  const pauseMs = backoffMs(job.attempts, policy, failureRate === undefined ? {} : { failureRate });
  const runAt = Date.now() + Math.max(pauseMs, error.retryAfterMs ?? 0);
  return { state: 'scheduled', runAt, error, usage: usage(), ...seen };

  /** Rows that were handed on cannot be taken back. */
  function mayMend({ failure }: Lost): boolean {
    return failure instanceof SessionLost && budget !== undefined && context.bytesWritten === 0;
  }

  async function attempt(): Promise<Settlement> {
    let loan: Loan | undefined;
    let sent = false;
    let dirty = true;
    let running: Promise<StatementResult> | undefined;
    // A write's rows are its counts; kept until it has succeeded, for then the outcome is known and storing may fail.
    const kept: (readonly Json[])[] = [];
    const onRows = async (batch: readonly (readonly Json[])[]): Promise<void> => {
      rows += batch.length;
      context.progress({ done: rows });
      if (!job.write) await context.writeRows(batch);
      else for (const row of batch) kept.push(row);
    };
    const signal = asked === undefined ? context.signal : following(context.signal, isAbandonment).signal;
    const asksAt = performance.now();
    try {
      rows = 0;
      loan = await lender.borrow(profile, {
        affinity: `${job.client}\u0000${job.session ?? ''}`,
        alone: job.flags['connection-pool'] === false,
        signal,
      });
      await loan.connection.applyContext(job.context, {
        timeoutMs: CONTEXT_TIMEOUT_MS,
        signal,
        ...(loan.keepSession === undefined ? {} : { keepSession: loan.keepSession }),
      });
      connectingMs += Math.floor(performance.now() - asksAt);
      const written = context.dispatch(requestId);
      if (job.write) await written;
      // A read that nobody will hear of does no harm: it need not wait for its dispatch to be on the disk.
      else written.catch(() => {});
      sent = true;
      if (job.write) asked = requestId;
      running = execute(loan.connection, onRows);
      const result = await (job.write ? unlessAbandoned(running, context.signal) : running);
      await written;
      await keep(result, kept);
      dirty = work.dirties;
      return {
        state: 'succeeded',
        result: {
          columns: result.columns,
          rowCount: result.rowCount,
          pageCount: context.pageCount,
          truncated: result.truncated,
          queryId: result.queryId,
          statement: work.verb,
          ...(result.rowsAffected === undefined ? {} : { rowsAffected: result.rowsAffected }),
        },
        usage: usage(),
        connection: { profile, reached: true },
      };
    } catch (failure) {
      if (failure instanceof LeftToTakeover) throw failure;
      dirty = work.dirties || !sent || errorDataOf(failure).code !== 'SNOWFLAKE_ERROR';
      throw new AttemptLost({
        failure,
        open: job.write && (sent ? !tellsOutcome(failure) : asked !== undefined),
      });
    } finally {
      // A write that goes on without us needs its connection until it is done: closing it would cancel the statement.
      const over = job.write && isAbandonment(context.signal.reason) ? running : undefined;
      const giveBack = async (): Promise<void> => await loan?.end({ dirty }).catch(() => {});
      if (over === undefined) await giveBack();
      else void over.then(giveBack, giveBack);
    }
  }

  function execute(
    connection: WarehouseConnection,
    onRows: (rows: readonly (readonly Json[])[]) => Promise<void>,
  ): Promise<StatementResult> {
    const stop = new AbortController();
    const running = connection.execute({
      sql: work.sql,
      write: job.write,
      ...(work.sessionParameters === undefined ? {} : { sessionParameters: work.sessionParameters }),
      ...(work.binds === undefined ? {} : { binds: work.binds }),
      requestId,
      queryTag: queryTagOf(job),
      maxRows: work.maxRows,
      maxBytes: work.maxBytes,
      timeoutMs: Math.max(1, Math.round(deadline - performance.now())),
      stallMs: STALL_MS,
      signal: stop.signal,
      onRows,
    });
    // Only now: what is asked for has to leave before its cancel does. And a late worker that cancelled its write in the
    // warehouse would cancel it for the worker that has the job now.
    follow(context.signal, stop, (reason) => !job.write || !isAbandonment(reason));
    return running;
  }

  async function keep(result: StatementResult, rowsOfWrite: readonly (readonly Json[])[]): Promise<void> {
    try {
      if (rowsOfWrite.length > 0) await context.writeRows(rowsOfWrite);
      await work.afterwards?.(result);
    } catch (failure) {
      if (!job.write || failure instanceof LeaseLost) throw failure;
      throw new LeftToTakeover(errorDataOf(failure), { cause: failure });
    }
  }
}

function stopped(reason: unknown, error: ErrorData, usage: JobUsage, outcomeKnown: boolean): Settlement {
  const why = reason instanceof SnowError ? reason.data : error;
  return {
    state: 'cancelled',
    error: error.queryId === undefined ? why : { ...why, queryId: error.queryId },
    usage,
    outcomeKnown,
  };
}

function neverKnown({ data }: PinGone): ErrorData {
  return {
    code: 'OUTCOME_UNKNOWN',
    message: `The write was sent, and its outcome cannot be found out. ${data.message}`,
    hint: 'Look in the warehouse whether the statement took effect before running it again.',
  };
}

/** The warehouse itself said how the statement ended, or it was refused before it left. */
function tellsOutcome(failure: unknown): boolean {
  if (!(failure instanceof SnowError) || failure instanceof UnconfirmedEnd) return false;
  return ['SNOWFLAKE_ERROR', 'CANCELLED', 'STATEMENT_TIMEOUT', 'INVALID_ARGUMENT'].includes(failure.code);
}

/** A controller that aborts with `signal`, where the reason counts. */
function following(signal: AbortSignal, counts: (reason: unknown) => boolean): AbortController {
  const controller = new AbortController();
  follow(signal, controller, counts);
  return controller;
}

function follow(signal: AbortSignal, controller: AbortController, counts: (reason: unknown) => boolean): void {
  const onAbort = (): void => {
    if (counts(signal.reason)) controller.abort(signal.reason);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
}

async function unlessAbandoned<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: (() => void) | undefined;
  const abandoned = new Promise<never>((_, reject) => {
    onAbort = () => {
      if (isAbandonment(signal.reason)) reject(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([running, abandoned]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
