import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SnowError } from '../../src/errors/snow-error.js';
import type { StatementRequest, WarehouseConnection } from '../../src/warehouse/connection.js';
import { openConnection } from '../../src/warehouse/snowflake/connection.js';
import { fail, fixed, ok, rowset, WireStub } from './wire-stub.js';

let stub: WireStub;
let connection: WarehouseConnection | undefined;

beforeEach(async () => {
  stub = await WireStub.start();
});

afterEach(async () => {
  await connection?.close();
  connection = undefined;
  await stub.stop();
});

function request(sql: string, more: Partial<StatementRequest> = {}): StatementRequest {
  return {
    sql,
    requestId: randomUUID(),
    queryTag: 'tag',
    maxRows: 1000,
    maxBytes: 1_000_000,
    timeoutMs: 10_000,
    stallMs: 10_000,
    onRows: async () => {},
    ...more,
  };
}

async function failureOf(work: Promise<unknown>): Promise<SnowError> {
  return await work.then(
    () => expect.unreachable('it should have failed'),
    (error: SnowError) => error,
  );
}

async function open(): Promise<WarehouseConnection> {
  connection = await openConnection(stub.profile());
  return connection;
}

describe('a server that answers 503', () => {
  it('fails the statement by its deadline and is not asked again', async () => {
    const opened = await open();
    stub.onQuery = (_seen, response) => response.writeHead(503).end();
    stub.onAbort = (_seen, response) => response.writeHead(503).end();
    const started = performance.now();
    const error = await failureOf(opened.execute(request('INSERT INTO t VALUES (1)', { timeoutMs: 1000 })));
    expect(error.data).toMatchObject({ code: 'CONNECTION_FAILED' });
    expect(performance.now() - started).toBeLessThan(6000);
    expect(opened.alive).toBe(false);
    const asked = stub.queries().length;
    expect(new Set(stub.queries().map(({ requestId }) => requestId)).size).toBe(1);
    // Longer than the driver's longest first pauses.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(stub.queries().length).toBe(asked);
  });

  it('counts as silence for the stall timer', async () => {
    const opened = await open();
    stub.onQuery = (_seen, response) => response.writeHead(503).end();
    stub.onAbort = (_seen, response) => response.writeHead(503).end();
    const error = await failureOf(opened.execute(request('SELECT 2', { stallMs: 800, timeoutMs: 60_000 })));
    expect(error.message).toContain('no sign of life for 0.8 s');
  });

  it('fails a login', async () => {
    stub.onLogin = (_seen, response) => response.writeHead(503).end();
    const error = await failureOf(openConnection(stub.profile()));
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(error.data.hint).toContain('doctor');
  });
});

describe('cancelling', () => {
  it('tells the server and rejects when the statement ended there', async () => {
    const opened = await open();
    let end = (): void => {};
    stub.onQuery = (_seen, response) => {
      end = () => fail(response, '000604', 'SQL execution canceled', { sqlState: '57014' });
    };
    stub.onAbort = (_seen, response) => {
      ok(response, null);
      end();
    };
    const abort = new AbortController();
    const running = failureOf(opened.execute(request('SELECT 2', { signal: abort.signal })));
    await expect.poll(() => stub.queries().length).toBe(1);
    abort.abort();
    const error = await running;
    expect(error.code).toBe('CANCELLED');
    const told = stub.requests.find(({ path }) => path.endsWith('/abort-request'));
    expect(told?.body.requestId).toBe(stub.queries()[0]?.requestId);
    expect(opened.alive).toBe(true);
  });

  it('lets a success that came first win', async () => {
    const opened = await open();
    let end = (): void => {};
    stub.onQuery = (_seen, response) => {
      end = () => ok(response, rowset([['3']], [fixed('number of rows inserted')], { statementTypeId: 0x3100 }));
    };
    stub.onAbort = (_seen, response) => {
      end();
      ok(response, null);
    };
    const abort = new AbortController();
    const running = opened.execute(request('INSERT INTO t SELECT 1', { signal: abort.signal }));
    await expect.poll(() => stub.queries().length).toBe(1);
    abort.abort();
    expect(await running).toMatchObject({ rowsAffected: 3, rowCount: 1 });
  });
});
