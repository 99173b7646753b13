import { setTimeout as delay } from 'node:timers/promises';
import { type ErrorData, errorDataOf, SnowError } from '../../errors/snow-error.js';
import { type OperationPayload, operationPayloadOf } from '../../memory/operation-payload.js';
import { backoffMs, retryPolicy } from '../../resilience/backoff.js';
import type { JobUsage, Json, ResultColumn } from '../../store/job.js';
import type { ClaimedJob, Settlement } from '../../store/job-store.js';
import type { HandlerContext, JobHandler } from '../handler.js';
import { type OperationHandlers, SetBack } from '../operation-handler.js';

/** The answer of an operation is the one cell of its job's result. */
const ANSWER: readonly ResultColumn[] = [{ name: 'answer', type: 'VARIANT', nullable: false }];

/** How long an operation that was told to stop may take to do so, in ms; then its job ends without it. */
const STOPPING_MS = 5_000;

/** Runs one operation on memories or repositories, within its time, and keeps its answer as the job's result. */
export function operationHandler(handlers: OperationHandlers): JobHandler {
  return {
    async handle(claimed, context) {
      const startedAt = performance.now();
      let rows = 0;
      const usage = (): JobUsage => ({
        executionMs: Math.round(performance.now() - startedAt),
        rows,
        bytes: context.bytesWritten,
      });
      const stop = new AbortController();
      const follow = (): void => stop.abort(context.signal.reason);
      if (context.signal.aborted) follow();
      else context.signal.addEventListener('abort', follow, { once: true });
      let timer: NodeJS.Timeout | undefined;
      try {
        const payload = operationPayloadOf(claimed.job.payload);
        timer = setTimeout(() => stop.abort(timeUp(payload)), payload.timeoutMs);
        const answer = await answerOf(handlers, payload, claimed, { ...within(context), signal: stop.signal });
        checkSize(answer, payload);
        rows = 1;
        await context.writeRows([[answer]]);
        return {
          state: 'succeeded',
          result: { columns: ANSWER, rowCount: rows, pageCount: context.pageCount, truncated: false },
          usage: usage(),
        };
      } catch (failure) {
        return settlementOf(failure, stop.signal, context.signal, claimed, usage());
      } finally {
        clearTimeout(timer);
        context.signal.removeEventListener('abort', follow);
      }
    },
  };
}

function within(context: HandlerContext): Pick<HandlerContext, 'hold' | 'progress'> {
  return { hold: context.hold, progress: (progress) => context.progress(progress) };
}

async function answerOf(
  handlers: OperationHandlers,
  payload: OperationPayload,
  { job }: ClaimedJob,
  context: Pick<HandlerContext, 'hold' | 'progress' | 'signal'>,
): Promise<Json> {
  const { signal } = context;
  signal.throwIfAborted();
  const handler = await handlers.of(payload.name);
  const running = handler.run(payload.name, payload.arguments, { ...context, job });
  const over = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    const give = (): void => {
      delay(STOPPING_MS, undefined, { signal: over.signal }).then(
        () => reject(signal.reason),
        () => {},
      );
    };
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true, signal: over.signal });
  });
  try {
    return await Promise.race([running, stopped]);
  } finally {
    over.abort();
  }
}

function settlementOf(
  failure: unknown,
  stopped: AbortSignal,
  ofJob: AbortSignal,
  { job }: ClaimedJob,
  usage: JobUsage,
): Settlement {
  if (ofJob.aborted) return { state: 'cancelled', error: errorDataOf(ofJob.reason), usage };
  if (stopped.aborted) return { state: 'failed', error: errorDataOf(stopped.reason), usage };
  if (failure instanceof SetBack) return { state: 'scheduled', runAt: failure.runAt, uncounted: true, usage };
  const error: ErrorData = errorDataOf(failure);
  if (error.code !== 'STORE_UNAVAILABLE') return { state: 'failed', error, usage };
  const pauseMs = backoffMs(job.attempts, retryPolicy(job.flags['circuit-breaker'] === true));
  return { state: 'scheduled', runAt: Date.now() + pauseMs, error, usage };
}

function timeUp({ name, timeoutMs }: OperationPayload): SnowError {
  return new SnowError({
    code: 'STATEMENT_TIMEOUT',
    message: `${name} was not done within ${timeoutMs / 1_000} s.`,
    hint: 'Ask for less at a time, or for more time.',
  });
}

function checkSize(answer: Json, { name, maxBytes }: OperationPayload): void {
  const bytes = Buffer.byteLength(JSON.stringify(answer) ?? '');
  if (bytes <= maxBytes) return;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `The answer of ${name} has ${bytes} bytes; ${maxBytes} is the most.`,
    hint: 'Ask for fewer at a time.',
  });
}
