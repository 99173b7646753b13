import type { JobStore, SweepReport } from '../../job-store.js';
import { ClockWatch } from '../clock-watch.js';
import type { Engine } from '../engine.js';
import type { LaneGate } from '../lane-gate.js';
import { prepareNextWake } from '../next-wake.js';
import { prepareSetBack } from '../set-back.js';
import { prepareSweep } from '../sweep.js';
import type { Turns } from './turns.js';

/** What time alone changes, and when the next of it is due. `onDeleted`: space has become free. */
export function sweepRole(
  engine: Engine,
  { commit, read }: Turns,
  gate: () => LaneGate,
  onDeleted: () => void,
): Pick<JobStore, 'sweep' | 'nextWakeAt'> {
  const nextWakeAt = prepareNextWake(engine);
  const { duties, deletions } = prepareSweep(engine, gate);
  const clock = new ClockWatch(engine.now, engine.lease.now);
  const setBack = prepareSetBack(engine);

  return {
    sweep: async () => {
      const report: { -readonly [K in keyof SweepReport]: number } = {
        requeued: 0,
        abandoned: 0,
        due: 0,
        expired: 0,
        orphaned: 0,
        resultsDeleted: 0,
        jobsDeleted: 0,
        workersForgotten: 0,
        auditDeleted: 0,
        sessionsEnded: 0,
        memoriesDeleted: 0,
      };
      if (clock.wasSetBack()) await commit.run(setBack);
      const planned = await read(nextWakeAt);
      if (planned === undefined || planned > engine.now()) return report;
      for (const step of clock.agesHold ? [...duties, ...deletions] : duties) {
        for (let more = true; more; ) {
          const done = await commit.run(step);
          for (const [name, count] of Object.entries(done.did)) report[name as keyof SweepReport] += count;
          more = done.more;
        }
      }
      if (report.jobsDeleted + report.resultsDeleted + report.auditDeleted > 0) onDeleted();
      return report;
    },
    nextWakeAt: () => read(nextWakeAt),
  };
}
