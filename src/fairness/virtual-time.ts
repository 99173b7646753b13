/**
 * Weighted fair order by virtual time: start-time fair queueing (Goyal, Vin, Cheng 1996) with a provisional cost that is
 * corrected once the real one is known. Everything is in seconds of cost divided by weight; the functions are pure, the
 * store keeps the numbers.
 *
 * A flow (a client in a lane) has a virtual time: the start tag of its next job. The flow with the smallest goes next.
 * The clock is the start tag of the job that went last; a flow that could not be served is lifted to it when it can be
 * again, so idleness earns nothing.
 */

/** Least cost of a job in seconds: jobs that take no time at all still take turns. */
export const LEAST_COST_S = 0.001;

/** What a job of `costS` seconds adds to the virtual time of a flow of `weight` (> 0). */
export function chargeOf(costS: number, weight: number): number {
  return Math.max(costS, LEAST_COST_S) / weight;
}

/**
 * What has to be added once a job charged for `estimateS` has really taken `realS` seconds; negative for a refund.
 * A refund from before the flow's last lift is void: the lift has forgiven more than it would give back, and paid out it
 * would be a credit saved up while idle.
 */
export function correctionOf(estimateS: number, realS: number, weight: number, liftedSince: boolean): number {
  const correction = chargeOf(realS, weight) - chargeOf(estimateS, weight);
  return liftedSince ? Math.max(correction, 0) : correction;
}

/** The virtual time of a flow that can be served again. (The SQLite engine does this in its triggers, so that nothing slips past.) */
export function lift(virtualTime: number, clock: number): number {
  return Math.max(virtualTime, clock);
}

/** The clock after a job with this start tag went. It never goes back, not even when a refund gives an old tag. */
export function advance(clock: number, startTag: number): number {
  return Math.max(clock, startTag);
}

/** Whose turn it is: the smallest virtual time, the first of equals. `undefined` when there is nobody. */
export function nextOf<Flow extends { readonly virtualTime: number }>(flows: Iterable<Flow>): Flow | undefined {
  let next: Flow | undefined;
  for (const flow of flows) if (next === undefined || flow.virtualTime < next.virtualTime) next = flow;
  return next;
}
