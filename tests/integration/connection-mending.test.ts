import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SnowError } from '../../src/errors/snow-error.js';
import { createGateway } from '../../src/gateway/gateway.js';
import type { Gateway, QueryRequest } from '../../src/gateway/requests.js';
import type { LocalServer } from '../../src/local/serve-engine.js';
import { startLocalServer } from '../../src/local/server.js';
import { LockTable } from '../../src/locks/lock-table.js';
import type { Json } from '../../src/store/job.js';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import type { Store } from '../../src/store/store.js';
import type { StatementRequest, WarehouseConnection } from '../../src/warehouse/connection.js';
import { sqlLane } from '../../src/warehouse/job-payload.js';
import { createPool } from '../../src/warehouse/pool.js';
import type { ConnectionProfile } from '../../src/warehouse/profile.js';
import { openConnection } from '../../src/warehouse/snowflake/connection.js';
import { queryHandler } from '../../src/worker/handlers/query.js';
import { PinnedSessions } from '../../src/worker/pinned-sessions.js';
import { Warehouses } from '../../src/worker/warehouses.js';
import { startWorker, type Worker } from '../../src/worker/worker.js';
import { type Fault, FaultProxy } from '../setup/fault-proxy-process.mjs';

const QUERIES = 'query-request';
const caller = { client: 'tester' };

let folder: string;
let server: LocalServer;
let proxy: FaultProxy;
let store: Store;
let gateway: Gateway;
let warehouses: Warehouses;
let worker: Worker;

async function serve(port = 0): Promise<LocalServer> {
  return await startLocalServer({
    host: '127.0.0.1',
    port,
    dataDir: join(folder, 'data'),
    sampleScale: 0,
    // Long enough for what a test does with one session, short enough to be waited for.
    tokens: { sessionSeconds: 1, masterSeconds: 2 },
  });
}

function profile(name: string): ConnectionProfile {
  return { name, local: true, options: { account: 'a', accessUrl: proxy.url, username: 'u', password: 'anything' } };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-snow-mending-'));
  server = await serve();
  proxy = await FaultProxy.start(server.url);
  store = await openSqliteStore({ path: join(folder, 'mcp-snow.db') });
  gateway = createGateway({ store, connection: 'faulty', allow: ['read', 'dml', 'ddl'], version: 'test' });
  warehouses = new Warehouses({
    resolve: async (name) => profile(name),
    connect: openConnection,
    createPool: (open) => createPool(open, {}),
  });
  const pinned = new PinnedSessions({ store, open: (name) => warehouses.open(name) });
  worker = await startWorker({
    store,
    lanes: [sqlLane('faulty')],
    concurrency: 4,
    pinned,
    handlers: { query: queryHandler({ store, warehouses, pinned, sessionLocks: new LockTable() }) },
  });
  await gateway.query(caller, { sql: 'create database mended' });
  await gateway.query(caller, { sql: 'create table mended.public.t (a int)' });
});

afterAll(async () => {
  await gateway.close();
  await worker.stop();
  await warehouses.close();
  await store.close();
  await proxy.stop();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

afterEach(async () => {
  await proxy.faults([]);
  await proxy.outage('none');
});

/** The answer's rows, and how often the job was started. */
async function ask(
  request: QueryRequest,
): Promise<{ rows: readonly (readonly Json[])[]; attempts: number | undefined }> {
  const answer = await gateway.query(caller, request);
  const job = await store.find(answer.job_id);
  return { rows: 'rows' in answer ? answer.rows : [], attempts: job?.attempts };
}

async function rowsInTable(): Promise<Json | undefined> {
  return (await ask({ sql: 'select count(*) from mended.public.t' })).rows[0]?.[0];
}

async function pathCount(ending: string): Promise<number> {
  const { paths } = await proxy.counts();
  return Object.entries(paths).find(([path]) => path.endsWith(ending))?.[1] ?? 0;
}

describe('a session that is over is mended within the attempt', () => {
  it('when its session token expired: renewed', async () => {
    const before = await pathCount('token-request');
    await expect
      .poll(
        async () => {
          expect(await ask({ sql: 'select 7' })).toEqual({ rows: [[7]], attempts: 1 });
          return await pathCount('token-request');
        },
        { timeout: 8_000, interval: 100 },
      )
      .toBeGreaterThan(before);
  });

  it('when its master token expired, too: logged in again', async () => {
    // A renewal renews both tokens, so only a session that rested long enough comes to this.
    await ask({ sql: 'select 1' });
    const before = await pathCount('login-request');
    const rested = performance.now();
    await expect.poll(() => performance.now() - rested, { timeout: 5_000 }).toBeGreaterThan(2_100);
    expect(await ask({ sql: 'insert into mended.public.t values (1)' })).toMatchObject({ attempts: 1 });
    expect(await pathCount('login-request')).toBeGreaterThan(before);
    expect(await rowsInTable()).toBe(1);
  });

  it.each<Fault['kind']>(['session-gone', 'token-invalid', 'session-expired'])(
    'when the server says %s',
    async (kind) => {
      const before = (await rowsInTable()) as number;
      await proxy.faults([{ kind, path: QUERIES, times: 1 } as Fault]);
      expect(await ask({ sql: 'insert into mended.public.t values (2)' })).toMatchObject({ attempts: 1 });
      expect(await rowsInTable()).toBe(before + 1);
    },
  );

  it('when the server was restarted since, for many callers at once', async () => {
    await Promise.all([1, 2, 3, 4].map((value) => ask({ sql: `select ${value}` })));
    const { port } = new URL(server.url);
    await server.close();
    server = await serve(Number(port));
    const answers = await Promise.all([1, 2, 3, 4].map((value) => ask({ sql: `select ${value}` })));
    expect(answers.map(({ rows }) => rows)).toEqual([[[1]], [[2]], [[3]], [[4]]]);
  });
});

describe('an answer that was lost', () => {
  it('is asked for again and the write done once, whatever took it', async () => {
    const lost: Fault[] = [
      { kind: 'reset' },
      { kind: 'reset-after' },
      { kind: 'half-answer' },
      { kind: 'status', status: 503 },
      { kind: 'status-after', status: 429 },
    ];
    const before = (await rowsInTable()) as number;
    await proxy.faults(
      lost.map((fault, at) => ({ ...fault, path: QUERIES, times: 1, body: `values \\(${100 + at}\\)` })),
    );
    await Promise.all(lost.map((_, at) => ask({ sql: `insert into mended.public.t values (${100 + at})` })));
    const { faults } = await proxy.counts();
    for (const { kind } of lost) expect(faults[kind]).toBeGreaterThan(0);
    expect(await rowsInTable()).toBe(before + lost.length);
  });
});

describe('one connection', () => {
  const opened: WarehouseConnection[] = [];

  afterEach(async () => {
    for (const connection of opened.splice(0)) await connection.close();
  });

  async function connect(): Promise<WarehouseConnection> {
    const connection = await openConnection(profile('faulty'));
    opened.push(connection);
    return connection;
  }

  async function run(
    connection: WarehouseConnection,
    sql: string,
    more: Partial<StatementRequest> = {},
  ): Promise<readonly (readonly Json[])[]> {
    const rows: (readonly Json[])[] = [];
    await connection.execute({
      sql,
      requestId: randomUUID(),
      queryTag: '',
      maxRows: 10,
      maxBytes: 1_000,
      timeoutMs: 30_000,
      stallMs: 4_000,
      onRows: async (batch) => void rows.push(...batch),
      ...more,
    });
    return rows;
  }

  it('that fell silent is used again: the request is repeated on another socket, and done once', async () => {
    const [dead, unheard] = [await connect(), await connect()];
    const before = (await rowsInTable()) as number;
    const insert = async (connection: WarehouseConnection, value: number) =>
      await run(connection, `insert into mended.public.t values (${value})`, { write: true });
    await proxy.faults([{ kind: 'lost-answer', body: 'insert', times: 1 }]);
    const first = insert(unheard, 4);
    await expect.poll(async () => (await proxy.counts()).faults['lost-answer']).toBe(1);
    await proxy.halfOpen();
    expect(await Promise.all([first, insert(dead, 5)])).toEqual([[[1]], [[1]]]);
    // The worker's own sockets are dead as well; these are closed, which it notices at once.
    await proxy.outage('refuse');
    await proxy.outage('none');
    expect(await rowsInTable()).toBe(before + 2);
    expect(dead.alive).toBe(true);
  });

  it('is given up long before its silence is at its longest when the server is not there at all', async () => {
    const connection = await connect();
    await proxy.outage('black-hole');
    const failure = await run(connection, 'select 1', { stallMs: 6_000 }).catch((error: SnowError) => error);
    expect(failure).toMatchObject({ code: 'CONNECTION_FAILED', message: expect.stringContaining('no sign of life') });
    expect(Number(/for ([\d.]+) s/.exec((failure as SnowError).message)?.[1])).toBeLessThan(6);
    expect(connection.alive).toBe(false);
  });

  it('is told when to come back', async () => {
    const connection = await connect();
    await proxy.faults([{ kind: 'status', status: 503, retryAfterS: 7, path: QUERIES }]);
    const failure = await run(connection, 'select 1').catch((error: SnowError) => error);
    expect(failure).toMatchObject({ code: 'CONNECTION_FAILED', data: { retryAfterMs: 7_000 } });
  });
});
