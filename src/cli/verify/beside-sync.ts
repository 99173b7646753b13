import { setTimeout as delay } from 'node:timers/promises';
import { syncRequest } from '../../gateway/repository-requests.js';
import type { Gateway } from '../../gateway/requests.js';
import { percentile } from '../demo/fairness-figure.js';
import { duration } from '../table.js';
import type { Metric } from './metric.js';
import { type PacedFigures, pacedLoad } from './paced-load.js';
import type { Site } from './site.js';

const CLIENTS = 20;
const P95_MS = 100;
const MOST_SLOWER = 1.3;

/** Below this a difference says more about the machine than about the sync (ms). */
const UNNOTICED_MS = 10;

const SYNCER = 'syncer';

/** One sync after the other of the same folder, each reading every file, until it is told to stop. */
export interface Syncing {
  /** Files read since it began. */
  readonly files: number;
  stop(): Promise<void>;
}

export async function keepSyncing(gateway: Gateway, folder: string): Promise<Syncing> {
  const over = new AbortController();
  let files = 0;
  const once = async (): Promise<void> => {
    const sync = { ...syncRequest({ path: folder, full: true }), waitS: 50 };
    await gateway.operate({ client: SYNCER }, sync, {
      signal: over.signal,
      onProgress: (seen) => {
        if (seen.state === 'running') files = Math.max(files, seen.progress?.done ?? 0);
      },
    });
  };
  const running = (async () => {
    while (!over.signal.aborted) await once();
  })().catch((failure: unknown) => {
    if (!over.signal.aborted) throw failure;
  });
  running.catch(() => {});
  return {
    get files() {
      return files;
    },
    stop: async () => {
      over.abort();
      await running;
      const goesOn = async () => (await gateway.listJobs({ client: SYNCER }, { states: ['running'] })).jobs.length > 0;
      while (await goesOn()) await delay(20);
    },
  };
}

/** The same load twice: without a sync, and while a repository is synced by a process of its own. */
export async function besideSync(
  site: Site,
  gateway: Gateway,
  say: (what: string) => void,
  loadMs: number,
): Promise<readonly Metric[]> {
  const folder = await site.code();
  await site.syncer();
  await site.store.setRate('default', 'memory', { count: 1_000_000, perMs: 60_000, burst: 1_000_000 });
  await site.store.setRate({ client: SYNCER }, 'sync', { count: 1_000, perMs: 60_000, burst: 1_000 });
  const load = { clients: CLIENTS, memoryEveryMs: 250, statementEveryMs: 500, forMs: loadMs };
  await pacedLoad(gateway, { ...load, forMs: 500 });
  say(`memories and statements of ${CLIENTS} clients`);
  const alone = await pacedLoad(gateway, load);
  say(`memories and statements of ${CLIENTS} clients while a repository is synced`);
  const syncing = await keepSyncing(gateway, folder);
  let beside: PacedFigures;
  try {
    beside = await pacedLoad(gateway, load);
  } finally {
    await syncing.stop();
  }
  return [
    slowerOnlyABit('memories', beside.memoryMs, alone.memoryMs),
    slowerOnlyABit('statements', beside.statementMs, alone.statementMs),
  ];
}

function slowerOnlyABit(what: string, beside: readonly number[], alone: readonly number[]): Metric {
  const now = percentile(beside, 0.95);
  const before = percentile(alone, 0.95);
  return {
    metric: `Calls for ${what} of ${CLIENTS} clients while a repository is synced, p95`,
    target: `below ${duration(P95_MS)}; at most ${MOST_SLOWER}x, or ${duration(UNNOTICED_MS)} more, than without`,
    measured: `${duration(now)} against ${duration(before)}`,
    pass: now < P95_MS && (now <= before * MOST_SLOWER || now - before <= UNNOTICED_MS),
  };
}
