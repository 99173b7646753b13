/** `burst` tokens at once, refilled evenly at `count` per `perMs`. All whole numbers from 1 up. */
export interface BucketRate {
  readonly count: number;
  readonly perMs: number;
  readonly burst: number;
}

/**
 * What is left in a bucket, in parts of a token: a token is `perMs` parts and a millisecond brings `count` of them, so that
 * every step is exact in whole numbers and nothing drifts, however long it runs and whatever the rate.
 */
export interface BucketState {
  readonly parts: number;
  /** Parts of a token in force when it was written. */
  readonly perMs: number;
  /** Refilled up to this time, ms since the epoch. */
  readonly at: number;
}

export type Taking =
  | { readonly taken: true; readonly state: BucketState }
  /** Nothing was taken; a token is there after `retryAfterMs`, if nobody else takes it. */
  | { readonly taken: false; readonly retryAfterMs: number };

/** Bounds of a rate: with them every product below stays under 2^53. */
export const MOST_TOKENS = 1_000_000;
export const LONGEST_REFILL_MS = 86_400_000;

/** A clock that goes back by no more than this is not set back: the bucket waits for it, in ms. */
const CLOCK_STEP_MS = 1_000;

/**
 * The bucket as it is at `now`; one that was never used is full. A clock that jumps forward fills it at most to its burst;
 * one that is set back gives nothing and takes nothing.
 */
export function refilled(rate: BucketRate, state: BucketState | undefined, now: number): BucketState {
  const { count, perMs, burst } = rate;
  const capacity = burst * perMs;
  if (state === undefined) return { parts: capacity, perMs, at: now };
  const parts = state.perMs === perMs ? state.parts : Math.floor((state.parts / state.perMs) * perMs);
  const elapsed = now - state.at;
  if (elapsed < 0) return { parts: Math.min(capacity, parts), perMs, at: elapsed < -CLOCK_STEP_MS ? now : state.at };
  return { parts: Math.min(capacity, parts + elapsed * count), perMs, at: now };
}

/** Takes one token, or says when there is one. */
export function takeToken(rate: BucketRate, state: BucketState | undefined, now: number): Taking {
  const current = refilled(rate, state, now);
  const left = current.parts - rate.perMs;
  if (left >= 0) return { taken: true, state: { ...current, parts: left } };
  return { taken: false, retryAfterMs: Math.ceil(-left / rate.count) + (current.at - Math.min(now, current.at)) };
}

/** Whole tokens that could be taken at `now`. */
export function availableTokens(rate: BucketRate, state: BucketState | undefined, now: number): number {
  return Math.floor(refilled(rate, state, now).parts / rate.perMs);
}
