// The warehouse is gone for OUTAGE_SECONDS (30) under twenty clients that ask without a pause, while others keep coming: how soon the
// breaker opens, what the others are told and how fast, and how service comes back.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { errorDataOf } from '../../dist/errors/snow-error.js';
import { createGateway } from '../../dist/gateway/gateway.js';
import { openSqliteStore } from '../../dist/store/sqlite/open.js';
import { FaultProxy } from '../../tests/setup/fault-proxy-process.mjs';
import { percentile, tally } from './figures.mjs';

const OUTAGE_MS = Number(process.env.OUTAGE_SECONDS ?? 30) * 1_000;
const CLIENTS = 20;
const LATE_CLIENTS = 5;
const STATEMENT = "select system$wait(20, 'MILLISECONDS')";
const BIN = join(import.meta.dirname, '../../bin/mcp-snow.js');
const CONNECTION = 'default';

async function started(args, env = {}) {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, ready: JSON.parse(line) };
}

async function ended({ child }) {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

function loop(gateway, names, pauseMs, calls) {
  let stopped = false;
  const ask = async (client) => {
    while (!stopped) {
      const at = performance.now();
      const error = await gateway.query({ client }, { sql: STATEMENT }).then((answer) => answer.error, errorDataOf);
      calls.push({ at, ms: performance.now() - at, error });
      if (pauseMs > 0 || error) await delay(Math.max(pauseMs, error ? 20 : 0));
    }
  };
  const all = Promise.all(names.map(ask));
  return async () => {
    stopped = true;
    await all;
  };
}

/** Watches the breaker every few ms; remembers when it was first seen in each state, and how many probes went out. */
function watch(store) {
  const seen = { probes: 0, at: {} };
  let stopped = false;
  let before;
  const done = (async () => {
    while (!stopped) {
      const [breaker] = await store.breakers();
      if (breaker?.state !== before?.state) (seen.at[breaker?.state] ??= []).push(performance.now());
      if (breaker?.probing && !before?.probing) seen.probes += 1;
      before = breaker;
      await delay(2);
    }
  })();
  return {
    seen,
    is: async (state) => {
      while (before?.state !== state) await delay(2);
      return performance.now();
    },
    stop: async () => {
      stopped = true;
      await done;
    },
  };
}

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-outage-'));
  const db = join(folder, 'mcp-snow.db');
  const warehouse = await started(['local', 'serve', '--port', '0', '--data', join(folder, 'local'), '--json']);
  const proxy = await FaultProxy.start(warehouse.ready.url);
  const workers = await Promise.all(
    [1, 2].map(() => started(['worker', '--db', db, '--concurrency', '10', '--json'], proxy.environment)),
  );
  const store = await openSqliteStore({ path: db });
  const gateway = createGateway({ store, connection: CONNECTION, allow: ['read'], version: 'bench' });
  try {
    const steady = [];
    const late = [];
    const stop = loop(
      gateway,
      Array.from({ length: CLIENTS }, (_, at) => `client-${at}`),
      0,
      steady,
    );
    await delay(3_000);
    const before = steady.length / 3;
    const breaker = watch(store);
    await proxy.outage('refuse');
    const downAt = performance.now();
    const opened = await breaker.is('open');
    const stopLate = loop(
      gateway,
      Array.from({ length: LATE_CLIENTS }, (_, at) => `late-${at}`),
      20,
      late,
    );
    await delay(OUTAGE_MS - (performance.now() - downAt));
    await proxy.outage('none');
    const upAt = performance.now();
    const closed = await breaker.is('closed');
    const wall = Date.now() - (performance.now() - closed);
    while (!steady.some(({ at, ms, error }) => !error && at + ms > upAt)) await delay(5);
    const first = performance.now();
    await delay(3_000);
    await Promise.all([stop(), stopLate()]);
    await breaker.stop();
    const refused = late.filter(({ error }) => error?.code === 'CIRCUIT_OPEN');
    const lost = [...steady, ...late].filter(({ error }) => error && error.code !== 'CIRCUIT_OPEN');
    const after = steady.filter(({ at, ms }) => at + ms > upAt + 2_000 && at + ms <= upAt + 3_000).length;
    const starts = (await startsAfter(store, wall)).map((ms) => Math.floor(ms / 100));
    const perTenth = Array.from({ length: 10 }, (_, tenth) => starts.filter((at) => at === tenth).length);
    return {
      name: `an outage of ${OUTAGE_MS / 1_000} s under ${CLIENTS} clients`,
      rows: [
        { figure: 'breaker opens after', value: opened - downAt, unit: 'ms' },
        {
          figure: 'calls refused meanwhile, p50 and p99',
          value: [0.5, 0.99]
            .map((share) =>
              percentile(
                refused.map(({ ms }) => ms),
                share,
              ).toFixed(2),
            )
            .join(', '),
          unit: 'ms',
          note: `${refused.length}, with retryAfterMs ${refused.filter(({ error }) => error.retryAfterMs > 0).length}`,
        },
        { figure: 'probes', value: breaker.seen.probes, note: 'each with the lease of the one prober' },
        { figure: 'breaker closes after the return', value: closed - upAt, unit: 'ms' },
        { figure: 'first answer after the return', value: first - upAt, unit: 'ms' },
        { figure: 'calls a second before, and in the third second after', value: `${before.toFixed(0)}, ${after}` },
        { figure: 'jobs started in each tenth of the first second', value: perTenth.join(' ') },
        {
          figure: 'admitted calls that did not end well',
          value: lost.length,
          note: tally(lost.map(({ error }) => error.code)),
        },
      ],
    };
  } finally {
    await gateway.close();
    await Promise.all(workers.map(ended));
    await store.close();
    await proxy.stop();
    await ended(warehouse);
    await rm(folder, { recursive: true, force: true });
  }
}

/** When jobs were started after that time (ms since the epoch), in ms from it. */
async function startsAfter(store, wall) {
  const { jobs } = await store.list({ limit: 1_000 });
  return jobs.flatMap(({ startedAt }) => (startedAt === undefined || startedAt < wall ? [] : [startedAt - wall]));
}
