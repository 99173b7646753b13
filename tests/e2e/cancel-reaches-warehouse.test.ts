import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobJson } from '../../src/cli/json-names.js';
import { localDataDir } from '../../src/local/host/data-dir.js';
import { HOST_USER } from '../../src/local/host/host-file.js';
import { ensureLocalHost } from '../../src/local/host/launcher.js';
import type { Json } from '../../src/store/job.js';
import type { WarehouseConnection } from '../../src/warehouse/connection.js';
import { openConnection } from '../../src/warehouse/snowflake/connection.js';
import { RawMcpClient } from '../setup/raw-mcp-client.mjs';
import { HTTP_ERAS, type HttpServer, httpServer } from './http-processes.js';
import { ERAS, type TestClient } from './mcp-clients.js';
import { endChild, eventually, Place } from './processes.js';

let place: Place;
let worker: ChildProcess;
let server: HttpServer;
let warehouse: WarehouseConnection;
const clients: TestClient[] = [];

beforeAll(async () => {
  place = new Place();
  // Read by every process in this folder.
  writeFileSync(join(place.folder, 'mcp-snow.toml'), '[shutdown]\ngrace_s = 0.2\n');
  worker = await place.worker('--concurrency', '15');
  server = await httpServer(place, '--no-worker');
  const { url, token } = await ensureLocalHost({ dataDir: localDataDir(place.db) });
  const options = { account: 'local', accessUrl: url, username: HOST_USER, password: token };
  warehouse = await openConnection({ name: 'local', local: true, options });
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await warehouse.close();
  await place.end();
});

/** A statement that runs for ten minutes unless somebody ends it, and can be told from all others. */
function longStatement(): string {
  return `select system$wait(600) as "${randomUUID()}"`;
}

async function rowsOf(sql: string): Promise<readonly (readonly Json[])[]> {
  const rows: (readonly Json[])[] = [];
  await warehouse.execute({
    sql,
    requestId: randomUUID(),
    queryTag: '',
    maxRows: 1_000,
    maxBytes: 1_000_000,
    timeoutMs: 20_000,
    stallMs: 20_000,
    onRows: async (batch) => void rows.push(...batch),
  });
  return rows;
}

/** How the warehouse's own history says that a statement stands: its error's number, or its status. */
async function history(sql: string): Promise<Json | undefined> {
  const [row] = await rowsOf(
    `select coalesce(error_code, execution_status) from table(snowflake_sample_data.information_schema.query_history())
     where query_text = '${sql.replaceAll("'", "''")}'`,
  );
  return row?.[0];
}

async function untilItRuns(sql: string): Promise<void> {
  await eventually(async () => ((await history(sql)) === 'RUNNING' ? true : undefined));
}

async function untilItIsCancelled(sql: string): Promise<void> {
  await eventually(async () => ((await history(sql)) === '000604' ? true : undefined), 8_000);
}

/** Starts a statement in some way, ends it in some way, and waits until the warehouse itself has noted that. */
async function reaches(start: (sql: string) => Promise<() => unknown>): Promise<void> {
  const sql = longStatement();
  const end = await start(sql);
  await untilItRuns(sql);
  await end();
  await untilItIsCancelled(sql);
}

function calledOff(client: TestClient, sql: string): () => void {
  clients.push(client);
  const abort = new AbortController();
  client.call('query', { sql }, { signal: abort.signal }).catch(() => undefined);
  return () => abort.abort();
}

async function started(client: TestClient, sql: string): Promise<string> {
  clients.push(client);
  return ((await client.call('start_query', { sql })).structuredContent as { job_id: string }).job_id;
}

describe('a cancel reaches the warehouse, whose history says 000604:', () => {
  const stdio = ERAS.map(([era, connect]) => ({
    era: `${era}, stdio`,
    connect: async (name: string) => await connect(place.server('--no-worker', '--client', name)),
  }));
  const http = HTTP_ERAS.map(([era, connect]) => ({
    era: `${era}, HTTP`,
    connect: async (name: string) => await connect(server.url, name),
  }));

  it.concurrent.each([...stdio, ...http])('a call that the client takes back ($era)', async ({ era, connect }) => {
    await reaches(async (sql) => calledOff(await connect(`takes back ${era}`), sql));
  });

  it.concurrent.each([...stdio, ...http])('job_cancel ($era)', async ({ era, connect }) => {
    await reaches(async (sql) => {
      const client = await connect(`job_cancel ${era}`);
      const job_id = await started(client, sql);
      return async () => await client.call('job_cancel', { job_id });
    });
  });

  it.concurrent.each(['modern', 'legacy'])('an HTTP stream that is closed (%s)', async (era) => {
    await reaches(async (sql) => {
      const client = new RawMcpClient({ url: server.url.href, name: `hangs up ${era}`, era, token: undefined });
      await client.open();
      client.call('query', { sql }).catch(() => undefined);
      return () => client.close();
    });
  });

  it.concurrent('a stdio server whose client is gone', async () => {
    await reaches(async (sql) => {
      const [, connect] = ERAS[0];
      const client = await connect(place.server('--no-worker', '--client', 'leaves'));
      client.call('query', { sql }).catch(() => undefined);
      return async () => await client.close();
    });
  });

  it.concurrent('mcp-snow jobs cancel', async () => {
    await reaches(async (sql) => {
      const { job_id: id } = await place.json<{ job_id: string }>('enqueue', 'query', sql);
      return async () => await place.json('jobs', 'cancel', id);
    });
  });

  it.concurrent('^C of enqueue --wait', async () => {
    await reaches(async (sql) => {
      const waiting = place.start(['enqueue', 'query', sql, '--wait', '--db', place.db]);
      return () => waiting.kill('SIGINT');
    });
  });

  it.concurrent('its time-out', async () => {
    const sql = longStatement();
    const [, connect] = ERAS[0];
    const client = await connect(place.server('--no-worker', '--client', 'out of time'));
    clients.push(client);
    const answer = await client.call('query', { sql, timeout_s: 1 });
    expect(answer.structuredContent).toMatchObject({ code: 'STATEMENT_TIMEOUT' });
    expect(['000604', '000630']).toContain(await history(sql));
  });
});

it('a worker that has to end cancels its reads in the warehouse, and they are queued again', async () => {
  const sql = longStatement();
  const [, connect] = ERAS[0];
  const job_id = await started(await connect(place.server('--no-worker', '--client', 'goes on')), sql);
  await untilItRuns(sql);
  await endChild(worker);
  await untilItIsCancelled(sql);
  expect(await place.json<JobJson>('jobs', 'show', job_id)).toMatchObject({
    state: expect.stringMatching(/queued|scheduled/),
  });
});
