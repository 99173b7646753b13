import type { QueuePosition } from '../job-store.js';
import type { Engine } from './engine.js';
import type { LaneGate } from './lane-gate.js';

/** What keeps a queued job from starting, beside those ahead of it. How long that lasts nobody can tell. */
export function prepareHindrance({ db }: Engine, gateOf: () => LaneGate) {
  const laneOf = db
    .prepare<[string], string>(
      `SELECT lanes.name FROM jobs CROSS JOIN client_lanes ON client_lanes.id = jobs.client_lane
       CROSS JOIN lanes ON lanes.id = client_lanes.lane WHERE jobs.id = ?`,
    )
    .pluck();
  return (id: string, position: QueuePosition): QueuePosition => {
    const gate = gateOf();
    const lane = gate.allOpen ? undefined : laneOf.get(id);
    if (lane === undefined || gate.isOpen(lane)) return position;
    return { ahead: position.ahead, running: position.running, waitsFor: 'connection' };
  };
}
