import { setTimeout as delay } from 'node:timers/promises';
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
      if (performance.now() + pauseMs > deadline) throw failure;
      await delay(pauseMs);
    }
  }
}
