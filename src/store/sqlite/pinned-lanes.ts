/** Whether a row of `lanes` is the lane that one worker alone serves. */
export const IS_PINNED_LANE =
  "(lanes.name LIKE '%:sql:pin:%' OR lanes.name LIKE 'memory:pin:%' OR lanes.name LIKE 'code:pin:%')";

/** The id of that worker. */
export const WORKER_OF_LANE = `substr(lanes.name, iif(instr(lanes.name, ':sql:pin:') > 0,
  instr(lanes.name, ':sql:pin:') + 4, instr(lanes.name, ':pin:')) + 5)`;
