import { setTimeout as delay } from 'node:timers/promises';
import { isBusy, storeFailure } from './failure.js';

/** A lock held longer than this is a program that forgot a transaction, not traffic. */
export const LOCK_PATIENCE_MS = 30_000;

const LONGEST_PAUSE_MS = 12;

/** The pause before try number `tries` (from 1) in ms: random, so that processes that collided don't do so again. */
export function busyPauseMs(tries: number): number {
  return 0.5 + Math.random() * Math.min(LONGEST_PAUSE_MS, tries);
}

/**
 * Runs `work` until it meets no lock. SQLite's own busy handler sleeps synchronously and stops the event loop for
 * seconds; here the loop goes on.
 */
export async function withBusyRetry<T>(path: string, work: () => T): Promise<T> {
  const startedAt = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return work();
    } catch (failure) {
      if (!isBusy(failure) || performance.now() - startedAt > LOCK_PATIENCE_MS) throw storeFailure(failure, path);
    }
    await delay(busyPauseMs(tries));
  }
}
