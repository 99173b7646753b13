/** The lane of memory operations and of searches in repositories: no connection is needed for them. */
export const MEMORY_LANE = 'memory';

/** The lane of repository syncs. */
export const CODE_LANE = 'code';

const WAREHOUSE_LANE = /^(.+):sql(?::pin:[^:]+)?$/;

const PINNED_LANE = /^(memory|code|.+:sql):pin:[^:]+$/;

/** The connection profile that jobs of a lane need; `undefined` where they need none. */
export function profileNeeded(lane: string): string | undefined {
  return WAREHOUSE_LANE.exec(lane)?.[1];
}

/** The lane that one worker alone serves: for what lives in that worker's process. */
export function pinLane(lane: string, worker: string): string {
  return `${lane}:pin:${worker}`;
}

/** The lane that a worker's own lane goes with. */
export function sharedLane(lane: string): string {
  return PINNED_LANE.exec(lane)?.[1] ?? lane;
}
