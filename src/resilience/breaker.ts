export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerPolicy {
  /** Attempts count for this long, in ms (30,000). */
  readonly windowMs: number;
  /** Parts the window is counted in; it moves on by one part at a time. */
  readonly buckets: number;
  /** Share of failures, 0 to 1, at which it opens (0.5: seed 002's mark of a high failure rate). */
  readonly failureRate: number;
  /** Fewer attempts within the window decide nothing (10). */
  readonly minimum: number;
  /** So many failures with no success between them open it, whatever came before (10): after a busy hour a share says little. */
  readonly inRow: number;
  /** Until the first probe, in ms (500: the first delay of seed 002's adaptive back-off). */
  readonly openMs: number;
  /** Longest time between two probes before jitter, in ms (30,000: the longest delay of seed 002's adaptive back-off). */
  readonly maxOpenMs: number;
  /** The time to the next probe as a share of the outage so far (0.03): what comes back is noticed after that share more. */
  readonly growth: number;
  /** Half the width of the jitter as a share of the delay (0.1, as in seed 002). */
  readonly jitter: number;
  /** Probes in a row that have to get through (2). */
  readonly probes: number;
  /** A prober that is not heard of for so long is given up, in ms (15,000). */
  readonly probeLeaseMs: number;
  /** After closing, the running jobs grow from one to all that may run within this time, in ms (1,000). */
  readonly rampMs: number;
}

export const BREAKER_POLICY: BreakerPolicy = {
  windowMs: 30_000,
  buckets: 10,
  failureRate: 0.5,
  minimum: 10,
  inRow: 10,
  openMs: 500,
  maxOpenMs: 30_000,
  growth: 0.03,
  jitter: 0.1,
  probes: 2,
  probeLeaseMs: 15_000,
  rampMs: 1_000,
};

/** Attempts of one part of the window. */
export interface Tally {
  readonly bucket: number;
  readonly reached: number;
  readonly failed: number;
}

/**
 * What is remembered of the attempts to reach something. All times are ms of one monotonic clock, so that a wall clock that
 * jumps neither opens nor holds anything.
 */
export interface Breaker {
  readonly state: BreakerState;
  /** Oldest first; empty unless closed. */
  readonly tallies: readonly Tally[];
  readonly failuresInRow: number;
  /** When this outage began; 0 while closed. */
  readonly openedAt: number;
  /** No probe before then; 0 while closed. */
  readonly probeAt: number;
  /** Probes in a row that got through. */
  readonly passed: number;
  readonly probe?: { readonly holder: string; readonly until: number } | undefined;
  /** When it last closed; absent when it never was open. */
  readonly closedAt?: number | undefined;
}

export const NEW_BREAKER: Breaker = {
  state: 'closed',
  tallies: [],
  failuresInRow: 0,
  openedAt: 0,
  probeAt: 0,
  passed: 0,
};

/** Number of the part of the window that `now` lies in. */
export function bucketOf(now: number, policy: BreakerPolicy): number {
  return Math.floor(now / (policy.windowMs / policy.buckets));
}

/** Attempts within the window. */
export function windowTotals(
  breaker: Breaker,
  now: number,
  policy: BreakerPolicy,
): { readonly attempts: number; readonly failed: number } {
  const kept = withinWindow(breaker.tallies, now, policy);
  const failed = kept.reduce((sum, tally) => sum + tally.failed, 0);
  return { attempts: kept.reduce((sum, tally) => sum + tally.reached, failed), failed };
}

/** Share of failures within the window; 0 where too few attempts were made to say. */
export function failureRateOf(breaker: Breaker, now: number, policy: BreakerPolicy): number {
  const { attempts, failed } = windowTotals(breaker, now, policy);
  return attempts < policy.minimum ? 0 : failed / attempts;
}

/**
 * Counts an attempt that began `ranMs` ago and did, or did not, reach the other side. What began before the breaker last
 * closed, or ends while it is not closed, says nothing about now.
 */
export function recordOutcome(
  breaker: Breaker,
  outcome: { readonly reached: boolean; readonly now: number; readonly ranMs: number },
  policy: BreakerPolicy,
  random: () => number = Math.random,
): Breaker {
  const { reached, now, ranMs } = outcome;
  if (breaker.state !== 'closed') return breaker;
  if (breaker.closedAt !== undefined && now - ranMs < breaker.closedAt) return breaker;
  const counted: Breaker = {
    ...breaker,
    tallies: tallied(withinWindow(breaker.tallies, now, policy), bucketOf(now, policy), reached),
    failuresInRow: reached ? 0 : breaker.failuresInRow + 1,
  };
  return !reached && trips(counted, now, policy) ? openBreaker(counted, now, policy, random) : counted;
}

function trips(breaker: Breaker, now: number, policy: BreakerPolicy): boolean {
  if (breaker.failuresInRow >= policy.inRow) return true;
  const { attempts, failed } = windowTotals(breaker, now, policy);
  return attempts >= policy.minimum && failed >= policy.failureRate * attempts;
}

/** Opens it, or, where it is open already, begins its time anew. */
export function openBreaker(
  breaker: Breaker,
  now: number,
  policy: BreakerPolicy,
  random: () => number = Math.random,
): Breaker {
  const openedAt = breaker.state === 'closed' ? now : breaker.openedAt;
  return {
    state: 'open',
    tallies: [],
    failuresInRow: 0,
    openedAt,
    probeAt: now + openForMs(now - openedAt, policy, random),
    passed: 0,
    closedAt: breaker.closedAt,
  };
}

/** Closes it with an empty window; jobs start slowly from now on. */
export function closeBreaker(now: number): Breaker {
  return { ...NEW_BREAKER, closedAt: now };
}

/**
 * Time to the next probe after an outage of so many ms: `growth × outage` within its bounds, jittered. Each pause being a
 * share of all before it, pauses grow exponentially with the number of probes, by the factor `1 + growth`.
 */
export function openForMs(outageMs: number, policy: BreakerPolicy, random: () => number = Math.random): number {
  const delay = Math.min(Math.max(policy.growth * outageMs, policy.openMs), policy.maxOpenMs);
  return delay + delay * policy.jitter * (2 * random() - 1);
}

/** The breaker with a probe under way; `undefined` when none is to be made now: it is closed, too early, or another is. */
export function beginProbe(breaker: Breaker, holder: string, now: number, policy: BreakerPolicy): Breaker | undefined {
  if (breaker.state === 'closed' || now < breaker.probeAt) return undefined;
  if (breaker.probe !== undefined && breaker.probe.until > now) return undefined;
  return { ...breaker, state: 'half-open', probe: { holder, until: now + policy.probeLeaseMs } };
}

/** What became of a probe. One whose lease was taken over by another counts for nothing. */
export function endProbe(
  breaker: Breaker,
  outcome: { readonly holder: string; readonly reached: boolean; readonly now: number },
  policy: BreakerPolicy,
  random: () => number = Math.random,
): Breaker {
  const { holder, reached, now } = outcome;
  if (breaker.probe?.holder !== holder) return breaker;
  if (!reached) return openBreaker(breaker, now, policy, random);
  const passed = breaker.passed + 1;
  if (passed >= policy.probes) return closeBreaker(now);
  return { ...breaker, state: 'half-open', passed, probeAt: now, probe: undefined };
}

/** A probe takes a moment; whoever comes back earlier is refused again. */
const PROBE_TAKES_MS = 250;

/** When to come back, in ms: once the next probe has had its time. */
export function retryAfterMs(breaker: Breaker, now: number): number {
  return Math.ceil(Math.max(0, breaker.probeAt - now) + PROBE_TAKES_MS);
}

/** Jobs that may run, of `most`, while the breaker closed a moment ago; `undefined` once that is over. */
export function rampLimit(
  breaker: Pick<Breaker, 'state' | 'closedAt'>,
  now: number,
  most: number,
  policy: BreakerPolicy,
): number | undefined {
  if (breaker.state !== 'closed' || breaker.closedAt === undefined) return undefined;
  const sinceMs = now - breaker.closedAt;
  if (sinceMs >= policy.rampMs) return undefined;
  return Math.max(1, Math.floor((most * sinceMs) / policy.rampMs));
}

function withinWindow(tallies: readonly Tally[], now: number, policy: BreakerPolicy): readonly Tally[] {
  const oldest = bucketOf(now, policy) - policy.buckets + 1;
  return tallies.filter(({ bucket }) => bucket >= oldest);
}

function tallied(tallies: readonly Tally[], bucket: number, reached: boolean): readonly Tally[] {
  const last = tallies.at(-1);
  const current = last?.bucket === bucket ? last : { bucket, reached: 0, failed: 0 };
  const earlier = last?.bucket === bucket ? tallies.slice(0, -1) : tallies;
  const counted = reached ? { ...current, reached: current.reached + 1 } : { ...current, failed: current.failed + 1 };
  return [...earlier, counted];
}
