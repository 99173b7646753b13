import type { ChalkInstance } from 'chalk';
import type { QueueStats } from '../store/job-store.js';
import type { GlobalOptions } from './global-options.js';
import { type WorkerJson, workerJson } from './json-names.js';
import { type LocalHostState, localHostState } from './local-host-state.js';
import { openStore } from './open-store.js';
import { localDataOf } from './settings.js';
import { duration, table } from './table.js';
import { terminal } from './terminal.js';

/** What `stats --json` prints: the queue's figures under the names of `QueueStats`, and what stands around the queue. */
interface Stats extends QueueStats {
  readonly db: string;
  readonly breaker: 'closed';
  readonly workers: readonly WorkerJson[];
  readonly local_host: LocalHostState | null;
}

export async function stats(options: GlobalOptions): Promise<void> {
  const { store, settings } = await openStore(options);
  try {
    const [queue, workers, localHost] = await Promise.all([
      store.stats(),
      store.listWorkers(),
      localHostState(localDataOf(settings)),
    ]);
    const all: Stats = {
      ...queue,
      db: settings.db,
      breaker: 'closed',
      workers: workers.map(workerJson),
      local_host: localHost ?? null,
    };
    await terminal({ json: options.json ?? false, color: options.color }).result(all, (paint) => page(all, paint));
  } finally {
    await store.close();
  }
}

function page(stats: Stats, paint: ChalkInstance): string {
  return [queueLine(stats, paint), clientTable(stats), workerTable(stats, paint), surroundings(stats)].join('\n\n');
}

function queueLine(stats: Stats, paint: ChalkInstance): string {
  const waits = [
    `wait p50 ${optional(stats.wait_p50_ms)}`,
    `p95 ${optional(stats.wait_p95_ms)}`,
    ...(stats.oldest_queued_ms === undefined ? [] : [`oldest waits ${duration(stats.oldest_queued_ms)}`]),
  ].join(', ');
  return [
    `${paint.bold(String(stats.total_queued))} queued, ${paint.bold(String(stats.total_active))} running, ${stats.available_slots} slots free`,
    `${stats.finished_last_minute} finished in the last minute, ${stats.finished_last_hour} in the last hour; ${waits}`,
  ].join('\n');
}

const RIGHT = { align: 'right' } as const;

function clientTable(stats: Stats): string {
  const clients = Object.entries(stats.clients);
  if (clients.length === 0) return 'No client has asked for anything yet.';
  return table(
    [
      { title: 'CLIENT' },
      ...['QUEUED', 'RUNNING', 'SCHEDULED', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED', 'WAIT P50', 'WAIT P95'].map(
        (title) => ({ title, ...RIGHT }),
      ),
    ],
    clients.map(([name, load]) => [
      name,
      ...[load.queued, load.active, load.scheduled, load.succeeded, load.failed, load.cancelled, load.expired].map(
        String,
      ),
      optional(load.wait_p50_ms),
      optional(load.wait_p95_ms),
    ]),
  );
}

function workerTable(stats: Stats, paint: ChalkInstance): string {
  if (stats.workers.length === 0) {
    return stats.total_queued > 0
      ? paint.yellow('No worker is there: start `mcp-snow worker`, or a server without --no-worker.')
      : 'No worker is there.';
  }
  const now = Date.now();
  return table(
    [
      { title: 'WORKER' },
      { title: 'PID', ...RIGHT },
      { title: 'HOST' },
      { title: 'STATE' },
      { title: 'RUNNING', ...RIGHT },
      { title: 'HEARTBEAT', ...RIGHT },
      { title: 'LANES' },
      { title: 'CLIENT' },
    ],
    stats.workers.map((worker) => [
      worker.id.slice(0, 8),
      String(worker.pid),
      worker.host,
      worker.state === 'working' ? worker.state : paint.yellow(worker.state),
      `${worker.running}/${worker.concurrency}`,
      `${duration(Math.max(0, now - worker.heartbeat_at))} ago`,
      worker.lanes.join(' '),
      worker.client ?? 'all',
    ]),
  );
}

function surroundings(stats: Stats): string {
  const host = stats.local_host;
  const local = host === null ? 'not running' : `${host.state} at ${host.url} (pid ${host.pid})`;
  return [`breaker          ${stats.breaker}`, `local Snowflake  ${local}`, `database         ${stats.db}`].join('\n');
}

function optional(ms: number | undefined): string {
  return ms === undefined ? '-' : duration(ms);
}
