import { failureRateOf } from '../../resilience/breaker.js';
import type { LoadSignals } from '../../resilience/degradation.js';
import type { KnownProfile } from './breaker-row.js';
import type { Engine } from './engine.js';
import { prepareServiceCounts } from './service-counts.js';

/** Clients looked at of those that are next in fair order: a client with a long queue of its own is far behind. */
const NEXT_IN_LINE = 5;

/**
 * What the mode of a profile is worked out from. The age of the queue is that of attached jobs whose clients are next in line
 * and have nothing running: it tells how long people wait who are not served, whatever others have queued.
 */
export function prepareLoadSignals(engine: Engine): (known: KnownProfile) => LoadSignals {
  const { db, bounds, breaker: policy, lease } = engine;
  const counts = prepareServiceCounts(engine);
  const oldest = db
    .prepare<[string], number | null>(
      `SELECT min(ready_at) FROM (SELECT (SELECT iif(attached = 1, ready_at, NULL) FROM jobs INDEXED BY jobs_queued
           WHERE client_lane = next.id AND state = 'queued' ORDER BY priority, seq LIMIT 1) AS ready_at
         FROM (SELECT id FROM client_lanes INDEXED BY client_lanes_ready
           WHERE lane = (SELECT id FROM lanes WHERE name = ?) AND queued > 0 AND capped = 0 AND wake_at IS NULL
             AND running = 0
           ORDER BY virtual_time LIMIT ${NEXT_IN_LINE}) AS next)`,
    )
    .pluck();
  return ({ profile, breaker }) => {
    const readySince = oldest.get(`${profile}:sql`);
    return {
      queueAgeMs: typeof readySince === 'number' ? Math.max(0, engine.now() - readySince) : 0,
      queueFill: counts().warehouse.waiting / bounds.maxQueued,
      failureRate: failureRateOf(breaker, lease.now(), policy),
      reachable: breaker.state === 'closed',
    };
  };
}
