import { setTimeout as delay } from 'node:timers/promises';

const ATTEMPTS = 5;
/** A query that fails sooner is no glutton itself: another one has taken the memory that all share. */
const MODEST_MS = 250;
const PAUSE_MS = 100;

/**
 * Runs a query again that failed at once for want of memory: the one that needs too much will have failed as well by then.
 * `recover` makes the connection fit for another attempt.
 */
export async function whileMemoryIsShort<T>(
  signal: AbortSignal,
  recover: () => Promise<void>,
  run: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const from = performance.now();
    try {
      return await run();
    } catch (error) {
      const short = error instanceof Error && /Out of Memory Error/i.test(error.message);
      if (!short || signal.aborted || attempt === ATTEMPTS || performance.now() - from > MODEST_MS) throw error;
      await delay(attempt * PAUSE_MS, undefined, { signal }).catch(() => undefined);
      await recover();
    }
  }
}
