import { systemLeaseClock } from '../clock.js';
import { withBusyRetry } from './busy-retry.js';
import type { Database } from './connection.js';
import { storeFailure } from './failure.js';
import { latestVersion } from './migrator.js';

/** What waits in a lane that no live worker takes from. */
export interface UnservedLane {
  readonly lane: string;
  readonly queued: number;
  /** How long the first of them has waited, in ms. */
  readonly oldestMs: number;
}

/** What a look at the queue shows that should not be there; counts are of jobs. */
export interface QueueFindings {
  readonly queued: number;
  readonly running: number;
  readonly workers: number;
  readonly lostWorkers: number;
  /** Running, though their leases ended more than `overdueMs` ago: nobody sweeps. */
  readonly leasesOver: number;
  /** Scheduled for a time more than `overdueMs` ago. */
  readonly neverStarted: number;
  readonly unservedLanes: readonly UnservedLane[];
  /** Sessions whose pinned connection is gone. */
  readonly lostPins: number;
  /** How far the newest job lies in the future, in ms; 0 when it does not. */
  readonly aheadMs: number;
  /** How far the wall clock was moved since a live worker's last heartbeat, in ms; positive: forward. */
  readonly clockMovedMs: number;
}

export interface StoreExamination {
  readonly schema: number;
  readonly latest: number;
  /** `ok`, or what SQLite found. */
  readonly integrity: string;
  /** Only of a file with this program's schema. */
  readonly queue?: QueueFindings;
}

/**
 * Looks at a store's file without changing it: no migration, no file beside it that was not there. Throws
 * `STORE_UNAVAILABLE` when it cannot be read at all.
 */
export async function examineStore(path: string, overdueMs: number): Promise<StoreExamination> {
  const { default: Driver } = await import('better-sqlite3');
  let db: Database | undefined;
  try {
    const opened = new Driver(path, { readonly: true, timeout: 0 });
    db = opened;
    const latest = latestVersion();
    const schema = await withBusyRetry(path, () =>
      Number(opened.prepare('SELECT max(version) FROM schema_migrations').pluck().get()),
    );
    const integrity = String(opened.pragma('quick_check(1)', { simple: true })).replace(/\s+/g, ' ');
    const readable = integrity === 'ok' && schema === latest;
    return { schema, latest, integrity, ...(readable && { queue: queueFindings(opened, overdueMs) }) };
  } catch (failure) {
    throw storeFailure(failure, path);
  } finally {
    db?.close();
  }
}

function queueFindings(db: Database, overdueMs: number): QueueFindings {
  const clock = systemLeaseClock();
  const at = { boot: clock.boot, mono: clock.now(), now: Date.now(), overdue: overdueMs };
  const number = (sql: string): number => Number(db.prepare(sql).pluck().get(at) ?? 0);
  const alive = 'seen_boot = @boot AND seen_at >= @mono - 3 * heartbeat_ms';
  return {
    queued: number('SELECT queued FROM queue'),
    running: number('SELECT running FROM queue'),
    workers: number(`SELECT count(*) FROM workers WHERE ${alive}`),
    lostWorkers: number(`SELECT count(*) FROM workers WHERE NOT (${alive})`),
    leasesOver: number(
      `SELECT count(*) FROM jobs WHERE state = 'running' AND (lease_boot <> @boot OR lease_until < @mono - @overdue)`,
    ),
    neverStarted: number(`SELECT count(*) FROM jobs WHERE state = 'scheduled' AND run_at < @now - @overdue`),
    unservedLanes: db
      .prepare<[typeof at], UnservedLane>(
        `SELECT lanes.name AS lane, count(*) AS queued, @now - min(jobs.ready_at) AS oldestMs
         FROM jobs JOIN client_lanes ON client_lanes.id = jobs.client_lane JOIN lanes ON lanes.id = client_lanes.lane
         WHERE jobs.state = 'queued' AND lanes.name NOT IN
           (SELECT value FROM workers, json_each(workers.lanes) WHERE ${alive})
         GROUP BY lanes.name ORDER BY lanes.name`,
      )
      .all(at),
    lostPins: number(
      `SELECT count(*) FROM sessions WHERE pin IS NOT NULL AND NOT EXISTS (SELECT 1 FROM leases
         WHERE resource = 'pin:' || json_extract(sessions.pin, '$.id')
         AND holder IS NOT NULL AND boot = @boot AND held_until >= @mono)`,
    ),
    aheadMs: Math.max(0, number('SELECT max(created_at) FROM jobs') - at.now),
    clockMovedMs: number(
      `SELECT (@now - @mono) - (heartbeat_at - seen_at) FROM workers WHERE ${alive}
       ORDER BY abs((@now - @mono) - (heartbeat_at - seen_at)) DESC LIMIT 1`,
    ),
  };
}
