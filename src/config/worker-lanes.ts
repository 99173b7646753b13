/** A lane that a worker serves, and how many of its jobs at once; without a number, as many as is usual for it. */
export interface LaneSlots {
  /** `query` (the lane of the connection in use), `memory`, `code`, or the lane of another connection: `prod:sql`. */
  readonly lane: string;
  readonly slots?: number;
}

const LANE_SLOTS = /^(query|memory|code|.+:sql)(?::([1-9]\d?|100))?$/;

export const LANE_SLOTS_ACCEPTED = 'query, memory, code or PROFILE:sql, each with :SLOTS (1 to 100) or without';

/** What `memory:10`, `query` or `prod:sql:4` says; `undefined` where it says nothing. */
export function laneSlotsOf(text: string): LaneSlots | undefined {
  const [, lane, slots] = LANE_SLOTS.exec(text) ?? [];
  if (lane === undefined) return undefined;
  return { lane, ...(slots === undefined ? {} : { slots: Number(slots) }) };
}

/** Every item says something, and no lane is named twice. */
export function areLaneSlots(items: readonly string[]): boolean {
  const lanes = items.map((item) => laneSlotsOf(item)?.lane);
  return !lanes.includes(undefined) && new Set(lanes).size === lanes.length;
}
