import type { Engine } from './engine.js';

/** Most jobs brought forward at once; what is left keeps its own time. */
const AT_ONCE = 1_000;

/**
 * Jobs that were to be tried again because their profile could not be reached need not wait any longer. Those that were told
 * when to come back do.
 */
export function prepareReconnected(engine: Engine): (profile: string) => void {
  const bringForward = engine.db.prepare(
    `UPDATE jobs SET run_at = @now WHERE seq IN (SELECT seq FROM jobs INDEXED BY jobs_scheduled
       WHERE state = 'scheduled' AND run_at > @now AND attempts > 0 AND error ->> 'code' = 'CONNECTION_FAILED'
         AND error ->> 'retryAfterMs' IS NULL
         AND client_lane IN (SELECT client_lanes.id FROM lanes CROSS JOIN client_lanes ON client_lanes.lane = lanes.id
           WHERE lanes.name = @lane OR substr(lanes.name, 1, length(@lane) + 5) = @lane || ':pin:')
       LIMIT ${AT_ONCE})`,
  );
  return (profile) => void bringForward.run({ now: engine.now(), lane: `${profile}:sql` });
}
