import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ErrorData, errorDataOf } from '../../src/errors/snow-error.js';
import { createGateway } from '../../src/gateway/gateway.js';
import type { Gateway } from '../../src/gateway/requests.js';
import type { LocalServer } from '../../src/local/serve-engine.js';
import { startLocalServer } from '../../src/local/server.js';
import { LockTable } from '../../src/locks/lock-table.js';
import { FINAL_STATES } from '../../src/store/job.js';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import type { Store } from '../../src/store/store.js';
import { sqlLane } from '../../src/warehouse/job-payload.js';
import { createPool } from '../../src/warehouse/pool.js';
import { openConnection } from '../../src/warehouse/snowflake/connection.js';
import { metadataHandler } from '../../src/worker/handlers/metadata.js';
import { queryHandler } from '../../src/worker/handlers/query.js';
import { PinnedSessions } from '../../src/worker/pinned-sessions.js';
import { Warehouses } from '../../src/worker/warehouses.js';
import { startWorker, type Worker } from '../../src/worker/worker.js';
import { FaultProxy } from '../setup/fault-proxy-process.mjs';

const CONNECTION = 'remote';
const CLIENTS = 20;
const PATIENCE_MS = 8_000;

/** A server of one process, with its own connections, on the shared store. */
interface Server {
  readonly store: Store;
  readonly gateway: Gateway;
  readonly worker: Worker;
  readonly warehouses: Warehouses;
}

let folder: string;
let local: LocalServer;
let proxy: FaultProxy;
let store: Store;
const servers: Server[] = [];

async function serve(): Promise<Server> {
  const own = await openSqliteStore({ path: join(folder, 'mcp-snow.db') });
  const warehouses = new Warehouses({
    resolve: async (name) => ({
      name,
      local: true,
      options: { account: 'a', accessUrl: proxy.url, username: 'u', password: 'anything' },
    }),
    connect: openConnection,
    createPool: (open) => createPool(open, {}),
  });
  const pinned = new PinnedSessions({ store: own, open: (name) => warehouses.open(name) });
  const worker = await startWorker({
    pinned,
    store: own,
    lanes: [sqlLane(CONNECTION)],
    concurrency: 10,
    probe: (profile) => warehouses.probe(profile),
    handlers: {
      query: queryHandler({ store: own, warehouses, pinned, sessionLocks: new LockTable() }),
      metadata: metadataHandler({ warehouses }),
    },
  });
  const gateway = createGateway({ store: own, connection: CONNECTION, allow: ['read', 'ddl'], version: 'test' });
  return { store: own, gateway, worker, warehouses };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-snow-outage-'));
  local = await startLocalServer({ host: '127.0.0.1', port: 0, dataDir: join(folder, 'data'), sampleScale: 0 });
  proxy = await FaultProxy.start(local.url);
  servers.push(await serve(), await serve());
  store = await openSqliteStore({ path: join(folder, 'mcp-snow.db') });
  const owner = { client: 'owner' };
  const [{ gateway }] = servers as [Server];
  await gateway.query(owner, { sql: 'create database shop' });
  for (const table of ['orders', 'items', 'prices', 'people', 'places'])
    await gateway.query(owner, { sql: `create table shop.public.${table} (id int, name text)` });
});

afterAll(async () => {
  for (const { gateway, worker, warehouses, store: own } of servers) {
    await gateway.close();
    await worker.stop();
    await warehouses.close();
    await own.close();
  }
  await store.close();
  await proxy.stop();
  await local.close();
  await rm(folder, { recursive: true, force: true });
});

interface Call {
  readonly at: number;
  readonly ms: number;
  readonly error?: ErrorData;
}

/** Clients that each ask one question after the other, until told to stop; refused ones come back when they were told to. */
function load(names: readonly string[]): { readonly calls: Call[]; stop(): Promise<void> } {
  const calls: Call[] = [];
  let stopped = false;
  const ask = async (client: string, at: number): Promise<void> => {
    const { gateway } = servers[at % servers.length] as Server;
    while (!stopped) {
      const at = performance.now();
      const error = await gateway
        .query({ client }, { sql: `select system$wait(20, 'MILLISECONDS')` })
        .then(({ error: failed }) => failed, errorDataOf);
      calls.push({ at, ms: performance.now() - at, ...(error !== undefined && { error }) });
      if (error !== undefined) await delay(Math.min(error.retryAfterMs ?? 100, 500));
    }
  };
  const all = Promise.all(names.map(ask));
  return {
    calls,
    stop: async () => {
      stopped = true;
      await all;
    },
  };
}

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<number> {
  const since = performance.now();
  while (!(await holds())) {
    if (performance.now() - since > PATIENCE_MS) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
    await delay(10);
  }
  return performance.now() - since;
}

async function stateNow(): Promise<string | undefined> {
  return (await store.breakers())[0]?.state;
}

/** Takes the warehouse away, for as long as `work` lasts, and waits until service is back. */
async function duringOutage<T>(work: () => Promise<T>): Promise<T> {
  await proxy.outage('refuse');
  const noise = load(Array.from({ length: CLIENTS }, (_, at) => `noise-${at}`));
  try {
    await until('the breaker opens', async () => (await stateNow()) === 'open');
    return await work();
  } finally {
    await proxy.outage('none');
    await until('the breaker closes', async () => (await stateNow()) === 'closed');
    await noise.stop();
  }
}

describe('an outage of the warehouse', () => {
  it('opens the breaker of all processes; whoever calls is refused with when to come back, and who waited is served', async () => {
    const before = load(Array.from({ length: CLIENTS }, (_, at) => `client-${at}`));
    await until('answers', () => before.calls.length > 50);
    await proxy.outage('refuse');
    await until('the breaker opens', async () => (await stateNow()) === 'open');
    const newcomers = load(['late-1', 'late-2', 'late-3', 'late-4']);
    await until('refusals', () => newcomers.calls.length > 12);
    const refused = [...newcomers.calls];
    await proxy.outage('none');
    await until('the breaker closes', async () => (await stateNow()) === 'closed');
    const since = before.calls.length;
    await until('answers again', () => before.calls.length - since > 50);
    await Promise.all([before.stop(), newcomers.stop()]);

    for (const { error } of refused) {
      expect(error).toMatchObject({ code: 'CIRCUIT_OPEN', mode: 'offline', retryAfterMs: expect.any(Number) });
      expect(error?.retryAfterMs).toBeGreaterThan(0);
    }
    expect(before.calls.filter(({ error }) => error !== undefined && error.code !== 'CIRCUIT_OPEN')).toEqual([]);
    const { jobs } = await store.list({ limit: 1_000 });
    expect(jobs.filter(({ state }) => !FINAL_STATES.has(state))).toEqual([]);
    const { entries } = await store.audit({ limit: 1_000 });
    const events = entries.flatMap(({ tool, reason }) => (tool === 'breaker' ? [reason ?? ''] : []));
    expect(events.reverse().map((event) => event.split(', ')[0])).toEqual(['remote: open', 'remote: closed']);
  }, 20_000);

  it('is told by server_status, and to whoever waits', async () => {
    const [server] = servers as [Server];
    const told: unknown[] = [];
    let waiting: Promise<unknown> | undefined;
    const status = await duringOutage(async () => {
      // Admitted before, held up by it.
      const { job_id } = {
        job_id: (await store.list({ states: ['queued', 'scheduled'], limit: 1 })).jobs[0]?.id ?? '',
      };
      waiting = server.gateway.jobResult(
        { client: (await store.find(job_id))?.client ?? '' },
        { id: job_id, waitS: 5 },
        { onProgress: (progress) => told.push(progress) },
      );
      await until('progress', () => told.length > 0);
      return await server.gateway.status({ client: 'anyone' });
    });
    await waiting;
    expect(status).toMatchObject({ mode: 'offline', breaker: expect.stringMatching(/open/) });
    expect(await server.gateway.status({ client: 'anyone' })).toMatchObject({ mode: 'normal', breaker: 'closed' });
    expect(told[0]).toMatchObject({ waitsFor: 'connection' });
  }, 20_000);

  it('is bridged by listings as they were, within what each client may see', async () => {
    const [{ gateway }] = servers as [Server];
    const place = { database: 'shop', schema: 'public' };
    const asker = { client: 'asker' };
    await store.saveClient('restricted', { permissions: { tables: ['SHOP.PUBLIC.ORDERS'] } });
    await store.saveClient('excluded', { permissions: { databases: ['OTHER'] } });
    const fresh = await gateway.listTables(asker, place);
    const columns = await gateway.describeTable(asker, { table: 'orders', ...place });
    await gateway.listTables({ client: 'restricted' }, place);
    expect(fresh).not.toHaveProperty('stale');
    await until('listings are kept', async () => {
      const files = await Promise.all(['asker', 'restricted'].map((client) => store.list({ client, limit: 10 })));
      return files.every(({ jobs }) => jobs.every(({ state }) => state === 'succeeded'));
    });
    await duringOutage(async () => {
      const stale = await gateway.listTables(asker, place);
      expect(stale).toEqual({ ...fresh, stale: true, as_of: expect.stringMatching(/^\d{4}-.*Z$/) });
      expect(await gateway.describeTable(asker, { table: 'orders', ...place })).toMatchObject({
        ...columns,
        stale: true,
      });
      const first = await gateway.listTables(asker, { ...place, limit: 3 });
      const second = await gateway.listTables(asker, { ...place, limit: 1_000, cursor: first.next_cursor });
      expect([...first.items, ...second.items]).toEqual(fresh.items);
      await expect(gateway.listViews(asker, { ...place, cursor: first.next_cursor })).rejects.toMatchObject({
        data: { code: 'INVALID_ARGUMENT' },
      });
      const restricted = await gateway.listTables({ client: 'restricted' }, place);
      expect(restricted).toMatchObject({ stale: true, items: [{ name: 'ORDERS' }] });
      expect(restricted.items).toHaveLength(1);
      await expect(gateway.listTables({ client: 'excluded' }, place)).rejects.toMatchObject({
        data: { code: 'STATEMENT_NOT_ALLOWED' },
      });
      await expect(gateway.listSchemas(asker, { database: 'shop' })).rejects.toMatchObject({
        data: { code: 'CIRCUIT_OPEN' },
      });
    });
    expect(await gateway.listTables(asker, place)).not.toHaveProperty('stale');
  }, 20_000);

  it('with the flag off is waited through with a fixed pause, and nobody is refused', async () => {
    await store.setFlag('circuit-breaker', 'all', false, 'test');
    await proxy.outage('refuse');
    const { calls, stop } = load(Array.from({ length: CLIENTS }, (_, at) => `old-${at}`));
    await until('retries', async () => (await store.stats()).states.scheduled === CLIENTS);
    expect(await store.breakers()).toEqual([]);
    await proxy.outage('none');
    await until('answers', () => calls.length > CLIENTS);
    await stop();
    expect(calls.flatMap(({ error }) => error ?? [])).toEqual([]);
    await store.setFlag('circuit-breaker', 'all', true, 'test');
  }, 20_000);
});
