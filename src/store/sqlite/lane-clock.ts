import { clockWhen, type Flow, isOverdue } from '../../fairness/virtual-time.js';
import type { Engine } from './engine.js';
import { prepareOverdueCharges } from './overdue-charges.js';

/** A clock that was set so long ago, in ms, is looked at anew before somebody is lifted to it. */
const STALE_MS = 5;

export interface LaneTime {
  readonly lane: number;
  /** Virtual time of the lane's clock, and when it was set (ms since the epoch). */
  readonly clock: number;
  readonly clockAt: number;
}

interface LaneFlow extends Flow {
  readonly id: number;
}

/**
 * Sets the clock of a lane before a client joins it. Claims set it, too, but long statements leave it standing between them:
 * who joined then would be owed all that the others have been served since. It is what the client whose turn it is has
 * attained (never past its virtual time); when all are at their caps, the least that one of those has.
 */
export function prepareLaneClock(engine: Engine): (at: LaneTime, now: number) => void {
  const { db } = engine;
  const chargeOverdue = prepareOverdueCharges(engine);
  const flow = `client_lanes.id, client_lanes.virtual_time AS virtualTime, client_lanes.pending, client_lanes.running, client_lanes.started,
    clients.weight`;
  const next = db.prepare<[number], LaneFlow>(
    `SELECT ${flow} FROM client_lanes INDEXED BY client_lanes_ready CROSS JOIN clients ON clients.id = client_lanes.client
     WHERE client_lanes.lane = ? AND client_lanes.queued > 0 AND client_lanes.capped = 0
       AND client_lanes.wake_at IS NULL
     ORDER BY client_lanes.virtual_time LIMIT 1`,
  );
  const capped = db.prepare<[number], LaneFlow>(
    `SELECT ${flow} FROM client_lanes CROSS JOIN clients ON clients.id = client_lanes.client
     WHERE client_lanes.id IN (SELECT client_lane FROM jobs INDEXED BY jobs_leased WHERE state = 'running')
       AND client_lanes.lane = ? AND client_lanes.queued > 0 AND client_lanes.capped = 1`,
  );
  const save = db.prepare('UPDATE lanes SET virtual_time = ?, clock_at = ? WHERE id = ?');
  const look = (lane: number, now: number): LaneFlow | undefined => {
    for (;;) {
      const first = next.get(lane);
      if (first === undefined || !isOverdue(first, now) || !chargeOverdue(first, now)) return first;
    }
  };
  return ({ lane, clock, clockAt }, now) => {
    if (now - clockAt < STALE_MS) return;
    const first = look(lane, now);
    const flows = first === undefined ? capped.all(lane) : [first];
    if (flows.length === 0) return;
    save.run(Math.min(...flows.map((each) => clockWhen(clock, each, now))), now, lane);
  };
}
