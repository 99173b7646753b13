import { setTimeout as delay } from 'node:timers/promises';
import { SnowError } from '../errors/snow-error.js';
import type { JobHold, JobStore, LastPage, Settlement, SettleOutcome } from '../store/job-store.js';

const FIRST_PAUSE_MS = 50;

/**
 * Settles, and tries again while the store does not take it (a full disk may be emptied): the outcome of work that was done
 * is not given up before its lease has ended. The fencing token makes a repetition harmless.
 *
 * @param forMs how long to keep trying; afterwards it rejects with the store's last error.
 */
export async function settleSurely(
  store: Pick<JobStore, 'settle'>,
  hold: JobHold,
  settlement: Settlement,
  forMs: number,
  lastPage?: LastPage,
): Promise<SettleOutcome> {
  const deadline = performance.now() + forMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
    try {
      return await store.settle(hold, settlement, lastPage);
    } catch (failure) {
      const refused = failure instanceof SnowError && failure.code === 'INVALID_ARGUMENT';
      if (refused || performance.now() + pauseMs > deadline) throw failure;
      await delay(pauseMs);
    }
  }
}
