import type { FlagName } from '../../config/flags.js';
import { errorDataOf } from '../../errors/snow-error.js';
import type { Gateway } from '../../gateway/requests.js';
import type { LockStats } from '../../locks/read-write-lock.js';
import type { Store } from '../../store/store.js';
import type { Backend } from '../backend.js';
import { percentile } from '../demo/fairness-figure.js';
import { duration } from '../table.js';
import { besideSync } from './beside-sync.js';
import { closedLoop, type LoopFigures } from './closed-loop.js';
import type { Metric, Verification } from './metric.js';

const CLIENTS = 20;
const LOAD = { clients: CLIENTS, statementMs: 50 };
const ROUNDS = 5;
const OVERHEAD_P95_MS = 200;
const LEAST_SPEED_UP = 3;
const LEAST_RELIEF = 10;
const RATE = 6;
const RATE_CALLS = 20;

/** Clients that share one session: a session's lock is waited for by those who use it at once. */
const SHARERS = Array.from({ length: CLIENTS }, (_, at) => `sharer-${at + 1}`);

const OLD_WAY: readonly FlagName[] = ['connection-pool', 'read-write-locks'];

/** What one side of the flags came to. */
interface Side {
  readonly loop: LoopFigures;
  /** Waited for the lock in front of the single connection, in ms per statement. */
  readonly connectionMs: number;
  /** Waited for a session's lock, in ms per call. */
  readonly sessionMs: number;
}

/** Phase 2: against the old way, measured in the same run: lock waits, concurrent throughput; and overhead, and rate limits. */
export const concurrent: Verification = async (site, say, loadMs) => {
  const { store } = site;
  const backend = await site.backend(CLIENTS);
  const gateway = backend.gateway();
  for (const client of SHARERS) await store.setFlag('client-sessions', { client }, false, 'phase verify');
  await warmUp(gateway);
  say(`${CLIENTS} clients`);
  const now = await measure(backend, loadMs);
  const rate = await rateLimited(store, gateway);
  const sync = await besideSync(site, gateway, say, loadMs);
  say(`${CLIENTS} clients, the old way`);
  for (const flag of OLD_WAY) await store.setFlag(flag, 'all', false, 'phase verify');
  const old = await measure(backend, loadMs);
  return [...lockMetrics(now, old), ...loadMetrics(now.loop, old.loop), rate, ...sync];
};

async function warmUp(gateway: Gateway): Promise<void> {
  await gateway.query({ client: 'warm-up' }, { sql: 'select 1' });
  await closedLoop(gateway, { ...LOAD, forMs: 500 });
}

async function measure(backend: Backend, forMs: number): Promise<Side> {
  const gateway = backend.gateway();
  const before = backend.lockStats();
  const loop = await closedLoop(gateway, { ...LOAD, forMs });
  const between = backend.lockStats();
  for (let round = 0; round < ROUNDS; round += 1)
    await Promise.all(SHARERS.map((client) => gateway.query({ client }, { sql: 'select 1' })));
  const after = backend.lockStats();
  return {
    loop,
    connectionMs: waited(before.connection, between.connection) / loop.statements,
    sessionMs: waited(between.sessions, after.sessions) / (ROUNDS * SHARERS.length),
  };
}

function waited(before: LockStats, after: LockStats): number {
  return after.waitedMs - before.waitedMs;
}

function lockMetrics(now: Side, old: Side): Metric[] {
  const relief = (metric: string, nowMs: number, oldMs: number): Metric => ({
    metric,
    target: `at least ${LEAST_RELIEF}x lower than the old way’s`,
    measured: `${precise(nowMs)} against ${precise(oldMs)}`,
    pass: oldMs > 0 && nowMs * LEAST_RELIEF <= oldMs,
  });
  return [
    relief('Wait for the connection’s lock, per statement', now.connectionMs, old.connectionMs),
    relief('Wait for the session’s lock, per call', now.sessionMs, old.sessionMs),
  ];
}

function loadMetrics(now: LoopFigures, old: LoopFigures): Metric[] {
  const p95 = percentile(now.overheadMs, 0.95);
  const speedUp = now.perSecond / old.perSecond;
  return [
    {
      metric: `Overhead of ${CLIENTS} clients’ statements, p95`,
      target: `below ${duration(OVERHEAD_P95_MS)}`,
      measured: duration(p95),
      pass: p95 < OVERHEAD_P95_MS,
    },
    {
      metric: `Statements of ${LOAD.statementMs} ms by ${CLIENTS} clients, per second`,
      target: `at least ${LEAST_SPEED_UP}x the old way’s`,
      measured: `${now.perSecond.toFixed(0)} against ${old.perSecond.toFixed(0)}: ${speedUp.toFixed(1)}x`,
      pass: speedUp >= LEAST_SPEED_UP,
    },
  ];
}

/** As many calls at once as exceed a token bucket that is not refilled meanwhile. */
async function rateLimited(store: Store, gateway: Gateway): Promise<Metric> {
  const client = 'hasty';
  await store.setRate({ client }, 'query', { count: 1, perMs: 86_400_000, burst: RATE });
  const codes = await Promise.all(
    Array.from({ length: RATE_CALLS }, async () => {
      try {
        await gateway.query({ client }, { sql: 'select 1' });
        return 'passed';
      } catch (failure) {
        return errorDataOf(failure).code;
      }
    }),
  );
  const passed = codes.filter((code) => code === 'passed').length;
  const refused = codes.filter((code) => code === 'RATE_LIMITED').length;
  return {
    metric: `Calls that a rate limit of ${RATE} lets pass, of ${RATE_CALLS} at once`,
    target: `${RATE}, the others refused`,
    measured: `${passed}, ${refused} refused`,
    pass: passed === RATE && refused === RATE_CALLS - RATE,
  };
}

function precise(ms: number): string {
  return `${ms < 1 ? ms.toFixed(3) : ms.toFixed(1)} ms`;
}
