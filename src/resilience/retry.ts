import { setTimeout as delay } from 'node:timers/promises';
import { type BackoffPolicy, backoffMs } from './backoff.js';
import type { RetryBudget } from './retry-budget.js';

/** What may follow a failure. `afterMs`: not sooner than the other side asked for (Retry-After). */
export type Verdict = 'stop' | 'again' | { readonly afterMs: number };

export interface RetryOptions {
  /** Pauses, and how often the operation is started at most. */
  readonly policy: BackoffPolicy;
  /** Whether the operation may be repeated after this failure; whoever calls knows what is safe. */
  readonly judge: (failure: unknown) => Verdict;
  /** Over all attempts, on `performance.now()`'s clock: no attempt is started, and no pause begun, that would end later. */
  readonly deadline?: number;
  /** Shared with everybody who uses the same resource. */
  readonly budget?: RetryBudget;
  /** Ends a pause; the operation itself listens to it on its own. */
  readonly signal?: AbortSignal;
  /** For the adaptive strategy; see `backoffMs`. */
  readonly failureRate?: () => number;
  /** Tests replace these. */
  readonly random?: () => number;
  readonly now?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/**
 * Runs an operation until it succeeds or must not, or cannot, be tried again; then it rejects with the last failure. The
 * operation is told which attempt it is, from 1.
 */
export async function retry<T>(operation: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { policy, judge, budget, signal, deadline = Number.POSITIVE_INFINITY } = options;
  const now = options.now ?? (() => performance.now());
  const sleep = options.sleep ?? pause;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const result = await operation(attempt);
      budget?.succeeded();
      return result;
    } catch (failure) {
      const verdict = signal?.aborted === true ? 'stop' : judge(failure);
      if (verdict === 'stop') throw failure;
      const affordable = budget?.failed() ?? true;
      if (!affordable || attempt >= policy.attempts) throw failure;
      const backoff = backoffMs(attempt, policy, {
        ...(options.random === undefined ? {} : { random: options.random }),
        ...(options.failureRate === undefined ? {} : { failureRate: options.failureRate() }),
      });
      const pauseMs = verdict === 'again' ? backoff : Math.max(backoff, verdict.afterMs);
      if (now() + pauseMs >= deadline) throw failure;
      await sleep(pauseMs, signal).catch(() => {});
      if (signal?.aborted === true) throw failure;
    }
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal });
}
