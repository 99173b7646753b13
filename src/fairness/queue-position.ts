import { chargeOf } from './virtual-time.js';

/** A flow's place in fair order: see `virtual-time.ts`. */
export interface WaitingFlow {
  /** Breaks ties: of equal start tags the smaller goes first. */
  readonly id: number;
  readonly virtualTime: number;
  readonly weight: number;
  readonly queued: number;
  /** Seconds each of its jobs is estimated to take. */
  readonly costS: number;
}

/** What goes before a job. */
export interface WorkAhead {
  readonly jobs: number;
  /** Estimated seconds of all of them. */
  readonly seconds: number;
}

/**
 * What goes before the job that has `own` jobs of its own flow before it, if nothing joins and every job takes what its flow's
 * are estimated to: a forecast.
 */
export function workAhead(flow: Omit<WaitingFlow, 'queued'>, own: number, others: Iterable<WaitingFlow>): WorkAhead {
  const startTag = flow.virtualTime + own * chargeOf(flow.costS, flow.weight);
  let jobs = own;
  let seconds = own * flow.costS;
  for (const other of others) {
    // Job n of the other flow starts at virtualTime + n · step: count those with a smaller tag, or an equal one that wins.
    const distance = (startTag - other.virtualTime) / chargeOf(other.costS, other.weight);
    if (distance < 0) continue;
    const smaller = Math.ceil(distance);
    const equalWins = Number.isInteger(distance) && other.id < flow.id ? 1 : 0;
    const before = Math.min(other.queued, smaller + equalWins);
    jobs += before;
    seconds += before * other.costS;
  }
  return { jobs, seconds };
}

/**
 * Milliseconds until `jobs` jobs have started, when each runs `meanMs` and `slots` run at a time. Little's law for a
 * busy system: one start every meanMs / slots.
 */
export function waitForStarts(jobs: number, meanMs: number, slots: number): number {
  return Math.ceil((jobs * meanMs) / Math.max(1, slots));
}

/** Who works on a lane, and on how much. */
export interface Staff {
  /** Jobs that can run at a time. */
  readonly slots: number;
  /** Jobs that do. */
  readonly running: number;
}

/** Milliseconds until the job behind `ahead`, itself of `ownS` seconds, starts: at once while slots are free for all of them. */
export function waitBehind(ahead: WorkAhead, ownS: number, { slots, running }: Staff): number {
  const free = Math.max(0, slots - running);
  const starts = ahead.jobs + 1 - free;
  if (starts <= 0) return 0;
  return waitForStarts(starts, ((ahead.seconds + ownS) / (ahead.jobs + 1)) * 1_000, slots);
}

const SHORTEST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 60_000;

/** When to come back after a full queue: when one job more has started, within 0.25 s and a minute. 1 s if nothing is known. */
export function retryAfterFullMs(meanMs: number | undefined, slots: number): number {
  if (meanMs === undefined) return 1_000;
  return Math.min(LONGEST_RETRY_MS, Math.max(SHORTEST_RETRY_MS, waitForStarts(1, meanMs, slots)));
}
