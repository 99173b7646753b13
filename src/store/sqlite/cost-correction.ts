import { correctionOf } from '../../fairness/virtual-time.js';
import type { Engine } from './engine.js';

interface ChargedJob {
  readonly client_lane: number;
  readonly estimate_s: number;
  readonly lifts: number | null;
}

/** Puts the real seconds of an attempt in the place of those charged for it at claim. */
export function prepareCostCorrection({ db }: Engine): (job: ChargedJob, realS: number) => void {
  const find = db.prepare<[number], { weight: number; lifts: number }>(
    `SELECT clients.weight, client_lanes.lifts FROM client_lanes
     CROSS JOIN clients ON clients.id = client_lanes.client WHERE client_lanes.id = ?`,
  );
  const correct = db.prepare('UPDATE client_lanes SET virtual_time = virtual_time + ? WHERE id = ?');
  return (job, realS) => {
    const flow = find.get(job.client_lane);
    if (flow === undefined) return;
    const correction = correctionOf(job.estimate_s, realS, flow.weight, flow.lifts !== job.lifts);
    if (correction !== 0) correct.run(correction, job.client_lane);
  };
}
