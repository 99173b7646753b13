import { areLaneSlots, LANE_SLOTS_ACCEPTED, laneSlotsOf } from '../config/worker-lanes.js';
import { SnowError } from '../errors/snow-error.js';
import { CODE_LANE, MEMORY_LANE, profileNeeded } from '../store/lane.js';
import type { WorkerPool } from '../worker/claim-pool.js';

export interface PoolChoice {
  /** `memory:10`, `query`, …; absent means all three lanes. A lane that is not named is not served. */
  readonly lanes?: readonly string[] | undefined;
  /** Slots of the lanes of connections where none are named. */
  readonly concurrency: number;
  /** What `query` means: the lane of the connection in use. */
  readonly queryLane: string;
}

const ALL = ['query', MEMORY_LANE, CODE_LANE];

const SLOTS: Readonly<Record<string, number>> = { [MEMORY_LANE]: 10, [CODE_LANE]: 3 };

/** A pool for each lane. Throws `INVALID_ARGUMENT` for what names none. */
export function workerPools({ lanes = ALL, concurrency, queryLane }: PoolChoice): readonly WorkerPool[] {
  if (lanes.length === 0 || !areLaneSlots(lanes)) throw noLanes(lanes);
  return lanes.flatMap((item) => {
    const named = laneSlotsOf(item);
    if (named === undefined) return [];
    const lane = named.lane === 'query' ? queryLane : named.lane;
    return [{ lanes: [lane], slots: named.slots ?? SLOTS[lane] ?? concurrency }];
  });
}

/** Connections that these pools may need at once. */
export function connectionsOf(pools: readonly WorkerPool[]): number {
  return pools.reduce(
    (sum, { lanes, slots }) => sum + (lanes.some((lane) => profileNeeded(lane) !== undefined) ? slots : 0),
    0,
  );
}

function noLanes(lanes: readonly string[]): SnowError {
  const twice = lanes.every((item) => laneSlotsOf(item) !== undefined) && lanes.length > 0;
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: twice
      ? `A lane is named twice: ${lanes.join(', ')}.`
      : `A worker cannot serve ${JSON.stringify(lanes.join(',').slice(0, 80))}.`,
    hint: `Lanes are ${LANE_SLOTS_ACCEPTED}: worker --lanes memory:10,code:3,query:4`,
  });
}
