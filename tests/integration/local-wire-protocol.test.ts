import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Connection } from 'snowflake-sdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { LocalServer } from '../../src/local/serve-engine.js';
import { startLocalServer } from '../../src/local/server.js';
import { connect, destroy, failure, run } from './local-wire/driver.js';
import { authorized, loginToken, send } from './local-wire/raw-client.js';

let dataDir: string;
let server: LocalServer;
let connection: Connection;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'wire-protocol-'));
  const limits = { statementSeconds: 60, mostStatementSeconds: 1 };
  server = await startLocalServer({ host: '127.0.0.1', port: 0, dataDir, sampleScale: 0, compress: true, limits });
  connection = await connect(server.url);
  await run(connection, 'create database P');
});

afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** A statement as a driver of another language sends it. */
async function ask(token: string, sqlText: string, more: object = {}) {
  const body = gzipSync(JSON.stringify({ sqlText, ...more }));
  const headers = { ...authorized(token), 'Content-Encoding': 'gzip', 'Accept-Encoding': 'gzip' };
  const answer = await send(server.url, { path: '/queries/v1/query-request?requestId=', body, headers });
  const packed = answer.headers['content-encoding'] === 'gzip';
  return { packed, ...answer.json, data: answer.json.data as Record<string, never> & { rowset: string[][] } };
}

describe('array binds', () => {
  it('come from CSV files in a stage, in the order of their numbers', async () => {
    const token = await loginToken(server.url);
    await ask(token, 'use schema P.PUBLIC');
    await ask(token, 'create table BOUND (A int, B varchar, D date)');
    await ask(
      token,
      `create or replace temporary stage SYSTEM$BIND file_format=( type=csv field_optionally_enclosed_by='"')`,
    );
    const put = await ask(token, "put 'file:///tmp/1' @SYSTEM$BIND/one-id overwrite=true auto_compress=false");
    const { location } = (put.data as unknown as { stageInfo: { location: string } }).stageInfo;
    await mkdir(location, { recursive: true });
    const row = (i: number) => `${i},"text ""${i}"", with\nlines",2024-01-0${1 + (i % 9)}\n`;
    const rows = (from: number) => Array.from({ length: 1000 }, (_, i) => row(from + i)).join('');
    for (const n of [1, 2, 10]) writeFileSync(join(location, `${n}.gz`), gzipSync(rows(n * 1000)));
    writeFileSync(join(location, '11'), ',"",\n');
    const insert = { bindStage: '@SYSTEM$BIND/one-id' };
    const inserted = await ask(token, 'insert into BOUND values (?, ?, ?)', insert);
    expect(inserted.data.rowset).toEqual([['3001']]);
    const { data } = await ask(
      token,
      `select count(*), count(A), sum(A), count_if(B = ''), count_if(B = 'text "' || A || '", with' || char(10) || 'lines') from BOUND`,
    );
    expect(data.rowset).toEqual([['3001', '3000', '14498500', '1', '3000']]);
    const missing = await ask(token, 'insert into BOUND values (?, ?, ?)', { bindStage: '@SYSTEM$BIND/nothing' });
    expect(missing.message).toBe('There are no binds in @SYSTEM$BIND/nothing.');
  });

  it('reach their table where the driver would rather stage them', async () => {
    const other = await connect(server.url, { arrayBindingThreshold: 10, database: 'P', schema: 'PUBLIC' } as never);
    await run(other, 'create table MANY (A int, B varchar)');
    const binds = Array.from({ length: 2500 }, (_, i) => [i, i % 7 === 0 ? null : `row ${i}`]);
    await run(other, { sqlText: 'insert into MANY values (?, ?)', binds: binds as never });
    const { rows } = await run(other, 'select count(*) as N, sum(A) as S, count(B) as B from MANY');
    expect(rows).toEqual([{ N: 2500, S: 3_123_750, B: 2142 }]);
    await destroy(other);
  });
});

describe('answers', () => {
  it('are packed for who takes them so, in both directions, and the driver reads them', async () => {
    const token = await loginToken(server.url);
    const large = await ask(token, 'select seq4() as N from table(generator(rowcount => 2000)) order by 1');
    expect(large.packed).toBe(true);
    expect(large.data.rowset).toHaveLength(2000);
    const { rows } = await run(connection, 'select seq4() as N from table(generator(rowcount => 2000)) order by 1');
    expect(rows.at(-1)).toEqual({ N: 1999 });
  });

  it('carry the parameters that ALTER SESSION has set, which the driver formats by', async () => {
    const session = await connect(server.url);
    await run(
      session,
      "alter session set date_output_format = 'DD.MM.YYYY', time_output_format = 'HH24h', timestamp_ntz_output_format = 'YYYY', timezone = 'Asia/Tokyo', binary_output_format = 'BASE64', client_result_chunk_size = 48",
    );
    const { rows } = await run(session, {
      sqlText:
        "select '2024-01-02'::date as D, '03:04:05'::time as T, '2024-01-02'::timestamp_ntz as N, '2024-01-02 00:00:00 +0000'::timestamp_ltz as L, to_binary('abcd') as B",
      fetchAsString: ['Date', 'Buffer'] as never,
    });
    expect(rows).toEqual([{ D: '02.01.2024', T: '03h', N: '2024', L: '2024-01-02 09:00:00.000 +0900', B: 'q80=' }]);
    await destroy(session);
    const token = await loginToken(server.url);
    const { data } = await ask(token, 'alter session set client_result_chunk_size = 48');
    const parameters = data.parameters as unknown as { name: string; value: unknown }[];
    expect(parameters.find(({ name }) => name === 'CLIENT_RESULT_CHUNK_SIZE')?.value).toBe(48);
  });

  it('come by query id as often as they are asked for, and a reused result has an id of its own', async () => {
    const text = 'select 40 + 2 as N';
    const first = (await run(connection, text)).statement.getQueryId();
    const second = (await run(connection, text)).statement.getQueryId();
    expect(second).not.toBe(first);
    for (const queryId of [first, second, first]) expect(await rowsOf(queryId)).toEqual([{ N: 42 }]);
    const { rows } = await run(
      connection,
      `select RESULT_REUSED as R from table(P.information_schema.query_history()) where QUERY_ID = '${second}'`,
    );
    expect(rows).toEqual([{ R: true }]);
  });

  it('describe a statement that does not run', async () => {
    await run(connection, 'create table P.PUBLIC.DESCRIBED (A number(10, 2) not null, B varchar(5), C timestamp_tz)');
    const described = await run(connection, {
      sqlText: 'select A, B, C from P.PUBLIC.DESCRIBED where A = ?',
      describeOnly: true,
    } as never);
    expect(described.statement.getColumns()?.map((each) => [each.getName(), each.getType()])).toEqual([
      ['A', 'fixed'],
      ['B', 'text'],
      ['C', 'timestamp_tz'],
    ]);
    await run(connection, {
      sqlText: 'insert into P.PUBLIC.DESCRIBED values (1, 2, null)',
      describeOnly: true,
    } as never);
    expect((await run(connection, 'select count(*) as N from P.PUBLIC.DESCRIBED')).rows).toEqual([{ N: 0 }]);
  });
});

describe('limits of the server', () => {
  it('bound a statement whatever its session asks for', async () => {
    const endless =
      'select count(*) from table(generator(rowcount => 1000000)) a, table(generator(rowcount => 1000000)) b where random() = 0.5';
    const parameters = { STATEMENT_TIMEOUT_IN_SECONDS: 3600 };
    expect(await failure(run(connection, { sqlText: endless, parameters } as never))).toMatchObject({ code: '000630' });
  });

  it('let a statement be cancelled that waits behind another', async () => {
    const session = await connect(server.url);
    const running = failure(run(session, 'call system$wait(30)'));
    const waiting = await run(session, { sqlText: 'select 1', asyncExec: true });
    const queryId = waiting.statement.getQueryId();
    await new Promise<void>((resolve, reject) =>
      waiting.statement.cancel((error) => (error ? reject(error) : resolve())),
    );
    await vi.waitUntil(async () => (await session.getQueryStatus(queryId)) === 'FAILED_WITH_ERROR');
    expect((await running).code).toBe('000630');
    await destroy(session);
  });
});

async function rowsOf(queryId: string): Promise<unknown[]> {
  const statement = await connection.getResultsFromQueryId({ sqlText: '', queryId });
  const rows: unknown[] = [];
  for await (const row of (statement as unknown as { streamRows(): AsyncIterable<unknown> }).streamRows())
    rows.push(row);
  return rows;
}
