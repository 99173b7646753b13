import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SnowError } from '../../src/errors/snow-error.js';
import type { Json } from '../../src/store/job.js';
import type { StatementRequest, StatementResult, WarehouseConnection } from '../../src/warehouse/connection.js';
import { createPool } from '../../src/warehouse/pool.js';
import type { ConnectionProfile } from '../../src/warehouse/profile.js';
import { openConnection } from '../../src/warehouse/snowflake/connection.js';

interface LocalServer {
  readonly process: ChildProcess;
  readonly profile: ConnectionProfile;
}

const folder = mkdtempSync(join(tmpdir(), 'mcp-snow-warehouse-'));
const opened: WarehouseConnection[] = [];
let server: LocalServer;

async function serve(data: string): Promise<LocalServer> {
  const args = [resolve('bin/mcp-snow.js'), 'local', 'serve', '--port', '0', '--data', data, '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return {
    process: child,
    profile: {
      name: 'local',
      local: true,
      options: { account: 'local', accessUrl: url, username: 'tester', password: 'anything' },
    },
  };
}

async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

async function connect(): Promise<WarehouseConnection> {
  const connection = await openConnection(server.profile);
  opened.push(connection);
  return connection;
}

type Answer = StatementResult & { readonly rows: readonly (readonly Json[])[] };

async function run(
  connection: WarehouseConnection,
  sql: string,
  more: Partial<StatementRequest> = {},
): Promise<Answer> {
  const rows: (readonly Json[])[] = [];
  const result = await connection.execute({
    sql,
    requestId: randomUUID(),
    queryTag: '{"app":"mcp-snow"}',
    maxRows: 100_000,
    maxBytes: 64_000_000,
    timeoutMs: 20_000,
    stallMs: 20_000,
    onRows: async (batch) => void rows.push(...batch),
    ...more,
  });
  return { ...result, rows };
}

async function failureOf(work: Promise<unknown>): Promise<SnowError> {
  return await work.then(
    () => expect.unreachable('it should have failed'),
    (error: SnowError) => error,
  );
}

beforeAll(async () => {
  server = await serve(join(folder, 'data'));
  const connection = await connect();
  await run(connection, 'CREATE DATABASE shop');
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.close()));
});

afterAll(async () => {
  await stop(server.process);
  rmSync(folder, { recursive: true, force: true });
});

describe('through the driver to the local Snowflake', () => {
  it('values come back without loss', async () => {
    const connection = await connect();
    const { columns, rows } = await run(
      connection,
      `SELECT 42 AS a, 12345678901234567890123456789012345678 AS b, 1.50::NUMBER(10,2) AS c, 1.25::FLOAT AS d,
              'it''s' AS e, TRUE AS f, NULL AS g, '2024-02-29'::DATE AS h, '10:11:12.5'::TIME AS i,
              '2024-01-01 10:00:00.123456'::TIMESTAMP_NTZ AS j, 1.000000000000000001::NUMBER(38,18) AS k`,
    );
    expect(rows).toEqual([
      [
        42,
        '12345678901234567890123456789012345678',
        1.5,
        1.25,
        "it's",
        true,
        null,
        '2024-02-29',
        '10:11:12.5',
        '2024-01-01T10:00:00.123456',
        '1.000000000000000001',
      ],
    ]);
    const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]));
    expect(types).toMatchObject({
      C: 'NUMBER(10,2)',
      D: 'FLOAT',
      E: 'VARCHAR',
      F: 'BOOLEAN',
      H: 'DATE',
      J: 'TIMESTAMP_NTZ(9)',
    });
  });

  it('a large result streams in chunks, whole and in order, and is cut at the caps', async () => {
    const connection = await connect();
    const sql = 'SELECT l_orderkey, l_linenumber, l_comment FROM snowflake_sample_data.tpch_sf1.lineitem ORDER BY 1, 2';
    const whole = await run(connection, sql);
    expect(whole.truncated).toBe(false);
    expect(whole.rowCount).toBe(whole.rows.length);
    expect(whole.rowCount).toBeGreaterThan(20_000);
    const keys = whole.rows.map(([order, line]) => Number(order) * 10 + Number(line));
    expect(keys.every((key, index) => index === 0 || key > (keys[index - 1] as number))).toBe(true);

    const byRows = await run(connection, sql, { maxRows: 1234 });
    expect(byRows).toMatchObject({ rowCount: 1234, truncated: true });
    expect(byRows.rows).toEqual(whole.rows.slice(0, 1234));
    const byBytes = await run(connection, sql, { maxBytes: 10_000 });
    expect(byBytes.truncated).toBe(true);
    expect(JSON.stringify(byBytes.rows).length).toBeLessThan(10_000 + byBytes.rowCount + 2);
    expect(byBytes.rowCount).toBeGreaterThan(50);
  });

  it('binds reach the statement, one row of them or many', async () => {
    const connection = await connect();
    await connection.applyContext({ database: 'SHOP' }, { timeoutMs: 5000 });
    await run(connection, 'CREATE OR REPLACE TABLE bound (a INT, b VARCHAR, c BOOLEAN)');
    const inserted = await run(connection, 'INSERT INTO bound VALUES (?, ?, ?)', {
      binds: [
        [1, 'one', true],
        [2, null, false],
        [3, "th'ree", null],
      ],
    });
    expect(inserted.rowsAffected).toBe(3);
    const found = await run(connection, 'SELECT a, b, c FROM bound WHERE a >= ? ORDER BY a', { binds: [2] });
    expect(found.rows).toEqual([
      [2, null, false],
      [3, "th'ree", null],
    ]);
  });

  it('errors come with number, state and place', async () => {
    const connection = await connect();
    expect((await failureOf(run(connection, 'SELECT * FROM shop.public.nowhere_at_all'))).data).toMatchObject({
      code: 'SNOWFLAKE_ERROR',
      number: '002003',
      sqlState: '42S02',
      message: expect.stringContaining('NOWHERE_AT_ALL'),
    });
    expect((await failureOf(run(connection, 'SELECT 1\n  FORM x y z'))).data).toMatchObject({
      code: 'SNOWFLAKE_ERROR',
      number: '001003',
      sqlState: '42000',
      line: 2,
    });
    expect(connection.alive).toBe(true);
  });

  it('a repeated request id gives the first run’s result and writes nothing again', async () => {
    const connection = await connect();
    await connection.applyContext({ database: 'SHOP' }, { timeoutMs: 5000 });
    await run(connection, 'CREATE OR REPLACE TABLE once (a INT)');
    const requestId = randomUUID();
    const first = await run(connection, 'INSERT INTO once VALUES (1)', { requestId });
    const other = await connect();
    await other.applyContext({ database: 'SHOP' }, { timeoutMs: 5000 });
    const second = await run(other, 'INSERT INTO once VALUES (1)', { requestId });
    expect(second).toMatchObject({ queryId: first.queryId, rowsAffected: 1 });
    expect((await run(connection, 'SELECT COUNT(*) FROM once')).rows).toEqual([[1]]);
  });

  it('a cancel ends the statement in the server, and the connection goes on', async () => {
    const connection = await connect();
    const abort = new AbortController();
    const running = failureOf(run(connection, 'SELECT SYSTEM$WAIT(15)', { signal: abort.signal }));
    setTimeout(() => abort.abort(), 200);
    const started = performance.now();
    expect((await running).code).toBe('CANCELLED');
    expect(performance.now() - started).toBeLessThan(3000);
    expect((await run(connection, 'SELECT 2')).rows).toEqual([[2]]);
  });

  it('a statement ends at its deadline, in the server too', async () => {
    const connection = await connect();
    const started = performance.now();
    const error = await failureOf(run(connection, 'SELECT SYSTEM$WAIT(15)', { timeoutMs: 500 }));
    expect(error.code).toBe('STATEMENT_TIMEOUT');
    expect(performance.now() - started).toBeLessThan(3000);
    expect((await run(connection, 'SELECT 2')).rows).toEqual([[2]]);
  });

  it('the context is applied, told and left again, also where there was none', async () => {
    const connection = await connect();
    const before = (await run(connection, 'SELECT 2')).context;
    await run(connection, 'CREATE SCHEMA IF NOT EXISTS shop."lower case"');
    await connection.applyContext({ database: 'shop', schema: '"lower case"' }, { timeoutMs: 5000 });
    const inside = await run(connection, 'SELECT CURRENT_DATABASE(), CURRENT_SCHEMA()');
    expect(inside.rows).toEqual([['SHOP', 'lower case']]);
    expect(inside.context).toMatchObject({ database: 'SHOP', schema: '"lower case"' });
    await connection.applyContext({}, { timeoutMs: 5000 });
    expect((await run(connection, 'SELECT 2')).context).toEqual(before);
    const missing = connection.applyContext({ database: 'nowhere' }, { timeoutMs: 5000 });
    expect((await failureOf(missing)).code).toBe('SNOWFLAKE_ERROR');
  });

  it('a pool runs many statements at once and keeps nothing of them', async () => {
    const pool = createPool(() => openConnection(server.profile), { maxConnections: 3 });
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const connection = await pool.acquire({ affinity: `client-${index % 5}` });
        try {
          return (await run(connection, 'SELECT ?', { binds: [index] })).rows[0]?.[0];
        } finally {
          await pool.release(connection, { dirty: false });
        }
      }),
    );
    expect(answers).toEqual(Array.from({ length: 60 }, (_, index) => index));
    expect(pool.stats()).toEqual({ open: 3, idle: 3, busy: 0, waiting: 0 });
    await pool.close();
    expect(pool.stats().open).toBe(0);
  });
});

describe('when the server goes away', () => {
  it('running and later statements fail as a lost connection, and a new server is found', async () => {
    const data = join(folder, 'second');
    const second = await serve(data);
    const connection = await openConnection(second.profile);
    opened.push(connection);
    const running = failureOf(run(connection, 'SELECT SYSTEM$WAIT(15)', { stallMs: 60_000, timeoutMs: 60_000 }));
    await expect.poll(() => connection.alive).toBe(true);
    await stop(second.process, 'SIGKILL');
    expect((await running).code).toBe('CONNECTION_FAILED');
    expect(connection.alive).toBe(false);
    expect((await failureOf(openConnection(second.profile))).data).toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
