import type { Connection } from 'snowflake-sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LocalServer, serveEngine } from '../../src/local/serve-engine.js';
import { connect, deferred, destroy, failure, loadDriver, run } from './local-wire/driver.js';
import { DuckDBEngine } from './local-wire/duckdb-engine.js';

const ENDLESS = 'select count(*) as n from range(1000000) a, range(1000000) b where a.range + b.range = -1';

describe('the official driver before the wire', () => {
  let engine: DuckDBEngine;
  let server: LocalServer;
  let connection: Connection;

  beforeAll(loadDriver);

  beforeEach(async () => {
    engine = await DuckDBEngine.open();
    server = await serveEngine(engine, '127.0.0.1', 0, { longPollMs: 150 });
    connection = await connect(server.url);
  });

  afterEach(async () => {
    await server.close();
  });

  it('logs in with the context it names, in upper case unless quoted', async () => {
    const other = await connect(server.url, { database: 'sales', schema: '"Raw"', warehouse: 'wh' });
    const { statement } = await run(other, 'select 1 as A');
    expect(statement.getSessionState()).toBeDefined();
    expect(engine.executed.at(-1)?.text).toBe('select 1 as A');
    const state = statement.getSessionState() as unknown as Record<string, () => string>;
    expect([state.getCurrentDatabase?.(), state.getCurrentSchema?.(), state.getCurrentWarehouse?.()]).toEqual([
      'SALES',
      'Raw',
      'WH',
    ]);
  });

  it('gets rows, types, query id and names of columns', async () => {
    const { statement, rows } = await run(
      connection,
      `select 42 as N, 1.5::double as F, 'x,"y"' as T, true as B, null::varchar as Z, '\\xAB'::blob::varchar as H`,
    );
    expect(rows).toEqual([{ N: 42, F: 1.5, T: 'x,"y"', B: true, Z: null, H: '\\xAB' }]);
    expect(statement.getQueryId()).toMatch(/^[0-9a-f-]{36}$/);
    expect(statement.getColumns()?.map((column) => [column.getName(), column.getType()])).toEqual([
      ['N', 'fixed'],
      ['F', 'real'],
      ['T', 'text'],
      ['B', 'boolean'],
      ['Z', 'text'],
      ['H', 'text'],
    ]);
  });

  it('gets the description alone when it asks for no more', async () => {
    const { statement, rows } = await run(connection, { sqlText: 'select 1 as A', describeOnly: true });
    expect(rows).toEqual([]);
    expect(statement.getColumns()?.map((column) => column.getName())).toEqual(['A']);
    expect(engine.executed.at(-1)?.describeOnly).toBe(true);
  });

  it('sends binds of every kind, and columns of values', async () => {
    await run(connection, { sqlText: 'select $1, $2, $3, $4, $5', binds: [1, 2.5, 'x', true, null] as never });
    expect(engine.executed.at(-1)?.binds).toEqual({
      1: { type: 'FIXED', value: '1' },
      2: { type: 'REAL', value: '2.5' },
      3: { type: 'TEXT', value: 'x' },
      4: { type: 'BOOLEAN', value: 'true' },
      5: { type: 'TEXT', value: null },
    });
    const table = [
      [1, 'a'],
      [2, null],
    ];
    await run(connection, { sqlText: 'select $1, $2', binds: table as never });
    expect(engine.executed.at(-1)?.binds).toEqual({
      1: { type: 'FIXED', value: ['1', '2'] },
      2: { type: 'TEXT', value: ['a', null] },
    });
  });

  it('never stages array binds, however many', async () => {
    const rows = Array.from({ length: 60_000 }, (_, index) => [index, `row ${index}`]);
    await run(connection, { sqlText: 'select length($1), length($2)', binds: rows as never });
    expect(engine.executed).toHaveLength(1);
    expect(engine.executed[0]?.binds?.['1']?.value).toHaveLength(60_000);
  });

  it('gets the number of rows a statement changed', async () => {
    await run(connection, 'create table T (A int)');
    const { statement } = await run(connection, 'insert into T select * from range(7)');
    expect(statement.getNumUpdatedRows()).toBe(7);
  });

  it('streams 200,000 rows in order, in chunks', async () => {
    const seen = { rows: 0, inOrder: true };
    await new Promise<void>((resolve, reject) => {
      connection.execute({
        sqlText: "select range as N, 'some text to fill the row with ' || range as T from range(200000)",
        streamResult: true,
        complete: (error, statement) => {
          if (error) return reject(error);
          statement
            .streamRows()
            .on('data', (row: { N: number; T: string }) => {
              seen.inOrder &&= row.N === seen.rows && row.T.endsWith(` ${seen.rows}`);
              seen.rows += 1;
            })
            .on('error', reject)
            .on('end', () => resolve());
        },
      });
    });
    expect(seen).toEqual({ rows: 200_000, inOrder: true });
  });

  it('gets number, state, message, query id and place of an error', async () => {
    const unknown = await failure(run(connection, 'select * from NOWHERE'));
    expect(unknown).toMatchObject({ code: '002003', sqlState: '42S02' });
    expect(unknown.message).toBe('Object does not exist or not authorized.');
    expect(unknown.data).toMatchObject({ errorCode: '002003', queryId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const syntax = await failure(run(connection, 'selec 1'));
    expect(syntax).toMatchObject({ code: '001003', sqlState: '42000', data: { line: 1, pos: 7 } });
    expect((await run(connection, 'select 1 as A')).rows).toEqual([{ A: 1 }]);
  });

  it('waits for a statement longer than one poll', async () => {
    const gate = deferred<void>();
    engine.gate = () => gate.promise;
    const running = run(connection, 'select 5 as A');
    setTimeout(gate.resolve, 500);
    expect((await running).rows).toEqual([{ A: 5 }]);
    expect(engine.executed).toHaveLength(1);
  });

  it('starts a statement and fetches its result by query id, from another connection too', async () => {
    const gate = deferred<void>();
    engine.gate = () => gate.promise;
    const { statement } = await run(connection, { sqlText: 'select 6 as A', asyncExec: true });
    const queryId = statement.getQueryId();
    expect(await connection.getQueryStatus(queryId)).toBe('RUNNING');
    gate.resolve();
    const other = await connect(server.url);
    await vi.waitUntil(async () => (await other.getQueryStatus(queryId)) === 'SUCCESS');
    const fetched = await other.getResultsFromQueryId({ sqlText: '', queryId });
    const rows: unknown[] = [];
    for await (const row of (fetched as unknown as { streamRows(): AsyncIterable<unknown> }).streamRows())
      rows.push(row);
    expect(rows).toEqual([{ A: 6 }]);
  });

  it('gets status and message of a statement that failed on its own', async () => {
    const { statement } = await run(connection, { sqlText: 'select * from NOWHERE', asyncExec: true });
    const queryId = statement.getQueryId();
    await vi.waitUntil(async () => (await connection.getQueryStatus(queryId)) === 'FAILED_WITH_ERROR');
    expect((await failure(connection.getQueryStatusThrowIfError(queryId))).message).toContain('does not exist');
  });

  it('does not know statements nobody ran, and those of other users', async () => {
    expect(await connection.getQueryStatus('00000000-0000-4000-8000-000000000000')).toBe('NO_QUERY_DATA');
    const { statement } = await run(connection, 'select 1 as A');
    const stranger = await connect(server.url, { username: 'somebody' });
    expect(await stranger.getQueryStatus(statement.getQueryId())).toBe('NO_QUERY_DATA');
  });

  it('reads the status of a statement of an earlier process from the history', async () => {
    const queryId = '01234567-0000-4000-8000-000000000000';
    const past = { queryId, sessionId: '9', user: 'TEST', text: 'select 1', queryTag: '', startedAt: 1, endedAt: 2 };
    engine.remember({ ...past, status: 'SUCCESS' });
    expect(await connection.getQueryStatus(queryId)).toBe('SUCCESS');
  });

  it('cancels before it knows the query id, and the session goes on', async () => {
    const gate = deferred<void>();
    engine.gate = () => gate.promise;
    const done = deferred<unknown>();
    const statement = connection.execute({ sqlText: ENDLESS, complete: (error) => done.resolve(error) });
    await vi.waitUntil(() => engine.executed.length === 1);
    gate.resolve();
    await new Promise<void>((resolve, reject) => statement.cancel((error) => (error ? reject(error) : resolve())));
    expect(await done.promise).toMatchObject({ code: '000604', sqlState: '57014' });
    expect((await run(connection, 'select 1 as A')).rows).toEqual([{ A: 1 }]);
  });

  it('cancels by query id', async () => {
    const { statement } = await run(connection, { sqlText: ENDLESS, asyncExec: true });
    await new Promise<void>((resolve, reject) => statement.cancel((error) => (error ? reject(error) : resolve())));
    await vi.waitUntil(async () => (await connection.getQueryStatus(statement.getQueryId())) === 'FAILED_WITH_ERROR');
    const late = await new Promise<unknown>((resolve) => statement.cancel((error) => resolve(error)));
    expect(late).toMatchObject({ code: '000605' });
  });

  it('ends a statement at its time-out', async () => {
    const error = await failure(
      run(connection, { sqlText: ENDLESS, parameters: { STATEMENT_TIMEOUT_IN_SECONDS: 1 } as never }),
    );
    expect(error).toMatchObject({ code: '000630', sqlState: '57014' });
    expect(error.message).toContain('timeout of 1 second(s)');
  });

  it('runs a repeated request id once, and answers both', async () => {
    const requestId = '11111111-2222-4333-8444-555555555555';
    await run(connection, 'create table T (A int)');
    const gate = deferred<void>();
    engine.gate = () => gate.promise;
    const insert = { sqlText: 'insert into T values (1)', requestId };
    const other = await connect(server.url);
    const runs = [run(connection, insert), run(other, insert)];
    await vi.waitUntil(() => engine.executed.length === 2);
    gate.resolve();
    const ids = (await Promise.all(runs)).map(({ statement }) => statement.getQueryId());
    expect(new Set([...ids, (await run(connection, insert)).statement.getQueryId()])).toHaveLength(1);
    expect((await run(connection, 'select count(*) as N from T')).rows).toEqual([{ N: 1 }]);
  });

  it('fetches the results of several statements one after the other', async () => {
    const results: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      connection.execute({
        sqlText: "select 1 as A;select 'b' as B;select 3 as C",
        parameters: { MULTI_STATEMENT_COUNT: 0 } as never,
        complete: (error, statement, rows) => {
          if (error) return reject(error);
          results.push(rows);
          const several = statement as unknown as { hasNext(): boolean; NextResult(): void };
          if (several.hasNext()) several.NextResult();
          else resolve();
        },
      });
    });
    expect(results).toEqual([[{ A: 1 }], [{ B: 'b' }], [{ C: 3 }]]);
  });

  it('keeps 50 connections busy at once', async () => {
    const connections = await Promise.all(Array.from({ length: 50 }, () => connect(server.url)));
    const answers = await Promise.all(connections.map((each, index) => run(each, `select ${index} as N`)));
    expect(answers.map(({ rows }) => rows[0]?.N)).toEqual(connections.map((_, index) => index));
    await Promise.all(connections.map(destroy));
    expect(engine.closedSessions).toBe(50);
  });

  it('cancels what runs in a session that is closed', async () => {
    const other = await connect(server.url);
    const running = failure(run(other, ENDLESS));
    await vi.waitUntil(() => engine.executed.length === 1);
    await destroy(other);
    expect((await running).code).toBe('000604');
  });

  it('answers heartbeats', async () => {
    expect(await connection.isValidAsync()).toBe(true);
  });

  it('tells a connection of an earlier server that its session is gone', async () => {
    const { port } = new URL(server.url);
    await server.close();
    engine = await DuckDBEngine.open();
    server = await serveEngine(engine, '127.0.0.1', Number(port));
    expect(await connection.isValidAsync()).toBe(false);
    expect(await failure(run(connection, 'select 1'))).toMatchObject({ code: expect.anything() });
    expect(connection.isUp()).toBe(false);
    expect((await run(await connect(server.url), 'select 1 as A')).rows).toEqual([{ A: 1 }]);
  });
});

describe('tokens', () => {
  let server: LocalServer;
  afterEach(() => server.close());

  it('are renewed while the master token is good, and the statement is sent again', async () => {
    const engine = await DuckDBEngine.open();
    server = await serveEngine(engine, '127.0.0.1', 0, { tokens: { sessionSeconds: 0.2, masterSeconds: 60 } });
    const connection = await connect(server.url);
    await vi.waitUntil(() => (connection as unknown as { isTokenValid(): boolean }).isTokenValid() === false);
    expect((await run(connection, 'select 1 as A')).rows).toEqual([{ A: 1 }]);
    expect(connection.isUp()).toBe(true);
  });

  it('end the connection when the master token has expired', async () => {
    const engine = await DuckDBEngine.open();
    server = await serveEngine(engine, '127.0.0.1', 0, { tokens: { sessionSeconds: 0.1, masterSeconds: 0.2 } });
    const connection = await connect(server.url);
    const issued = Date.now();
    await vi.waitUntil(() => Date.now() - issued > 250);
    await failure(run(connection, 'select 1 as A'));
    expect(connection.isUp()).toBe(false);
    expect(engine.executed).toHaveLength(0);
  });
});

describe('login', () => {
  let server: LocalServer;
  afterAll(() => server.close());

  it('wants the password where there is one, and tells no more than that it was wrong', async () => {
    const login = { user: 'MCP_SNOW', password: 'secret-token' };
    server = await serveEngine(await DuckDBEngine.open(), '127.0.0.1', 0, { login });
    const right = { username: 'mcp_snow', password: 'secret-token' };
    expect((await run(await connect(server.url, right), 'select 1 as A')).rows).toEqual([{ A: 1 }]);
    for (const wrong of [
      { ...right, password: 'x' },
      { ...right, username: 'other' },
    ]) {
      const error = await failure(connect(server.url, wrong));
      expect(error).toMatchObject({ code: '390100', message: 'Incorrect username or password was specified.' });
    }
  });
});
