import type { Mutex } from 'async-mutex';
import { LocalError } from './local-error.js';
import { cancelled } from './snowflake-errors.js';

/** Longer than a timer can count is as good as for ever. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Waits until the statements before have ended, and gives the function that ends the turn. Whoever is cancelled while
 * waiting leaves the queue; so does who has waited for `seconds` (0: no limit), with 000630.
 */
export async function ownTurn(turn: Mutex, seconds: number, signal: AbortSignal | undefined): Promise<() => void> {
  if (!turn.isLocked()) return await turn.acquire();
  const acquiring = turn.acquire();
  return await new Promise((resolve, reject) => {
    let waiting = true;
    const leave = (reason: unknown): void => {
      waiting = false;
      settle();
      reject(reason);
    };
    const onAbort = (): void => leave(signal?.reason instanceof LocalError ? signal.reason : cancelled());
    const ms = seconds * 1000;
    const timer = ms > 0 && ms <= LONGEST_MS ? setTimeout(() => leave(queuedTooLong(seconds)), ms) : undefined;
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    acquiring.then((release) => {
      if (!waiting) return release();
      settle();
      resolve(release);
    }, leave);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function queuedTooLong(seconds: number): LocalError {
  return new LocalError(
    '000630',
    '57014',
    `Statement reached its queued timeout of ${seconds} second(s) and was canceled. Earlier statements of its session had not ended.`,
  );
}
