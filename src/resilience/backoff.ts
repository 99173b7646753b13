/** How the pause grows with the failures: see `backoffMs`. */
export type BackoffStrategy = 'fixed' | 'linear' | 'exponential' | 'adaptive';

export interface BackoffPolicy {
  readonly strategy: BackoffStrategy;
  /** Delay after the first failure, in ms. */
  readonly initialMs: number;
  /** No delay is longer than this before jitter, in ms. */
  readonly maxMs: number;
  /** Each further failure multiplies the delay by this; `exponential` and `adaptive` only. */
  readonly multiplier: number;
  /** Half the width of the jitter as a share of the delay (0.1: ±10%). */
  readonly jitter: number;
  /** How often the work is started at all, the first time included. */
  readonly attempts: number;
}

/** Seed 002's `database_backoff`: 1 s, doubled up to 60 s, five attempts. */
export const DATABASE_BACKOFF: BackoffPolicy = {
  strategy: 'exponential',
  initialMs: 1_000,
  maxMs: 60_000,
  multiplier: 2,
  jitter: 0.1,
  attempts: 5,
};

/** Seed 002's `connection_backoff`: 2 s, times 1.5 up to 2 min, three attempts. */
export const CONNECTION_BACKOFF: BackoffPolicy = {
  strategy: 'exponential',
  initialMs: 2_000,
  maxMs: 120_000,
  multiplier: 1.5,
  jitter: 0.1,
  attempts: 3,
};

/** Seed 002's `adaptive_backoff`: 0.5 s, times 1.8 up to 30 s, stretched or shortened by the failure rate, eight attempts. */
export const ADAPTIVE_BACKOFF: BackoffPolicy = {
  strategy: 'adaptive',
  initialMs: 500,
  maxMs: 30_000,
  multiplier: 1.8,
  jitter: 0.1,
  attempts: 8,
};

/** The old way, where the flag `circuit-breaker` is off: the same pause whatever happened before. */
export const FIXED_RETRY: BackoffPolicy = {
  strategy: 'fixed',
  initialMs: 1_000,
  maxMs: 1_000,
  multiplier: 1,
  jitter: 0.1,
  attempts: 5,
};

/** How a job is tried again after its connection was lost, with the breaker (the flag `circuit-breaker`) and without. */
export function retryPolicy(breaker: boolean): BackoffPolicy {
  return breaker ? ADAPTIVE_BACKOFF : FIXED_RETRY;
}

/** Above this share of failures the adaptive delay is doubled, below the other it is halved. */
const HIGH_FAILURE_RATE = 0.5;
const LOW_FAILURE_RATE = 0.1;

export interface BackoffCircumstances {
  /** Share of recent attempts that failed, 0 to 1, whoever made them; `adaptive` only (0.1 to 0.5 changes nothing). */
  readonly failureRate?: number;
  /** Uniform in [0, 1); tests fix it. */
  readonly random?: () => number;
}

/**
 * Milliseconds to wait before the next attempt after `failures` failed ones: none before the first, then by strategy
 * `initial` (fixed), `initial × failures` (linear), `initial × multiplier^(failures − 1)` (exponential), and that doubled
 * or halved by the failure rate (adaptive); capped, then jittered so that an outage's victims do not come back together.
 * Formulas: seed 002, `ExponentialBackoff`, `LinearBackoff`, `AdaptiveBackoff`. The seed divides the failures of an hour
 * by the attempts of all time, so its rate sinks with age; here both are of the same window.
 */
export function backoffMs(failures: number, policy: BackoffPolicy, circumstances: BackoffCircumstances = {}): number {
  if (failures <= 0) return 0;
  const { random = Math.random, failureRate = (HIGH_FAILURE_RATE + LOW_FAILURE_RATE) / 2 } = circumstances;
  const delay = Math.min(unboundedMs(failures, policy, failureRate), policy.maxMs);
  return Math.max(0, delay + delay * policy.jitter * (2 * random() - 1));
}

function unboundedMs(failures: number, policy: BackoffPolicy, failureRate: number): number {
  const { strategy, initialMs, multiplier } = policy;
  if (strategy === 'fixed') return initialMs;
  if (strategy === 'linear') return initialMs * failures;
  const exponential = initialMs * multiplier ** (failures - 1);
  if (strategy === 'exponential') return exponential;
  if (failureRate > HIGH_FAILURE_RATE) return exponential * 2;
  return failureRate < LOW_FAILURE_RATE ? exponential * 0.5 : exponential;
}
