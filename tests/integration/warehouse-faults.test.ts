import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SnowError } from '../../src/errors/snow-error.js';
import type { StatementRequest, WarehouseConnection } from '../../src/warehouse/connection.js';
import { LoginRefused } from '../../src/warehouse/login-refused.js';
import { openConnection } from '../../src/warehouse/snowflake/connection.js';
import { UnconfirmedEnd } from '../../src/warehouse/unconfirmed-end.js';
import { column, fail, fixed, ok, rowset, WireStub } from './wire-stub.js';

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
    await new Promise((resolve) => setTimeout(resolve, 2500));
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

  it('lets the success of a write win whatever it answers: what is done was not cancelled', async () => {
    const opened = await open();
    let end = (): void => {};
    stub.onQuery = (_seen, response) => {
      end = () => ok(response, rowset([['1'], ['2']], [fixed('STEP')]));
    };
    stub.onAbort = (_seen, response) => {
      end();
      ok(response, null);
    };
    const abort = new AbortController();
    const running = opened.execute(request('CALL p()', { write: true, signal: abort.signal }));
    await expect.poll(() => stub.queries().length).toBe(1);
    abort.abort();
    expect(await running).toMatchObject({ rowCount: 2 });
  });

  it('says so when the server does not confirm that the statement ended', { timeout: 20_000 }, async () => {
    const opened = await open();
    stub.onQuery = () => {};
    stub.onAbort = (_seen, response) => response.socket?.destroy();
    const abort = new AbortController();
    const running = failureOf(opened.execute(request('INSERT INTO t SELECT 1', { signal: abort.signal })));
    await expect.poll(() => stub.queries().length).toBe(1);
    abort.abort();
    const error = await running;
    expect(error).toBeInstanceOf(UnconfirmedEnd);
    expect(error.data).toMatchObject({ code: 'CANCELLED', hint: expect.stringContaining('may still run') });
  });
});

describe('a server that does not answer', () => {
  it('fails a login by its own limit', async () => {
    stub.onLogin = () => {};
    const error = await failureOf(openConnection(stub.profile(), { loginTimeoutMs: 300 }));
    expect(error.data).toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringContaining('no answer within 0.3 s'),
    });
  });

  it('fails a statement by the stall timer, and the connection with it', async () => {
    const opened = await open();
    stub.onQuery = () => {};
    stub.onAbort = () => {};
    const error = await failureOf(opened.execute(request('SELECT 2', { stallMs: 300 })));
    expect(error.data).toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringContaining('no sign of life'),
    });
    expect(opened.alive).toBe(false);
    expect((await failureOf(opened.execute(request('SELECT 3')))).code).toBe('CONNECTION_FAILED');
  });

  it('fails a ping by its own limit', async () => {
    const opened = await open();
    stub.onHeartbeat = () => {};
    expect((await failureOf(opened.ping(200))).code).toBe('CONNECTION_FAILED');
    expect(opened.alive).toBe(false);
  });

  it('does not hold up a close', async () => {
    const opened = await open();
    stub.onOther = () => {};
    const started = performance.now();
    await opened.close();
    expect(performance.now() - started).toBeLessThan(4000);
  });

  it('is left when it does not take a cancel either, and the caller is told so', async () => {
    const opened = await open();
    stub.onQuery = () => {};
    stub.onAbort = () => {};
    const abort = new AbortController();
    const running = failureOf(opened.execute(request('SELECT 2', { signal: abort.signal })));
    await expect.poll(() => stub.queries().length).toBe(1);
    abort.abort();
    const error = await running;
    expect(error.data).toMatchObject({ code: 'CANCELLED', hint: expect.stringContaining('could not be told') });
    expect(opened.alive).toBe(false);
  });

  it('that polls is alive: progress answers keep the stall timer quiet and bring the query id early', async () => {
    const opened = await open();
    const queryId = randomUUID();
    let polls = 0;
    stub.onQuery = (_seen, response) => ok(response, { queryId, getResultUrl: `/queries/${queryId}/result` }, '333333');
    stub.onOther = (_seen, response) => {
      polls += 1;
      setTimeout(() => {
        if (polls < 4) ok(response, { queryId, getResultUrl: `/queries/${queryId}/result` }, '333333');
        else ok(response, rowset([['1']], [fixed('A')], { queryId }));
      }, 400);
    };
    const ids: [string, number][] = [];
    const result = await opened.execute(
      request('SELECT 2', { stallMs: 1_200, onQueryId: (id) => ids.push([id, polls]) }),
    );
    expect(result.queryId).toBe(queryId);
    expect(ids).toEqual([[queryId, expect.any(Number)]]);
    expect(ids[0]?.[1]).toBeLessThan(4);
  });
});

describe('answers that are no answers', () => {
  it('a socket that closes in the middle of every answer ends at the deadline', async () => {
    const opened = await open();
    stub.onQuery = (_seen, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"data": {');
      setImmediate(() => response.destroy());
    };
    const error = await failureOf(opened.execute(request('SELECT 2', { timeoutMs: 600 })));
    expect(['CONNECTION_FAILED', 'STATEMENT_TIMEOUT']).toContain(error.code);
  });

  it.each([
    ['a page of HTML', 'text/html', '<html>sign in to the network</html>'],
    ['nothing', 'application/json', ''],
    ['JSON of another kind', 'application/json', '[]'],
  ])('%s fails the statement without hanging', async (_name, type, body) => {
    const opened = await open();
    stub.onQuery = (_seen, response) => response.writeHead(200, { 'content-type': type }).end(body);
    const error = await failureOf(opened.execute(request('SELECT 2', { timeoutMs: 3000 })));
    expect(error.message).not.toContain('undefined');
    expect(error.name).toBe('SnowError');
  });

  it('a rejected login says why, and nothing of the password', async () => {
    stub.onLogin = (_seen, response) =>
      fail(response, '390100', 'Incorrect username or password top-secret was specified.');
    const error = await failureOf(openConnection(stub.profile()));
    expect(error).toBeInstanceOf(LoginRefused);
    const { data } = error;
    expect(data).toMatchObject({ code: 'CONNECTION_FAILED', hint: expect.stringContaining('user name and password') });
    expect(JSON.stringify(data)).not.toContain('top-secret');
  });

  it('a server without a free session refuses nobody: the next login may get in', async () => {
    stub.onLogin = (_seen, response) => fail(response, '390001', 'All 100 sessions of this server are in use.');
    const error = await failureOf(openConnection(stub.profile()));
    expect(error).not.toBeInstanceOf(LoginRefused);
    expect(error.data).toMatchObject({ code: 'CONNECTION_FAILED', hint: expect.stringContaining('Try again') });
  });

  it('options that the driver refuses are a bad argument', async () => {
    const { data } = await failureOf(openConnection({ name: 'x', local: false, options: { account: 'a' } }));
    expect(data).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('"x"') });
  });

  it.each([['390111'], ['390114'], ['390104']])(
    'a session that is gone (%s) fails as a lost connection',
    async (number) => {
      const opened = await open();
      stub.onQuery = (_seen, response) => fail(response, number, 'Session no longer exists.');
      stub.onOther = (_seen, response) => fail(response, '390114', 'Authentication token has expired.');
      expect((await failureOf(opened.execute(request('SELECT 2')))).code).toBe('CONNECTION_FAILED');
      expect(opened.alive).toBe(false);
    },
  );

  it('an expired session token is renewed without anybody noticing', async () => {
    const opened = await open();
    let expired = true;
    stub.onQuery = (_seen, response) => {
      if (expired) fail(response, '390112', 'Session token has expired.');
      else ok(response, rowset([['1']], [fixed('A')]));
    };
    stub.onOther = (seen, response) => {
      if (seen.path === '/session/token-request') expired = false;
      ok(response, { sessionToken: 'new', masterToken: 'new', validityInSecondsST: 1, validityInSecondsMT: 1 });
    };
    expect((await opened.execute(request('SELECT 2'))).rowCount).toBe(1);
  });
});

describe('errors of the warehouse', () => {
  it('are kept whole', async () => {
    const opened = await open();
    stub.onQuery = (_seen, response) =>
      fail(response, '001003', "SQL compilation error:\nsyntax error line 2 at position 7 unexpected 'FORM'.", {
        sqlState: '42000',
        line: 2,
        pos: 7,
        queryId: 'the-id',
      });
    const { data } = await failureOf(opened.execute(request('SELECT *\nFORM t')));
    expect(data).toEqual({
      code: 'SNOWFLAKE_ERROR',
      message: "SQL compilation error:\nsyntax error line 2 at position 7 unexpected 'FORM'.",
      number: '001003',
      sqlState: '42000',
      line: 2,
      position: 7,
      queryId: 'the-id',
    });
    expect(opened.alive).toBe(true);
  });

  it('tell a time-out and a cancel by others apart', async () => {
    const opened = await open();
    stub.onQuery = (_seen, response) => fail(response, '000630', 'Statement reached its statement timeout.');
    expect((await failureOf(opened.execute(request('SELECT 2')))).code).toBe('STATEMENT_TIMEOUT');
    stub.onQuery = (_seen, response) => fail(response, '000604', 'SQL execution canceled');
    expect((await failureOf(opened.execute(request('SELECT 2')))).data).toMatchObject({
      code: 'CANCELLED',
      number: '000604',
    });
  });
});

describe('results in chunks', () => {
  const rows = Array.from({ length: 2000 }, (_, index) => [String(index), 'x'.repeat(100)]);
  const types = [fixed('N'), column('T', 'text')];

  function chunked(): object {
    const chunks = [0, 1].map((index) => ({
      url: `${stub.url}/chunk/${index}`,
      rowCount: 1000,
      uncompressedSize: 1,
      compressedSize: 1,
    }));
    return rowset([], types, { chunks, returned: 2000, total: 2000 });
  }

  function serveChunks(last: (index: number) => boolean = () => true): void {
    stub.onQuery = (_seen, response) => ok(response, chunked());
    stub.onOther = (seen, response) => {
      const index = Number(seen.path.split('/').at(-1));
      if (!seen.path.startsWith('/chunk/')) ok(response, null);
      else if (last(index)) {
        response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-encoding': 'gzip' });
        response.end(gzipSync(JSON.stringify(rows.slice(index * 1000, index * 1000 + 1000)).slice(1, -1)));
      }
    };
  }

  it('arrive whole, in order, in batches that wait for each other', async () => {
    const opened = await open();
    serveChunks();
    const seen: unknown[] = [];
    let busy = false;
    const result = await opened.execute(
      request('SELECT 2', {
        maxRows: 5000,
        onRows: async (batch) => {
          expect(busy).toBe(false);
          busy = true;
          await new Promise((resolve) => setImmediate(resolve));
          busy = false;
          seen.push(...batch);
        },
      }),
    );
    expect(result).toMatchObject({ rowCount: 2000, truncated: false });
    expect(seen).toEqual(rows.map(([n, t]) => [Number(n), t]));
  });

  it.each([
    ['rows', { maxRows: 1500 }, 1500],
    ['bytes', { maxBytes: 107 * 10 }, 10],
    ['rows, none of them', { maxRows: 0 }, 0],
  ])('are cut at the cap of %s and say so', async (_name, caps, count) => {
    const opened = await open();
    serveChunks();
    let seen = 0;
    const onRows = async (batch: readonly unknown[]): Promise<void> => {
      seen += batch.length;
    };
    const result = await opened.execute(request('SELECT 2', { maxRows: 5000, ...caps, onRows }));
    expect(result).toMatchObject({ rowCount: count, truncated: true });
    expect(seen).toBe(count);
    expect((await opened.execute(request('SELECT 2', { maxRows: 2000 }))).rowCount).toBe(2000);
  });

  it('that stop coming end by the stall timer', async () => {
    const opened = await open();
    serveChunks((index) => index === 0);
    const error = await failureOf(opened.execute(request('SELECT 2', { maxRows: 5000, stallMs: 400 })));
    expect(error.data).toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringContaining('no sign of life'),
    });
  });

  it('that are not wanted any more are left', async () => {
    const opened = await open();
    serveChunks((index) => index === 0);
    const abort = new AbortController();
    let batches = 0;
    const error = await failureOf(
      opened.execute(
        request('SELECT 2', {
          maxRows: 5000,
          signal: abort.signal,
          onRows: async () => {
            batches += 1;
            abort.abort();
          },
        }),
      ),
    );
    expect(error.code).toBe('CANCELLED');
    expect(batches).toBe(1);
  });

  it('whose reader fails are left, with the reader’s own error', async () => {
    const opened = await open();
    serveChunks();
    const full = new Error('disk full');
    const error = await failureOf(
      opened.execute(request('SELECT 2', { maxRows: 5000, onRows: () => Promise.reject(full) })),
    );
    expect(error).toBe(full);
  });
});

describe('what is sent', () => {
  it('has the request id, the tag and the time-out, and one statement only', async () => {
    const opened = await open();
    const asked = request('SELECT 2', { queryTag: '{"app":"mcp-snow"}', timeoutMs: 2500 });
    await opened.execute(asked);
    expect(stub.queries()[0]).toMatchObject({
      requestId: asked.requestId,
      body: {
        sqlText: 'SELECT 2',
        parameters: { QUERY_TAG: '{"app":"mcp-snow"}', STATEMENT_TIMEOUT_IN_SECONDS: 3, MULTI_STATEMENT_COUNT: 1 },
      },
    });
  });

  it('has binds as the server takes them', async () => {
    const opened = await open();
    await opened.execute(request('SELECT ?', { binds: [1, 1.5, 'a', true, null, 1e21] }));
    expect(stub.queries()[0]?.body.bindings).toEqual({
      1: { type: 'FIXED', value: '1' },
      2: { type: 'REAL', value: '1.5' },
      3: { type: 'TEXT', value: 'a' },
      4: { type: 'BOOLEAN', value: 'true' },
      5: { type: 'TEXT', value: null },
      6: { type: 'TEXT', value: '1e+21' },
    });
    await opened.execute(
      request('INSERT', {
        binds: [
          [1, 'a', 1],
          [2, null, 1.5],
        ],
      }),
    );
    expect(stub.queries()[1]?.body.bindings).toEqual({
      1: { type: 'FIXED', value: ['1', '2'] },
      2: { type: 'TEXT', value: ['a', null] },
      3: { type: 'TEXT', value: ['1', '1.5'] },
    });
    for (const binds of [[[1], [1, 2]], [[]], [Number.NaN]])
      expect((await failureOf(opened.execute(request('SELECT ?', { binds })))).code).toBe('INVALID_ARGUMENT');
  });
});

describe('the context', () => {
  function answerContext(): void {
    const context: Record<string, string> = { Role: 'ROLE', Warehouse: 'WH', Database: 'DB', Schema: 'PUBLIC' };
    stub.onQuery = (seen, response) => {
      const [, kind, names = ''] = /^USE (\w+) (.*)$/.exec(seen.body.sqlText ?? '') ?? [];
      const parts = names.split('.').map((name) => name.replaceAll('"', ''));
      if (kind === 'ROLE') context.Role = parts[0] as string;
      if (kind === 'WAREHOUSE') context.Warehouse = parts[0] as string;
      if (kind === 'DATABASE') Object.assign(context, { Database: parts[0], Schema: 'PUBLIC' });
      if (kind === 'SCHEMA')
        Object.assign(context, { Database: parts.at(-2) ?? context.Database, Schema: parts.at(-1) });
      const final = Object.fromEntries(Object.entries(context).map(([name, value]) => [`final${name}Name`, value]));
      ok(response, rowset([['done']], [column('status', 'text')], final));
    };
  }
  const sent = (): readonly (string | undefined)[] => stub.queries().map(({ body }) => body.sqlText);

  it('is reached with as few statements as possible, and left again', async () => {
    const opened = await open();
    answerContext();
    await opened.applyContext({}, { timeoutMs: 1000 });
    expect(sent()).toEqual([]);
    await opened.applyContext({ database: 'other', warehouse: '"small"' }, { timeoutMs: 1000 });
    expect(sent()).toEqual(['USE WAREHOUSE "small"', 'USE DATABASE "OTHER"']);
    expect((await opened.execute(request('SELECT 2'))).context).toEqual({
      role: 'ROLE',
      warehouse: '"small"',
      database: 'OTHER',
      schema: 'PUBLIC',
    });
    await opened.applyContext({ database: 'OTHER', schema: 'S', warehouse: '"small"' }, { timeoutMs: 1000 });
    expect(sent().slice(3)).toEqual(['USE SCHEMA "OTHER"."S"']);
    await opened.applyContext({}, { timeoutMs: 1000 });
    expect(sent().slice(4)).toEqual(['USE WAREHOUSE "WH"', 'USE DATABASE "DB"']);
  });

  it('has parameters, set and unset by name', async () => {
    const opened = await open();
    answerContext();
    await opened.applyContext({ parameters: { timezone: "Europe/O'Hara", WEEK_START: '1' } }, { timeoutMs: 1000 });
    await opened.applyContext({ parameters: { WEEK_START: '1' } }, { timeoutMs: 1000 });
    await opened.applyContext({ parameters: { WEEK_START: '1' } }, { timeoutMs: 1000 });
    expect(sent()).toEqual([
      "ALTER SESSION SET TIMEZONE = 'Europe/O''Hara' WEEK_START = 1",
      'ALTER SESSION UNSET TIMEZONE',
    ]);
    const bad = opened.applyContext({ parameters: { 'A = 1; DROP': 'x' } }, { timeoutMs: 1000 });
    expect((await failureOf(bad)).code).toBe('INVALID_ARGUMENT');
  });
});

describe('a connection that ends', () => {
  it('leaves alone what its rows’ taker has set going', async () => {
    const opened = await open();
    let end = (): void => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    let status: Promise<number | undefined> | undefined;
    const onRows = async (): Promise<void> => {
      status = over.then(async () => {
        const [answer] = await once(get(`${stub.url}/elsewhere`, { agent: false }), 'response');
        answer.resume();
        return answer.statusCode;
      });
    };
    await opened.execute(request('SELECT 2', { onRows }));
    await opened.close();
    end();
    expect(await status).toBe(200);
  });
});
