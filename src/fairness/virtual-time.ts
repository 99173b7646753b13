/**
 * Weighted fair order by virtual time: start-time fair queueing (Goyal, Vin, Cheng 1996) for several servers and costs that
 * are known only afterwards. Everything is in seconds of cost divided by weight; the functions are pure, the store keeps the
 * numbers.
 *
 * A flow (a client in a lane) has a virtual time: what it was served, and what is charged provisionally for its jobs that
 * run. The flow with the smallest goes next, so flows are balanced by what they have under way, too. When a job ends, its
 * charge gives way to its real cost.
 *
 * The clock is what the flow that went last had really been served by then (`attained`): charges for what has not been
 * served yet are not part of it, so a wrong estimate of one flow never becomes a debt of those that join. A flow that could
 * not be served is lifted to the clock when it can be again, so idleness earns nothing.
 */

/**
 * Least cost of a job in seconds. A short statement costs its turn, its round trips and processor time rather than the seconds
 * it was seen to take, which say more about how busy the machine was: by those, equals would get unequal numbers of jobs.
 */
export const LEAST_COST_S = 0.05;

/** What a job of `costS` seconds adds to the virtual time of a flow of `weight` (> 0). */
export function chargeOf(costS: number, weight: number): number {
  return Math.max(costS, LEAST_COST_S) / weight;
}

/** What has to be added once a job charged with `charge` has really taken `realS` seconds; negative for a refund. */
export function correctionOf(charge: number, realS: number, weight: number): number {
  return chargeOf(realS, weight) - charge;
}

/**
 * What a job that still runs after `elapsedS` seconds is charged instead of `charge`. Once it has had all it was charged, it
 * is taken to run as long again: no job gets more than twice its charge unnoticed, and few corrections are enough.
 */
export function chargeWhileRunning(charge: number, elapsedS: number, weight: number): number {
  const had = elapsedS / weight;
  return had < charge ? charge : 2 * had;
}

/** A flow and its jobs that run. */
export interface Flow {
  /** Provisional charges included. */
  readonly virtualTime: number;
  readonly weight: number;
  /** Provisional charges of its running jobs. */
  readonly pending: number;
  readonly running: number;
  /** Sum of the times its running jobs started, in ms since the epoch. */
  readonly started: number;
}

/** Whether its running jobs have had more than they were charged: then its virtual time is too small to be gone by. */
export function isOverdue({ weight, pending, running, started }: Flow, now: number): boolean {
  return running > 0 && (running * now - started) / 1_000 > pending * weight;
}

/** Of the provisional charges, what the running jobs have not had yet at `now` (ms since the epoch). */
function ahead({ weight, pending, running, started }: Flow, now: number): number {
  if (running === 0) return 0;
  const elapsedS = Math.max(0, running * now - started) / 1_000;
  return Math.max(0, pending - elapsedS / weight);
}

/** Virtual time that a flow has been served up to `now`; at most its virtual time. */
export function attained(flow: Flow, now: number): number {
  return flow.virtualTime - ahead(flow, now);
}

/**
 * The virtual time of a flow that can be served again, when the clock was set at `clockAt`: it has attained the clock at
 * least. (The SQLite engine does this in a trigger, so that nothing slips past.)
 */
export function lift(flow: Flow, clock: number, clockAt: number): number {
  return Math.max(flow.virtualTime, clock + ahead(flow, clockAt));
}

/** The clock after a flow that had attained so much went. It never goes back. */
export function advance(clock: number, attainedByNext: number): number {
  return Math.max(clock, attainedByNext);
}

/**
 * The clock when it is `next`'s turn, at `now` (ms since the epoch). Never past the virtual time of `next`: what it had under way
 * may have cost far less than the time it took (opening a connection costs nothing), and whoever joined at what it had seemed
 * to have would be behind it by all that was given back.
 */
export function clockWhen(clock: number, next: Flow, now: number): number {
  return Math.min(advance(clock, attained(next, now)), next.virtualTime);
}

/** Whose turn it is: the smallest virtual time, the first of equals. `undefined` when there is nobody. */
export function nextOf<Turn extends { readonly virtualTime: number }>(turns: Iterable<Turn>): Turn | undefined {
  let next: Turn | undefined;
  for (const turn of turns) if (next === undefined || turn.virtualTime < next.virtualTime) next = turn;
  return next;
}
