import { rampLimit } from '../../resilience/breaker.js';
import { profileNeeded } from '../lane.js';
import type { Engine } from './engine.js';

/** Which lanes jobs may be claimed from, for one claim. */
export interface LaneGate {
  /** None is kept shut. */
  readonly allOpen: boolean;
  isOpen(lane: string): boolean;
  /** One more job of the lane runs. */
  started(lane: string): void;
}

interface GuardedRow {
  readonly profile: string;
  readonly state: 'closed' | 'open' | 'half-open';
  readonly boot: string;
  readonly closed_at: number | null;
}

const OPEN: LaneGate = { allOpen: true, isOpen: () => true, started: () => {} };

/**
 * Jobs of a profile wait while its breaker is not closed; once it has closed again, as many run as the ramp allows. The
 * usual case, nothing of that, costs one look at a table of a few rows.
 */
export function prepareLaneGate(engine: Engine): () => LaneGate {
  const { db, lease, bounds, breaker: policy } = engine;
  const guarded = db.prepare<[number], GuardedRow>(
    `SELECT profile, state, boot, closed_at FROM breakers WHERE (state <> 'closed' OR closed_at > ?)
       AND NOT EXISTS (SELECT 1 FROM flags WHERE flag = 'circuit-breaker' AND scope = 'all' AND name = '' AND is_on = 0)`,
  );
  const running = db.prepare<[], { readonly lane: string; readonly jobs: number }>(
    `SELECT lanes.name AS lane, count(*) AS jobs FROM jobs INDEXED BY jobs_leased
     CROSS JOIN client_lanes ON client_lanes.id = jobs.client_lane CROSS JOIN lanes ON lanes.id = client_lanes.lane
     WHERE jobs.state = 'running' GROUP BY lanes.id`,
  );

  return () => {
    const now = lease.now();
    const rows = guarded.all(now - policy.rampMs);
    if (rows.length === 0) return OPEN;
    /** Jobs that may still start, by profile. */
    const left = new Map<string, number>();
    for (const { profile, state, boot, closed_at } of rows) {
      if (state !== 'closed') left.set(profile, 0);
      else if (boot === lease.boot) {
        const limit = rampLimit({ state, closedAt: closed_at ?? undefined }, now, bounds.maxRunning, policy);
        if (limit !== undefined) left.set(profile, limit);
      }
    }
    for (const { lane, jobs } of running.all()) take(lane, jobs);
    return {
      allOpen: false,
      isOpen: (lane) => (left.get(profileNeeded(lane) ?? '') ?? 1) > 0,
      started: (lane) => take(lane, 1),
    };

    function take(lane: string, jobs: number): void {
      const profile = profileNeeded(lane) ?? '';
      const rest = left.get(profile);
      if (rest !== undefined) left.set(profile, rest - jobs);
    }
  };
}
