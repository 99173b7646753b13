import type { WorkerRecord, WorkerStore } from '../worker-store.js';
import type { Engine } from './engine.js';
import { IS_PINNED_LANE, WORKER_OF_LANE } from './pinned-lanes.js';

type Registration = Parameters<WorkerStore['registerWorker']>[0];

/** A worker is lost when it has missed so many heartbeats. */
const MISSED_HEARTBEATS = 3;

interface WorkerRow {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly lanes: string;
  readonly concurrency: number;
  readonly slots: string | null;
  readonly client: string | null;
  readonly state: 'working' | 'draining';
  readonly started_at: number;
  readonly heartbeat_at: number;
  readonly heartbeat_ms: number;
  readonly seen_boot: string;
  readonly seen_at: number;
  readonly running: number;
}

export interface WorkerOperations {
  register(worker: Registration): void;
  heartbeat(id: string, state: 'working' | 'draining'): void;
  remove(id: string): void;
  list(): readonly WorkerRecord[];
  stranded(): readonly string[];
}

export function prepareWorkers(engine: Engine): WorkerOperations {
  const { db, lease } = engine;
  const register = db.prepare(
    `INSERT OR REPLACE INTO workers (id, pid, host, lanes, concurrency, slots, client, state, started_at, heartbeat_at,
       heartbeat_ms, seen_boot, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'working', ?, ?, ?, ?, ?)`,
  );
  const heartbeat = db.prepare(
    'UPDATE workers SET state = ?, heartbeat_at = ?, seen_boot = ?, seen_at = ? WHERE id = ?',
  );
  const remove = db.prepare('DELETE FROM workers WHERE id = ?');
  const list = db.prepare<[], WorkerRow>(
    `SELECT workers.*, coalesce(held.running, 0) AS running FROM workers
     LEFT JOIN (SELECT worker, count(*) AS running FROM jobs WHERE state = 'running' GROUP BY worker) AS held
       ON held.worker = workers.id
     ORDER BY started_at, id`,
  );
  const stranded = db
    .prepare<[string, number], string>(
      `SELECT name FROM lanes WHERE ${IS_PINNED_LANE}
       AND EXISTS (SELECT 1 FROM client_lanes INDEXED BY client_lanes_ready
         WHERE lane = lanes.id AND queued > 0 AND capped = 0 AND wake_at IS NULL)
       AND NOT EXISTS (SELECT 1 FROM workers WHERE id = ${WORKER_OF_LANE}
         AND seen_boot = ? AND seen_at >= ? - ${MISSED_HEARTBEATS} * heartbeat_ms)`,
    )
    .pluck();
  const isLost = (row: WorkerRow): boolean =>
    row.seen_boot !== lease.boot || lease.now() - row.seen_at > MISSED_HEARTBEATS * row.heartbeat_ms;
  return {
    register: (worker) => {
      const now = engine.now();
      const { id, pid, host, concurrency, client, heartbeatMs } = worker;
      const lanes = JSON.stringify(worker.lanes);
      const slots = worker.slots === undefined ? null : JSON.stringify(worker.slots);
      register.run(
        id,
        pid,
        host,
        lanes,
        concurrency,
        slots,
        client ?? null,
        now,
        now,
        heartbeatMs,
        lease.boot,
        lease.now(),
      );
    },
    heartbeat: (id, state) => void heartbeat.run(state, engine.now(), lease.boot, lease.now(), id),
    remove: (id) => void remove.run(id),
    stranded: () => stranded.all(lease.boot, lease.now()),
    list: () =>
      list.all().map((row) => ({
        id: row.id,
        pid: row.pid,
        host: row.host,
        lanes: JSON.parse(row.lanes) as string[],
        concurrency: row.concurrency,
        ...(row.slots !== null && { slots: JSON.parse(row.slots) as Record<string, number> }),
        running: row.running,
        ...(row.client !== null && { client: row.client }),
        startedAt: row.started_at,
        heartbeatAt: row.heartbeat_at,
        state: isLost(row) ? 'lost' : row.state,
      })),
  };
}
