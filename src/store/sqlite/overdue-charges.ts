import { chargeWhileRunning } from '../../fairness/virtual-time.js';
import type { Engine } from './engine.js';

interface RunningJob {
  readonly seq: number;
  readonly charge: number;
  readonly started_at: number;
}

/** Raises the charges of a client's jobs in a lane that have run longer than charged, `now` in ms since the epoch; whether there were any. */
export function prepareOverdueCharges({
  db,
}: Engine): (flow: { readonly id: number; readonly weight: number }, now: number) => boolean {
  const running = db.prepare<[number], RunningJob>(
    "SELECT seq, charge, started_at FROM jobs INDEXED BY jobs_leased WHERE state = 'running' AND client_lane = ?",
  );
  const raise = db.prepare('UPDATE jobs SET charge = ? WHERE seq = ?');
  const raiseClient = db.prepare(
    'UPDATE client_lanes SET virtual_time = virtual_time + @more, pending = pending + @more WHERE id = @id',
  );
  return ({ id, weight }, now) => {
    let more = 0;
    for (const { seq, charge, started_at } of running.all(id)) {
      const raised = chargeWhileRunning(charge, Math.max(0, now - started_at) / 1_000, weight);
      if (raised === charge) continue;
      raise.run(raised, seq);
      more += raised - charge;
    }
    if (more > 0) raiseClient.run({ more, id });
    return more > 0;
  };
}
