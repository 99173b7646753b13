import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Connection, RowStatement } from 'snowflake-sdk';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { withSampleData } from '../setup/sample-data.js';
import { type Program, serving } from './local-host/serving.js';
import { connect, deferred, destroy, failure, run } from './local-wire/driver.js';

/** One server in a process of its own for all tests of this file, which the last one kills. */
let dataDir: string;
let program: Program;
let server: { readonly url: string; readonly pid: number };

beforeAll(async () => {
  dataDir = withSampleData(mkdtempSync(join(tmpdir(), 'mcp-snow-load-')));
  await start(0);
});
afterAll(async () => {
  program.child.kill('SIGTERM');
  await program.ended();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(port: number): Promise<void> {
  const started = await serving(dataDir, '--port', String(port));
  program = started.program;
  server = started.ready;
}

interface Health {
  readonly sessions: number;
  readonly running: number;
  readonly storedBytes: { readonly memory: number; readonly disk: number };
}

const health = async () => (await (await fetch(`${server.url}/api/v1/health`)).json()) as Health;

/** A row is about 2 kB of JSON. */
const ROWS = Number(process.env.MCP_SNOW_TEST_ROWS ?? 200_000);
const rowsSql = (rows: number) =>
  `select seq4() as N, ${['A', 'B', 'C'].map((name) => `repeat('${name}', 660) as ${name}`).join(', ')}
   from table(generator(rowcount => ${rows}))`;

const streamed = (connection: Connection, sqlText: string) =>
  new Promise<RowStatement>((resolve, reject) => {
    connection.execute({
      sqlText,
      streamResult: true,
      complete: (error, statement) => (error ? reject(error) : resolve(statement as RowStatement)),
    });
  });

/** Passes bytes on to a server, until it is told to cut every connection there is. */
async function relayTo(target: string) {
  const sockets = new Set<Socket>();
  let connections = 0;
  const relay = createServer((incoming) => {
    connections += 1;
    const outgoing = connectSocket(Number(new URL(target).port), '127.0.0.1');
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    incoming.pipe(outgoing).pipe(incoming);
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`,
    connections: () => connections,
    cut,
    async close() {
      cut();
      relay.close();
      await once(relay, 'close');
    },
  };
}

test('a hundred connections work at once, one more is told why not, and gets in when another leaves', async () => {
  const connections = await Promise.all(Array.from({ length: 100 }, () => connect(server.url)));
  await Promise.all(connections.map((each, n) => run(each, `set mine = ${n}`)));
  const answers = await Promise.all(connections.map((each) => run(each, 'select $mine as N')));
  expect(answers.map(({ rows }) => rows[0]?.N)).toEqual(connections.map((_, n) => n));
  const refused = await failure(connect(server.url));
  expect(refused).toMatchObject({ code: '390001', message: expect.stringContaining('All 100 sessions') });
  await destroy(connections[0] as Connection);
  const late = await connect(server.url);
  expect((await run(late, 'select 1 as A')).rows).toEqual([{ A: 1 }]);
  await Promise.all([late, ...connections.slice(1)].map(destroy));
  expect((await health()).sessions).toBe(0);
});

const memoryOf = (pid: number, what: 'VmRSS' | 'VmHWM') =>
  Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

/** Reads a result in a process with 128 MB of heap, which one that holds all of it does not survive. */
async function readInSmallProcess(sqlText: string): Promise<unknown> {
  const script = `
    import snowflake from 'snowflake-sdk';
    const [accessUrl, sqlText] = process.argv.slice(1);
    snowflake.configure({ logLevel: 'OFF', useEnvProxy: false });
    const connection = snowflake.createConnection({ account: 'local', accessUrl, username: 'test', password: 'test' });
    await new Promise((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
    let [rows, characters, inOrder] = [0, 0, true];
    await new Promise((resolve, reject) => {
      connection.execute({
        sqlText,
        streamResult: true,
        complete: (error, statement) => error ? reject(error) : statement.streamRows().on('error', reject).on('end', resolve)
          .on('data', ({ N, A, B, C }) => {
            inOrder &&= N === rows;
            rows += 1;
            characters += A.length + B.length + C.length;
          }),
      });
    });
    console.log(JSON.stringify({ rows, characters, inOrder }));
    connection.destroy(() => process.exit(0));
  `;
  const arguments_ = ['--max-old-space-size=128', '--input-type=module', '-e', script, server.url, sqlText];
  const env = {
    ...process.env,
    SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true',
    SF_TELEMETRY_DISABLE_CONNECTION_SHAPE: '1',
  };
  const client = spawn(process.execPath, arguments_, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const [answer, [code]] = await Promise.all([text(client.stdout), once(client, 'exit')]);
  expect(code).toBe(0);
  return JSON.parse(answer);
}

test('a result far larger than their memory goes through server and client', { timeout: 60_000 }, async () => {
  const connection = await connect(server.url);
  // Takes what the server may keep of results in memory.
  await streamed(connection, rowsSql(ROWS));
  writeFileSync(`/proc/${server.pid}/clear_refs`, '5');
  const before = memoryOf(server.pid, 'VmRSS');
  const characters = ROWS * 1980;
  expect(await readInSmallProcess(rowsSql(ROWS))).toEqual({ rows: ROWS, characters, inOrder: true });
  expect(memoryOf(server.pid, 'VmHWM') - before).toBeLessThan(characters * 0.6);
  await destroy(connection);
});

test('a stream is left in the middle, its result read again twice, whole', async () => {
  const connection = await connect(server.url);
  const statement = await streamed(connection, rowsSql(20_000));
  const half = statement.streamRows();
  for await (const row of half) if ((row as { N: number }).N === 7000) break;
  const late = await new Promise<unknown>((resolve) => statement.cancel((error) => resolve(error)));
  expect(late).toMatchObject({ code: '000605' });
  const queryId = statement.getQueryId();
  const other = await connect(server.url);
  for (const reader of [connection, other]) {
    let rows = 0;
    const again = (await reader.getResultsFromQueryId({ sqlText: '', queryId })) as unknown as RowStatement;
    for await (const row of again.streamRows()) rows += (row as { N: number }).N === rows ? 1 : 0;
    expect(rows).toBe(20_000);
  }
  await Promise.all([connection, other].map(destroy));
});

test('a statement cancelled while its rows are made leaves nothing behind', async () => {
  const connection = await connect(server.url);
  const before = (await health()).storedBytes;
  const done = deferred<unknown>();
  const statement = connection.execute({ sqlText: rowsSql(2_000_000_000), complete: (error) => done.resolve(error) });
  const grown = async () => {
    const { memory, disk } = (await health()).storedBytes;
    return memory + disk > before.memory + before.disk + 20_000_000;
  };
  await vi.waitUntil(grown, { timeout: 10_000 });
  await new Promise<void>((resolve, reject) => statement.cancel((error) => (error ? reject(error) : resolve())));
  expect(await done.promise).toMatchObject({ code: '000604', sqlState: '57014' });
  expect(await health()).toMatchObject({ running: 0, storedBytes: before });
  expect((await run(connection, 'select 1 as A')).rows).toEqual([{ A: 1 }]);
  await destroy(connection);
});

test('a network that breaks in the middle of a write costs a retry: it is done once, and the connection goes on', async () => {
  const relay = await relayTo(server.url);
  const [holder, writer] = await Promise.all([connect(server.url), connect(relay.url)]);
  await run(holder, 'create database BROKEN');
  await run(holder, 'create table BROKEN.PUBLIC.T as select 1::int as A');
  await run(holder, 'begin');
  await run(holder, 'update BROKEN.PUBLIC.T set A = 10');
  const waiting = run(writer, 'update BROKEN.PUBLIC.T set A = A + 1');
  await vi.waitUntil(async () => (await health()).running === 1, { timeout: 10_000 });
  relay.cut();
  await run(holder, 'commit');
  expect((await waiting).statement.getNumUpdatedRows()).toBe(1);
  expect((await run(writer, 'select A from BROKEN.PUBLIC.T')).rows).toEqual([{ A: 11 }]);
  expect(relay.connections()).toBeGreaterThan(1);
  await Promise.all([holder, writer].map(destroy));
  await relay.close();
});

test('killed and started again at its address, it has what was committed, and every connection is told', async () => {
  const [idle, waiting, reading, writing] = await Promise.all(Array.from({ length: 4 }, () => connect(server.url)));
  if (!idle || !waiting || !reading || !writing) throw new Error('no connections');
  await run(idle, 'create database RESTARTED');
  await run(writing, 'create table RESTARTED.PUBLIC.T (A int)');
  await run(writing, 'insert into RESTARTED.PUBLIC.T values (1)');
  await run(writing, 'begin');
  await run(writing, 'insert into RESTARTED.PUBLIC.T values (2)');
  const long = failure(run(waiting, 'call system$wait(60)'));
  const rows = (await streamed(reading, rowsSql(50_000))).streamRows();
  for await (const row of rows) if ((row as { N: number }).N === 10) break;
  const port = Number(new URL(server.url).port);
  process.kill(server.pid, 'SIGKILL');
  await program.ended();
  await start(port);
  const told = { code: expect.anything(), message: expect.stringContaining('terminated connection') };
  expect(await long).toMatchObject(told);
  for (const each of [idle, waiting, reading, writing]) {
    expect(await failure(run(each, 'select 1 as A'))).toMatchObject(told);
    expect(each.isUp()).toBe(false);
  }
  const again = await connect(server.url);
  expect((await run(again, 'select * from RESTARTED.PUBLIC.T')).rows).toEqual([{ A: 1 }]);
  await destroy(again);
});
