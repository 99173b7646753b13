import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'snowflake-sdk';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { isProcessAlive } from '../../src/local/host/health.js';
import type { HostInfo } from '../../src/local/host/host-file.js';
import { ensureLocalHost, stopLocalHost } from '../../src/local/host/launcher.js';
import { withSampleData } from '../setup/sample-data.js';
import { connect, deferred, destroy, failure, run } from './local-wire/driver.js';

let dataDir: string;
let host: HostInfo;
let connection: Connection;

async function open(): Promise<void> {
  host = await ensureLocalHost({ dataDir });
  connection = await connect(host.url, { username: 'mcp_snow', password: host.token });
}

beforeAll(async () => {
  dataDir = withSampleData(mkdtempSync(join(tmpdir(), 'wire-engine-')));
  await open();
  await run(connection, 'create database W');
});

afterAll(async () => {
  await stopLocalHost(dataDir);
  rmSync(dataDir, { recursive: true, force: true });
});

const LINES = 'SNOWFLAKE_SAMPLE_DATA.TPCH_SF1.LINEITEM';
const ENDLESS = `select count(*) from ${LINES} a, ${LINES} b, ${LINES} c where a.L_TAX + b.L_TAX + c.L_TAX < 0`;

test('a write repeated under its request id changes nothing, in the same process and after it was killed', async () => {
  await run(connection, 'create table W.PUBLIC.ONCE (A int)');
  const insert = {
    sqlText: 'insert into W.PUBLIC.ONCE values (1), (2)',
    requestId: '9b2d6f0e-0c52-4a3e-9a0c-0d7a6f3f1a11',
  };
  const first = await run(connection, insert);
  const again = await run(connection, insert);
  process.kill(host.pid, 'SIGKILL');
  await vi.waitUntil(() => !isProcessAlive(host.pid), { timeout: 10_000 });
  await open();
  const later = await run(connection, insert);
  for (const { statement } of [again, later]) {
    expect(statement.getQueryId()).toBe(first.statement.getQueryId());
    expect(statement.getNumUpdatedRows()).toBe(2);
  }
  expect((await run(connection, 'select count(*) as N from W.PUBLIC.ONCE')).rows).toEqual([{ N: 2 }]);
  expect(await connection.getQueryStatus(first.statement.getQueryId())).toBe('SUCCESS');
});

test('a cancelled statement stops using the processor, and its number stands in the history', async () => {
  const done = deferred<unknown>();
  const statement = connection.execute({ sqlText: ENDLESS, complete: (error) => done.resolve(error) });
  const running = async () => {
    const headers = { Authorization: `Bearer ${host.token}` };
    return ((await (await fetch(`${host.url}/api/v1/health`, { headers })).json()) as { running: number }).running;
  };
  await vi.waitUntil(async () => (await running()) === 1, { timeout: 5000 });
  await new Promise<void>((resolve, reject) => statement.cancel((error) => (error ? reject(error) : resolve())));
  const error = (await done.promise) as { code: string; data: { queryId: string } };
  expect(error.code).toBe('000604');
  expect(await running()).toBe(0);
  expect(await connection.getQueryStatus(error.data.queryId)).toBe('FAILED_WITH_ERROR');
  expect((await run(connection, 'select 1 as A')).rows).toEqual([{ A: 1 }]);
});

test('several statements run in order and answer one after the other', async () => {
  const results: unknown[] = [];
  const finished = deferred<unknown>();
  connection.execute({
    sqlText:
      'create or replace table W.PUBLIC.M (A int); insert into W.PUBLIC.M values (4), (5); select sum(A) as S from W.PUBLIC.M',
    parameters: { MULTI_STATEMENT_COUNT: 3 } as never,
    complete: (error, statement, rows) => {
      if (error) return finished.resolve(error);
      results.push(rows);
      const several = statement as unknown as { hasNext(): boolean; NextResult(): void };
      if (several.hasNext()) several.NextResult();
      else finished.resolve(undefined);
    },
  });
  expect(await finished.promise).toBeUndefined();
  expect(results).toEqual([
    [{ status: 'Table M successfully created.' }],
    [{ 'number of rows inserted': 2 }],
    [{ S: 9 }],
  ]);
});

test('streams every row of a large result once and in order, within bounds', async () => {
  const query = `select L_ORDERKEY as K, L_LINENUMBER as L, L_COMMENT as C from ${LINES} order by K, L`;
  const { rows: expected } = await run(connection, `select count(*) as N, sum(length(C)) as S from (${query})`);
  let [count, length, last, inOrder] = [0, 0, 0, true];
  await new Promise<void>((resolve, reject) => {
    connection.execute({
      sqlText: query,
      streamResult: true,
      complete: (error, statement) => {
        if (error) return reject(error);
        statement
          .streamRows()
          .on('data', (row: { K: number; L: number; C: string }) => {
            count += 1;
            length += row.C.length;
            inOrder &&= row.K * 10 + row.L > last;
            last = row.K * 10 + row.L;
          })
          .on('error', reject)
          .on('end', () => resolve());
      },
    });
  });
  expect({ N: count, S: length }).toEqual(expected[0]);
  expect(count).toBeGreaterThan(50_000);
  expect(inOrder).toBe(true);
});

test('what a session held is free once it is closed', async () => {
  await run(connection, 'create or replace table W.PUBLIC.HELD (A int)');
  const other = await connect(host.url, { username: 'mcp_snow', password: host.token });
  await run(other, 'begin');
  await run(other, 'insert into W.PUBLIC.HELD values (1)');
  await destroy(other);
  await run(connection, 'insert into W.PUBLIC.HELD values (2)');
  expect((await run(connection, 'select A from W.PUBLIC.HELD')).rows).toEqual([{ A: 2 }]);
});

test('an error says where in the text it is', async () => {
  const error = await failure(run(connection, 'select A\nfrom W.PUBLIC.NOWHERE'));
  expect(error).toMatchObject({ code: '002003', sqlState: '42S02', data: { line: 2 } });
  expect(error.message).toContain("'W.PUBLIC.NOWHERE' does not exist or not authorized");
});
