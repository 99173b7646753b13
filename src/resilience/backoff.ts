export interface BackoffPolicy {
  /** Delay after the first failure, in ms. */
  readonly initialMs: number;
  /** No delay is longer than this before jitter, in ms. */
  readonly maxMs: number;
  /** Each further failure multiplies the delay by this. */
  readonly multiplier: number;
  /** Half the width of the jitter as a share of the delay (0.1: ±10%). */
  readonly jitter: number;
}

/** Seed 002's `database_backoff`: 1 s, doubled up to 60 s, ±10%. */
export const DATABASE_BACKOFF: BackoffPolicy = { initialMs: 1_000, maxMs: 60_000, multiplier: 2, jitter: 0.1 };

/** How often work is started at all, the first time included (seed 002's `database_backoff`). */
export const DATABASE_ATTEMPTS = 5;

/**
 * Milliseconds to wait before the next attempt after `failures` failed ones: `initial × multiplier^(failures − 1)`, capped,
 * then jittered so that an outage's victims do not come back together. Formula: seed 002, `ExponentialBackoff`.
 *
 * @param random uniform in [0, 1); tests fix it.
 */
export function exponentialBackoffMs(
  failures: number,
  policy: BackoffPolicy,
  random: () => number = Math.random,
): number {
  if (failures <= 0) return 0;
  const delay = Math.min(policy.initialMs * policy.multiplier ** (failures - 1), policy.maxMs);
  return Math.max(0, delay + delay * policy.jitter * (2 * random() - 1));
}
