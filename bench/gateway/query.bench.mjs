// What the gateway adds to a statement: `select 1` as a tool call (MCP, admission, queue, worker, driver, result, answer) against
// the bare driver, alternating in one run on one local Snowflake; then what 1,000 of them leave behind.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { localDataDir } from '../../dist/local/host/data-dir.js';
import { HOST_USER } from '../../dist/local/host/host-file.js';
import { ensureLocalHost, stopLocalHost } from '../../dist/local/host/launcher.js';
import { openSqliteStore } from '../../dist/store/sqlite/open.js';
import { openConnection } from '../../dist/warehouse/snowflake/connection.js';
import { median, residentMb, StdioClient } from './stdio-client.mjs';

const WARM_UP = 100;
const MEASURED = 300;
const MANY = 1_000;

const loadDriver = async () => {
  // Opened and closed once by our own adapter, so that both sides run with the same driver settings.
  const { default: driver } = await import('snowflake-sdk');
  return driver;
};

async function bareConnection(host) {
  const options = { accessUrl: host.url, account: 'local', username: HOST_USER, password: host.token };
  const ours = await openConnection({ name: 'local', local: true, options });
  await ours.close();
  const driver = await loadDriver();
  const connection = driver.createConnection(options);
  await new Promise((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
  return {
    ask: () =>
      new Promise((resolve, reject) => {
        connection.execute({
          sqlText: 'select 1',
          complete: (error, _statement, rows) => (error ? reject(error) : resolve(rows)),
        });
      }),
    close: () => new Promise((resolve) => connection.destroy(() => resolve())),
  };
}

const handles = (pid) => readdirSync(`/proc/${pid}/fd`).length;

const HEAP_REPORT = fileURLToPath(new URL('./heap-report.mjs', import.meta.url));

/** What a server's heap holds after a collection, in MB. */
async function heapMb(pid, file) {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  while (!existsSync(file)) await delay(5);
  return Number(readFileSync(file, 'utf8'));
}

/** Sessions open in the engine: every pooled connection is one. */
async function engineSessions(host) {
  const headers = { authorization: `Bearer ${host.token}` };
  const health = await fetch(`${host.url}/api/v1/health`, { headers });
  return (await health.json()).sessions;
}

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-bench-'));
  const db = join(folder, 'queue.db');
  const host = await ensureLocalHost({ dataDir: localDataDir(db) });
  const heapFile = join(folder, 'heap');
  const client = new StdioClient(['--db', db, '--connection', 'local'], {
    nodeArgs: ['--expose-gc', '--import', HEAP_REPORT],
    env: { HEAP_REPORT: heapFile },
  });
  try {
    const bare = await bareConnection(host);
    const ask = () => client.call('query', { sql: 'select 1' });
    const timed = async (work) => {
      const began = performance.now();
      await work();
      return performance.now() - began;
    };
    for (let turn = 0; turn < WARM_UP; turn += 1) {
      await bare.ask();
      await ask();
    }
    const bareTimes = [];
    const toolTimes = [];
    for (let turn = 0; turn < MEASURED; turn += 1) {
      bareTimes.push(await timed(bare.ask));
      toolTimes.push(await timed(ask));
    }
    const { pid } = client.child;
    const look = async () => ({
      heap: await heapMb(pid, heapFile),
      memory: residentMb(pid),
      engine: residentMb(host.pid),
      sessions: await engineSessions(host),
      handles: handles(pid),
    });
    const before = await look();
    for (let turn = 0; turn < MANY; turn += 1) await ask();
    const after = await look();
    // Not before: a store that is open here would be woken by every commit that is being measured.
    const store = await openSqliteStore({ path: db });
    const stats = await store.stats();
    await store.close();
    await bare.close();
    return {
      name: 'query through the gateway: select 1',
      rows: [
        { figure: 'bare driver', value: median(bareTimes), unit: 'ms', note: 'median' },
        { figure: 'query tool call', value: median(toolTimes), unit: 'ms', note: 'median' },
        {
          figure: 'the gateway adds',
          value: median(toolTimes) - median(bareTimes),
          unit: 'ms',
          note: 'aim: at most 1.5',
        },
        { figure: `server's heap, before → after ${MANY}`, value: change(before.heap, after.heap), unit: 'MB' },
        { figure: "server's resident memory", value: change(before.memory, after.memory), unit: 'MB' },
        { figure: "engine's resident memory", value: change(before.engine, after.engine), unit: 'MB' },
        { figure: 'connections to the engine', value: change(before.sessions, after.sessions) },
        { figure: "server's open files and sockets", value: change(before.handles, after.handles) },
        { figure: 'jobs that wait or run afterwards', value: stats.total_queued + stats.total_active },
      ],
    };
  } finally {
    await client.end();
    await stopLocalHost(localDataDir(db));
    rmSync(folder, { recursive: true, force: true });
  }
}

function change(before, after) {
  return `${Math.round(before)} → ${Math.round(after)}`;
}
