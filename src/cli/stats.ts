import type { ChalkInstance } from 'chalk';
import { readConnections } from '../config/connections.js';
import type { Settings } from '../config/settings.js';
import type { BreakerState } from '../resilience/breaker.js';
import type { Mode } from '../resilience/degradation.js';
import type { BreakerRecord } from '../store/breaker-store.js';
import type { Holdings } from '../store/holdings-store.js';
import type { QueueStats } from '../store/job-store.js';
import { SERVICES, sharedLane } from '../store/lane.js';
import type { Store } from '../store/store.js';
import type { UsageReport } from '../store/usage-store.js';
import { breakerTable } from './breaker.js';
import type { GlobalOptions } from './global-options.js';
import { type BreakerJson, breakerJson, type WorkerJson, workerJson } from './json-names.js';
import { type LocalHostState, localHostState } from './local-host-state.js';
import { openStore } from './open-store.js';
import { usageOfAll } from './quota.js';
import { localDataOf } from './settings.js';
import { duration, table } from './table.js';
import { terminal } from './terminal.js';
import { type UsageJson, usageJson } from './usage-json.js';
import { keptTable, quotasTable, usageTable } from './usage-table.js';
import { watch } from './watch-stats.js';

/** What `stats --json` prints: the queue's figures under the names of `QueueStats`, and what stands around the queue. */
interface Stats extends QueueStats {
  readonly db: string;
  /** Of the connection in use. */
  readonly breaker: BreakerState;
  readonly mode: Mode;
  /** Of all connections that were used. */
  readonly connections: readonly BreakerJson[];
  readonly workers: readonly WorkerJson[];
  readonly local_host: LocalHostState | null;
  readonly memories: Holdings['memories'];
  readonly repositories: Omit<Holdings['repositories'], 'indexBytes'> & { readonly index_bytes: number };
  /** Limits and use of each client. */
  readonly usage: readonly UsageJson[];
}

interface Gathered {
  readonly stats: Stats;
  readonly reports: readonly UsageReport[];
  readonly breakers: readonly BreakerRecord[];
}

export async function stats(options: GlobalOptions & { readonly watch?: boolean }): Promise<void> {
  const { store, settings } = await openStore(options);
  try {
    const read = () => gather(store, settings);
    if (options.watch === true) {
      await watch(store, options, {
        read,
        page: (now, paint) => page(now, paint),
        line: (now) => (options.json === true ? JSON.stringify(now.stats) : plainLine(now.stats)),
      });
      return;
    }
    const all = await read();
    await terminal({ json: options.json ?? false, color: options.color }).result(all.stats, (paint) =>
      page(all, paint),
    );
  } finally {
    await store.close();
  }
}

async function gather(store: Store, settings: Settings): Promise<Gathered> {
  const [queue, workers, localHost, reports, breakers, connections, holdings] = await Promise.all([
    store.stats(),
    store.listWorkers(),
    localHostState(localDataOf(settings)),
    usageOfAll(store),
    store.breakers(),
    readConnections(),
    store.holdings(),
  ]);
  const { indexBytes, ...repositories } = holdings.repositories;
  const profile = settings.connection ?? connections.defaultName;
  const own = breakers.find((breaker) => breaker.profile === profile);
  const stats: Stats = {
    ...queue,
    db: settings.db,
    breaker: own?.state ?? 'closed',
    mode: own?.mode ?? 'normal',
    connections: breakers.map(breakerJson),
    workers: workers.map(workerJson),
    local_host: localHost ?? null,
    memories: holdings.memories,
    repositories: { ...repositories, index_bytes: indexBytes },
    usage: reports.map(usageJson),
  };
  return { stats, reports, breakers };
}

function page({ stats, reports, breakers }: Gathered, paint: ChalkInstance): string {
  return [
    queueLine(stats, paint),
    clientTable(stats),
    usageTable(reports),
    quotasTable(reports, Date.now()),
    keptTable(reports),
    workerTable(stats, paint),
    breakers.length === 0 ? undefined : breakerTable(breakers, paint),
    surroundings(stats),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n');
}

function queueLine(stats: Stats, paint: ChalkInstance): string {
  const waits = [
    `wait p50 ${optional(stats.wait_p50_ms)}`,
    `p95 ${optional(stats.wait_p95_ms)}`,
    ...(stats.oldest_queued_ms === undefined ? [] : [`oldest waits ${duration(stats.oldest_queued_ms)}`]),
  ].join(', ');
  return [
    `${paint.bold(String(stats.total_queued))} queued, ${paint.bold(String(stats.total_active))} running, ${stats.available_slots} slots free`,
    ...servicesLine(stats),
    `${stats.finished_last_minute} finished in the last minute, ${stats.finished_last_hour} in the last hour; ${waits}`,
  ].join('\n');
}

/** Only where there is more than statements: those are in the line above. */
function servicesLine({ services }: Stats): readonly string[] {
  if (SERVICES.every((name) => name === 'warehouse' || services[name].running + services[name].waiting === 0))
    return [];
  return [
    SERVICES.map((name) => `${name} ${services[name].waiting} waiting, ${services[name].running} running`).join('; '),
  ];
}

function plainLine(stats: Stats): string {
  const { total_queued, total_active, available_slots, finished_last_minute, mode } = stats;
  return `${total_queued} queued, ${total_active} running, ${available_slots} slots free; ${finished_last_minute} finished in the last minute${mode === 'normal' ? '' : `; ${mode}`}`;
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
      `${worker.running}/${jobsAtOnce(worker)}`,
      `${duration(Math.max(0, now - worker.heartbeat_at))} ago`,
      lanesText(worker),
      worker.client ?? 'all',
    ]),
  );
}

function jobsAtOnce({ concurrency, slots }: WorkerJson): number {
  if (slots === undefined) return concurrency;
  return Object.entries(slots).reduce((sum, [lane, own]) => sum + (sharedLane(lane) === lane ? own : 0), 0);
}

/** Lanes of the worker alone are left out: each goes with one that is named. */
function lanesText({ lanes, slots }: WorkerJson): string {
  return lanes
    .filter((lane) => sharedLane(lane) === lane)
    .map((lane) => (slots?.[lane] === undefined ? lane : `${lane}:${slots[lane]}`))
    .join(' ');
}

function surroundings(stats: Stats): string {
  const host = stats.local_host;
  const local = host === null ? 'not running' : `${host.state} at ${host.url} (pid ${host.pid})`;
  const { memories, repositories } = stats;
  return [
    `mode             ${stats.mode}`,
    `local Snowflake  ${local}`,
    ...(memories.count === 0
      ? []
      : [
          `memories         ${memories.count} in ${memories.namespaces} ${memories.namespaces === 1 ? 'namespace' : 'namespaces'}, ${sizeOf(memories.bytes)}`,
        ]),
    ...(repositories.count === 0
      ? []
      : [
          `repositories     ${repositories.count}, ${repositories.ready} ready, ${repositories.syncing} being synced; ${repositories.files} files of ${sizeOf(repositories.bytes)}`,
        ]),
    `database         ${stats.db}`,
  ].join('\n');
}

function sizeOf(bytes: number): string {
  return bytes < 100_000 ? `${bytes} bytes` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function optional(ms: number | undefined): string {
  return ms === undefined ? '-' : duration(ms);
}
