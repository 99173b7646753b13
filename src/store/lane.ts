const WAREHOUSE_LANE = /^(.+):sql(?::pin:[^:]+)?$/;

/** The connection profile that jobs of a lane need; `undefined` where they need none. */
export function profileNeeded(lane: string): string | undefined {
  return WAREHOUSE_LANE.exec(lane)?.[1];
}
