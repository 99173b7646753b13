/**
 * What the next job will cost, learned from those before it: an exponentially weighted moving average. It is provisional
 * only, so it may be wrong, but the nearer it is, the steadier the shares from one moment to the next.
 */

/** Weight of the latest cost in a client's average: it follows a change of work within a handful of jobs. */
const LATEST = 1 / 4;

/** Weight of one client's average in its lane's, whenever a job of it is claimed. */
const LATEST_OF_LANE = 1 / 16;

/** A client's average in seconds, with one job more. */
export function learned(meanS: number | null, costS: number): number {
  return meanS === null ? costS : meanS + (costS - meanS) * LATEST;
}

/** A lane's average in seconds, with one job more of a client whose own average is known. */
export function learnedOfLane(laneMeanS: number | null, clientMeanS: number | null): number | null {
  if (clientMeanS === null) return laneMeanS;
  return laneMeanS === null ? clientMeanS : laneMeanS + (clientMeanS - laneMeanS) * LATEST_OF_LANE;
}

/** Seconds that a client's next job is estimated to take: as its own, else as its lane's, else as the job says of itself. */
export function estimateOf(clientMeanS: number | null, laneMeanS: number | null, ofJobS: number): number {
  return clientMeanS ?? laneMeanS ?? ofJobS;
}
