/** A flow's place in fair order: see `virtual-time.ts`. */
export interface WaitingFlow {
  /** Breaks ties: of equal start tags the smaller goes first. */
  readonly id: number;
  readonly virtualTime: number;
  readonly weight: number;
  readonly queued: number;
}

/**
 * How many jobs go before the one that has `ahead` jobs of its own flow before it, if nothing joins and every job is
 * charged `charge` seconds (divided by its flow's weight): a forecast, exact when all costs are equal.
 */
export function jobsAhead(
  own: Omit<WaitingFlow, 'queued'>,
  ahead: number,
  charge: number,
  others: Iterable<WaitingFlow>,
): number {
  const startTag = own.virtualTime + (ahead * charge) / own.weight;
  let before = ahead;
  for (const other of others) {
    // Job n of the other flow starts at virtualTime + n · step: count those with a smaller tag, or an equal one that wins.
    const step = charge / other.weight;
    const distance = (startTag - other.virtualTime) / step;
    if (distance < 0) continue;
    const smaller = Math.ceil(distance);
    const equalWins = Number.isInteger(distance) && other.id < own.id ? 1 : 0;
    before += Math.min(other.queued, smaller + equalWins);
  }
  return before;
}

/**
 * Milliseconds until `jobs` jobs have started, when each runs `meanMs` and `slots` run at a time. Little's law for a
 * busy system: one start every meanMs / slots.
 */
export function waitForStarts(jobs: number, meanMs: number, slots: number): number {
  return Math.ceil((jobs * meanMs) / Math.max(1, slots));
}

const SHORTEST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 60_000;

/** When to come back after a full queue: when one job more has started, within 0.25 s and a minute. 1 s if nothing is known. */
export function retryAfterFullMs(meanMs: number | undefined, slots: number): number {
  if (meanMs === undefined) return 1_000;
  return Math.min(LONGEST_RETRY_MS, Math.max(SHORTEST_RETRY_MS, waitForStarts(1, meanMs, slots)));
}
