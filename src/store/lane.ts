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

/** What the jobs of a lane work on. Each has its own bounds on what waits and runs: none takes another's places. */
export const SERVICES = ['warehouse', 'memory', 'code'] as const;
export type Service = (typeof SERVICES)[number];

export function serviceOf(lane: string): Service {
  const shared = sharedLane(lane);
  return shared === MEMORY_LANE || shared === CODE_LANE ? shared : 'warehouse';
}
