import { randomUUID } from 'node:crypto';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCatalogTables } from '../../../src/local/engine/catalog/catalog-storage.js';
import type { QueryHistoryEntry } from '../../../src/local/engine/engine.js';
import { QueryHistory } from '../../../src/local/engine/query-history.js';
import { queryTypeOf } from '../../../src/local/engine/query-type.js';
import { textWithoutSecrets } from '../../../src/local/engine/text-without-secrets.js';
import { type Client, EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;
let client: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
  client = await fixture.workspace('HIST');
  await client.run('create table T (A int)');
});

afterAll(async () => await fixture.stop());

const entry = async (queryId: string) => (await fixture.engine.history(queryId)) as QueryHistoryEntry;

describe('a statement in the history', () => {
  it('has its place, type, tag, times, rows and translation', async () => {
    const queryId = randomUUID();
    await client.run('insert into T select seq4() from table(generator(rowcount => 3))', {
      queryId,
      parameters: { QUERY_TAG: 'nightly' },
    });
    expect(await entry(queryId)).toMatchObject({
      sessionId: client.session.id,
      user: 'TESTER',
      role: 'ACCOUNTADMIN',
      warehouse: 'COMPUTE_WH',
      database: 'HIST',
      schema: 'PUBLIC',
      type: 'INSERT',
      queryTag: 'nightly',
      status: 'SUCCESS',
      rows: 3,
      translated: expect.stringMatching(/^INSERT INTO /),
    });
  });

  it('is there when it could not even be parsed', async () => {
    const queryId = randomUUID();
    await client.fails("select 'unended", { queryId });
    expect(await entry(queryId)).toMatchObject({ status: 'FAILED_WITH_ERROR', errorNumber: expect.any(String) });
  });

  it('is there with each statement that a script, a procedure or a text of several ran', async () => {
    const queryId = randomUUID();
    await client.run(
      'begin insert into T values (10); execute immediate $$ select 1 / 0 $$; exception when other then return 0; end',
      {
        queryId,
      },
    );
    const children = fixture.engine.recentQueries(10).filter(({ parentId }) => parentId === queryId);
    expect(children.map(({ text, status, rows }) => [text.trim(), status, rows])).toEqual([
      ['select 1 / 0', 'FAILED_WITH_ERROR', undefined],
      ['insert into T values (10)', 'SUCCESS', 1],
    ]);
    const several = randomUUID();
    await client.run('select 1; select 2', { queryId: several, parameters: { MULTI_STATEMENT_COUNT: 2 } });
    expect(await entry(several)).toMatchObject({ type: 'MULTI_STATEMENT', status: 'SUCCESS' });
    expect(fixture.engine.recentQueries(10).filter(({ parentId }) => parentId === several)).toHaveLength(2);
  });

  it('tells how long it waited for its session and for locks', async () => {
    const other = await fixture.session({ context: { database: 'HIST', schema: 'PUBLIC' } });
    await other.run('begin');
    await other.run('update T set A = A');
    const blocked = randomUUID();
    const queued = randomUUID();
    const writing = client.run('update T set A = A', { queryId: blocked });
    const reading = client.run('select 1', { queryId: queued });
    await vi.waitUntil(async () => (await entry(blocked))?.translated !== undefined, { timeout: 5_000, interval: 1 });
    // Long enough to be seen in milliseconds, however soon the lock is given back.
    const until = Date.now() + 5;
    while (Date.now() < until) await other.run('select 1');
    await other.run('rollback');
    await Promise.all([writing, reading]);
    expect((await entry(blocked)).blockedMs).toBeGreaterThan(0);
    expect((await entry(queued)).queuedMs).toBeGreaterThan(0);
    await other.session.close();
  });

  it('does not hold the rows that a translation carries', async () => {
    const queryId = randomUUID();
    await client.run("select 'seen once' from table(information_schema.query_history()) limit 1", { queryId });
    expect((await entry(queryId)).translated).toContain("from_json('…'");
  });

  it('does not show a password', async () => {
    const queryId = randomUUID();
    await client.run("create user U password = 'hunter2' default_role = 'R'", { queryId });
    expect((await entry(queryId)).text).toBe("create user U password = '****' default_role = 'R'");
  });
});

describe('QUERY_HISTORY', () => {
  it('has the documented columns and, by itself, the last 100 statements, newest first', async () => {
    const { columns, rows } = await client.run('select * from table(information_schema.query_history())');
    expect(columns.slice(0, 16)).toEqual([
      'QUERY_ID',
      'QUERY_TEXT',
      'DATABASE_NAME',
      'SCHEMA_NAME',
      'QUERY_TYPE',
      'SESSION_ID',
      'USER_NAME',
      'ROLE_NAME',
      'WAREHOUSE_NAME',
      'WAREHOUSE_SIZE',
      'WAREHOUSE_TYPE',
      'CLUSTER_NUMBER',
      'QUERY_TAG',
      'EXECUTION_STATUS',
      'ERROR_CODE',
      'ERROR_MESSAGE',
    ]);
    expect(rows[0]?.slice(1, 5)).toEqual([
      'select * from table(information_schema.query_history())',
      'HIST',
      'PUBLIC',
      'SELECT',
    ]);
    expect(rows[0]?.[13]).toBe('RUNNING');
    expect(rows.length).toBeLessThanOrEqual(100);
  });

  it('finds by session, user, warehouse and time of the end', async () => {
    const other = await fixture.session({ user: 'other', context: { warehouse: 'SMALL_WH', database: 'HIST' } });
    await other.run('select 41 + 1');
    const found = async (call: string, where = '') =>
      await client.rows(`select query_text from table(HIST.information_schema.${call}) ${where} order by 1`);
    const wanted = [['select 41 + 1']];
    expect(await found(`query_history_by_session(session_id => ${other.session.id})`)).toEqual(wanted);
    expect(await found("query_history_by_user(user_name => 'OTHER', result_limit => 5)")).toEqual(wanted);
    expect(await found("query_history_by_warehouse('small_wh')")).toEqual(wanted);
    expect(await found('query_history_by_user(current_user())', "where query_text = 'select 41 + 1'")).toEqual([]);
    const early = "end_time_range_end => dateadd('day', -1, current_timestamp())";
    expect(await found(`query_history_by_session(${other.session.id}, ${early})`)).toEqual([]);
    const late = "end_time_range_start => dateadd('hour', -1, current_timestamp())";
    expect(await found(`query_history_by_session(${other.session.id}, ${late})`)).toEqual(wanted);
    await other.session.close();
  });

  it('leaves out what clients run on their own account unless asked', async () => {
    await client.run('select 77', { internal: true });
    const count = async (args: string) =>
      await client.cell(
        `select count(*) from table(information_schema.query_history(${args})) where query_text = 'select 77'`,
      );
    expect(await count('')).toBe('0');
    expect(await count('include_client_generated_statement => true')).toBe('1');
  });

  it('refuses limits and arguments that it does not have', async () => {
    const fails = async (args: string) =>
      await client.fails(`select * from table(information_schema.query_history(${args}))`);
    expect((await fails('result_limit => 0')).number).toBe('001008');
    expect((await fails('result_limit => 10001')).number).toBe('001008');
    expect((await fails("user_name => 'A'")).message).toContain('USER_NAME of QUERY_HISTORY');
  });

  it('has, under access control, the own statements alone unless a role may MONITOR', async () => {
    const as = async (user: string, roles: readonly string[]) =>
      await fixture.session({ user, context: { database: 'HIST' }, access: { roles } });
    const plain = await as('plain', []);
    const chief = await as('chief', ['ACCOUNTADMIN']);
    await plain.run("select 'of plain'");
    for (const source of ['table(HIST.information_schema.query_history())', 'snowflake.account_usage.query_history']) {
      const users = `select distinct user_name from ${source} where user_name in ('PLAIN', 'TESTER') order by 1`;
      expect(await plain.rows(users)).toEqual([['PLAIN']]);
      expect(await chief.rows(users)).toEqual([['PLAIN'], ['TESTER']]);
    }
    await plain.session.close();
    await chief.session.close();
  });

  it('is in SNOWFLAKE.ACCOUNT_USAGE as a view', async () => {
    await client.run('insert into T values (1), (2)');
    expect(
      await client.rows(
        `select execution_status, rows_inserted, translated_query_text is null from snowflake.account_usage.query_history
         where query_text = 'insert into T values (1), (2)'`,
      ),
    ).toEqual([['SUCCESS', '2', '0']]);
  });

  it('is there after a restart', async () => {
    await client.run("select 'kept for later'");
    await fixture.restart();
    client = await fixture.workspace('HIST');
    expect(
      await client.cell(
        "select execution_status from table(information_schema.query_history()) where query_text = 'select ''kept for later'''",
      ),
    ).toBe('SUCCESS');
  });
});

describe('what is kept', () => {
  it('is bounded by number and age, in memory and in the database', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await createCatalogTables(connection);
    let now = 1_000 * 24 * 3_600_000;
    const open = async () => {
      const history = new QueryHistory(await instance.connect(), { historyRows: 3, historyDays: 2 }, () => now);
      await history.load();
      return history;
    };
    const history = await open();
    const run = (text: string) => {
      const started: QueryHistoryEntry = {
        queryId: randomUUID(),
        sessionId: '1',
        user: 'U',
        text,
        queryTag: '',
        status: 'RUNNING',
        startedAt: now,
      };
      history.started(started);
      history.goesOn({ ...started, status: 'SUCCESS', endedAt: now });
      now += 1;
    };
    for (const text of ['a', 'b', 'c', 'd']) run(text);
    const texts = (from: QueryHistory) => from.latest(10).map(({ text }) => text);
    expect(texts(history)).toEqual(['d', 'c', 'b']);
    await history.flush();
    await history.prune();
    const stored = async () =>
      (await (await connection.run('select count(*) from _catalog.query_history')).getRowsJS())[0]?.[0];
    expect(await stored()).toBe(3n);
    now += 2 * 24 * 3_600_000;
    run('e');
    expect(texts(history)).toEqual(['e']);
    await history.flush();
    history.close();
    const later = await open();
    expect(texts(later)).toEqual(['e']);
    expect(await stored()).toBe(1n);
    later.close();
    connection.closeSync();
    instance.closeSync();
  });
});

describe('the words for what a statement does', () => {
  it.each([
    ['-- first\n(select 1)', 'SELECT'],
    ['with a as (select 1) select * from a', 'SELECT'],
    ['insert all into a into b select 1', 'MULTI_TABLE_INSERT'],
    ['create or replace transient table A (B int)', 'CREATE_TABLE'],
    ['create table A as (select 1 as B)', 'CREATE_TABLE_AS_SELECT'],
    ['create secure view V as select 1', 'CREATE_VIEW'],
    ['create file format F type = csv', 'CREATE'],
    ['alter table A add column B int', 'ALTER_TABLE_ADD_COLUMN'],
    ['alter table A drop column B', 'ALTER_TABLE_DROP_COLUMN'],
    ['alter table A rename to B', 'RENAME_TABLE'],
    ["alter session set timezone = 'UTC'", 'ALTER_SESSION'],
    ['copy into A from @S', 'COPY'],
    ['copy into @S from A', 'UNLOAD'],
    ['begin', 'BEGIN_TRANSACTION'],
    ['begin return 1; end', 'EXECUTE_BLOCK'],
    ['frobnicate', 'UNKNOWN'],
  ])('%s', (text, type) => {
    expect(queryTypeOf(text)).toBe(type);
  });
});

describe('a text without secrets', () => {
  it.each([
    ['alter user U set PASSWORD /* new */ = $$abc$$', "alter user U set PASSWORD /* new */ = '****'"],
    [
      "create stage S url = 's3://b' credentials = (aws_key_id = 'k' aws_secret_key = 'x''y')",
      "create stage S url = 's3://b' credentials = (aws_key_id = 'k' aws_secret_key = '****')",
    ],
    ["create user U password = 'cut", "create user U password = '****'"],
    ['select password from T', 'select password from T'],
    [
      "select decrypt(ENCRYPT (upper('a)b'), 'p''q') /* ' */, $$p$$), 'kept', try_decrypt_raw(V, 'cut",
      "select decrypt(ENCRYPT (upper('****'), '****') /* ' */, '****'), 'kept', try_decrypt_raw(V, '****'",
    ],
    ["select decrypted, 'kept' from T", "select decrypted, 'kept' from T"],
  ])('%s', (text, shown) => {
    expect(textWithoutSecrets(text)).toBe(shown);
  });
});
