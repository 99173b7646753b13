import { SnowError } from '../errors/snow-error.js';
import type { OperationRequest } from '../gateway/operation-request.js';
import type { Caller, Gateway, JobHandle, WaitProgress } from '../gateway/requests.js';
import { clientLabel } from '../mcp/client-label.js';
import { FINAL_STATES, type Json } from '../store/job.js';
import { type Backend, openBackend } from './backend.js';
import type { GlobalOptions } from './global-options.js';
import { Interrupted } from './interrupted.js';

export interface OperationOptions extends GlobalOptions {
  /** In whose name. */
  readonly client?: string;
}

/** One wait of many: an operation may take longer than a call may wait (s). */
const WAIT_S = 30;

/** What the command's own worker takes, so that it needs no other one. */
const LANES = ['memory:2', 'code:1'];

export interface RunOptions {
  readonly onProgress?: (progress: WaitProgress) => void;
  /** For the message when ^C ends it: `The sync`. */
  readonly what: string;
}

/** Runs an operation through the queue, with all its limits, and waits for its answer however long it takes; ^C cancels it. */
export async function runOperation(
  options: OperationOptions,
  request: OperationRequest,
  { onProgress, what }: RunOptions,
): Promise<Json> {
  return await withBackend(options, async (backend, caller) => {
    await backend.startWorker({ pools: backend.pools({ lanes: LANES }), client: caller.client });
    const gateway = backend.gateway();
    const interrupt = new AbortController();
    const onInterrupt = (): void => interrupt.abort(new Interrupted(what));
    process.once('SIGINT', onInterrupt);
    process.once('SIGTERM', onInterrupt);
    const wait = { signal: interrupt.signal, ...(onProgress !== undefined && { onProgress }) };
    try {
      const first = await gateway.operate(caller, { ...request, waitS: WAIT_S }, wait);
      if (first.answer !== undefined) return first.answer;
      return await untilEnd(gateway, caller, first.job_id, wait);
    } catch (thrown) {
      // What the job ended with says the same, in other words.
      interrupt.signal.throwIfAborted();
      throw thrown;
    } finally {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onInterrupt);
    }
  });
}

/** Queues it for whichever worker there is. */
export async function startOperation(options: OperationOptions, request: OperationRequest): Promise<JobHandle> {
  return await withBackend(options, (backend, caller) => backend.gateway().startOperation(caller, request));
}

async function withBackend<Result>(
  options: OperationOptions,
  use: (backend: Backend, caller: Caller) => Promise<Result>,
): Promise<Result> {
  const backend = await openBackend(options);
  try {
    return await use(backend, { client: options.client ?? backend.settings.client ?? clientLabel('cli') });
  } finally {
    await backend.close(0);
  }
}

async function untilEnd(
  gateway: Gateway,
  caller: Caller,
  id: string,
  wait: { readonly signal: AbortSignal; readonly onProgress?: (progress: WaitProgress) => void },
): Promise<Json> {
  for (;;) {
    try {
      const answer = await gateway.jobResult(caller, { id, waitS: WAIT_S }, wait);
      if (answer.error !== undefined) throw new SnowError(answer.error);
      if (FINAL_STATES.has(answer.state)) return answer.rows[0]?.[0] ?? null;
    } catch (thrown) {
      // A job that has outlived its first call is nobody's: it ends only when it is told to.
      if (wait.signal.aborted) await gateway.jobCancel(caller, id, 'interrupted');
      throw thrown;
    }
  }
}
