import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Client, EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;
let client: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
});
afterAll(async () => await fixture.stop());
beforeEach(async () => {
  client = await fixture.session();
  await client.run('CREATE OR REPLACE DATABASE db1');
});

const status = async (text: string): Promise<string | null | undefined> => await client.cell(text);

describe('databases and schemas', () => {
  test('a new database has PUBLIC, and both become the current ones', async () => {
    expect(client.session.context).toMatchObject({ database: 'DB1', schema: 'PUBLIC' });
    expect(await status('CREATE SCHEMA s2')).toBe('Schema S2 successfully created.');
    expect(client.session.context).toMatchObject({ database: 'DB1', schema: 'S2' });
  });

  test('names are folded to upper case unless quoted', async () => {
    await client.run('CREATE SCHEMA "mixed Case"');
    await client.run('CREATE TABLE "t.1" ("a b" INT)');
    await client.run('INSERT INTO "t.1" VALUES (1)');
    expect((await client.run('SELECT * FROM db1."mixed Case"."t.1"')).columns).toEqual(['a b']);
    expect((await client.fails('SELECT * FROM T1')).number).toBe('002003');
  });

  test('what is there already is told, skipped or replaced', async () => {
    expect(await client.fails('CREATE DATABASE db1')).toMatchObject({ number: '002002', sqlState: '42710' });
    expect(await status('CREATE DATABASE IF NOT EXISTS db1')).toBe('DB1 already exists, statement succeeded.');
    await client.run('CREATE TABLE db1.public.t (a INT)');
    expect(await status('CREATE OR REPLACE SCHEMA db1.public')).toBe('Schema PUBLIC successfully created.');
    expect((await client.fails('SELECT * FROM db1.public.t')).number).toBe('002003');
  });

  test('USE of what is not there is 002043, and leaves the context', async () => {
    expect(await client.fails('USE DATABASE nowhere')).toMatchObject({ number: '002043', sqlState: '02000' });
    expect(await client.fails('USE SCHEMA nowhere')).toMatchObject({ number: '002043' });
    expect(client.session.context).toMatchObject({ database: 'DB1', schema: 'PUBLIC' });
  });

  test('without a current database or schema a name is 090105 or 090106', async () => {
    const lost = await fixture.session();
    expect(await lost.fails('CREATE TABLE t (a INT)')).toMatchObject({ number: '090105', sqlState: '22000' });
    await client.run('CREATE SCHEMA gone');
    await client.run('DROP SCHEMA gone');
    expect(client.session.context.schema).toBeUndefined();
    expect(await client.fails('CREATE TABLE t (a INT)')).toMatchObject({
      number: '090106',
      message:
        "Cannot perform CREATE TABLE. This session does not have a current schema. Call 'USE SCHEMA', or use a qualified name.",
    });
  });

  test('a renamed database or schema keeps its tables', async () => {
    await client.run('CREATE TABLE t (a INT)');
    await client.run('INSERT INTO t VALUES (7)');
    await client.run('DROP DATABASE IF EXISTS db_renamed');
    await client.run('ALTER DATABASE db1 RENAME TO db_renamed');
    await client.run('ALTER SCHEMA db_renamed.public RENAME TO other');
    expect(await client.cell('SELECT a FROM db_renamed.other.t')).toBe('7');
    expect(client.session.context).toMatchObject({ database: 'DB_RENAMED', schema: 'OTHER' });
  });
});

describe('tables', () => {
  test('keep types, NOT NULL, defaults and identity', async () => {
    await client.run(
      "CREATE TABLE t (id INT IDENTITY(10, 5), a NUMBER(10,2) NOT NULL DEFAULT 1.5, b VARCHAR(3) DEFAULT 'x', c TIMESTAMP_NTZ, PRIMARY KEY (id))",
    );
    await client.run("INSERT INTO t (c) VALUES ('2024-01-02 03:04:05'), (NULL)");
    expect(await client.rows('SELECT id, a, b FROM t ORDER BY id')).toEqual([
      ['10', '1.50', 'x'],
      ['15', '1.50', 'x'],
    ]);
    expect(await client.fails('INSERT INTO t (a) VALUES (NULL)')).toMatchObject({
      number: '100072',
      message: "NULL result in a non-nullable column 'A'",
    });
    expect((await client.fails("INSERT INTO t (b) VALUES ('long')")).number).toBe('100078');
    const described = await client.rows('DESCRIBE TABLE t');
    expect(described.map((row) => row.slice(0, 6))).toEqual([
      ['ID', 'NUMBER(38,0)', 'COLUMN', 'N', 'IDENTITY START 10 INCREMENT 5 NOORDER', 'Y'],
      ['A', 'NUMBER(10,2)', 'COLUMN', 'N', '1.5', 'N'],
      ['B', 'VARCHAR(3)', 'COLUMN', 'Y', "'x'", 'N'],
      ['C', 'TIMESTAMP_NTZ(9)', 'COLUMN', 'Y', null, 'N'],
    ]);
  });

  test('are made from queries, from other tables and as copies', async () => {
    await client.run("CREATE TABLE t AS SELECT 1 AS a, 'x' AS b");
    expect(await status('CREATE TABLE like_t LIKE t')).toBe('Table LIKE_T successfully created.');
    await client.run('CREATE TABLE clone_t CLONE t');
    await client.run('DELETE FROM t');
    expect(await client.cell('SELECT count(*) FROM like_t')).toBe('0');
    expect(await client.rows('SELECT * FROM clone_t')).toEqual([['1', 'x']]);
    await client.run('CREATE TABLE named (p, q) AS SELECT a, b FROM clone_t');
    expect((await client.run('SELECT * FROM named')).columns).toEqual(['P', 'Q']);
  });

  test('change their columns', async () => {
    await client.run('CREATE TABLE t (a INT)');
    await client.run('INSERT INTO t VALUES (1)');
    expect(await status("ALTER TABLE t ADD COLUMN b VARCHAR(5) DEFAULT 'new', c INT")).toBe(
      'Statement executed successfully.',
    );
    await client.run('ALTER TABLE t RENAME COLUMN c TO d');
    expect(await client.rows('SELECT a, b, d FROM t')).toEqual([['1', 'new', null]]);
    expect((await client.fails("UPDATE t SET b = 'too long'")).number).toBe('100078');
    await client.run('ALTER TABLE t ALTER COLUMN b SET DATA TYPE VARCHAR(20)');
    await client.run("UPDATE t SET b = 'not too long'");
    await client.run('ALTER TABLE t DROP COLUMN d');
    expect((await client.run('SELECT * FROM t')).columns).toEqual(['A', 'B']);
    expect((await client.fails('ALTER TABLE t DROP COLUMN nowhere')).number).toBe('000904');
    expect((await client.fails('ALTER TABLE t ADD COLUMN a INT')).number).toBe('001430');
  });

  test('swap, are renamed, and views follow the name', async () => {
    await client.run('CREATE TABLE a AS SELECT 1 AS x');
    await client.run('CREATE TABLE b AS SELECT 2 AS x');
    await client.run('CREATE VIEW v AS SELECT x FROM a');
    await client.run('ALTER TABLE a SWAP WITH b');
    expect(await client.cell('SELECT x FROM v')).toBe('2');
    await client.run('ALTER TABLE a RENAME TO c');
    expect((await client.fails('SELECT * FROM v')).number).toBe('002003');
    await client.run('ALTER TABLE b RENAME TO a');
    expect(await client.cell('SELECT x FROM v')).toBe('1');
  });

  test('come back by UNDROP, also after a restart, and the last dropped first', async () => {
    await client.run('CREATE TABLE t AS SELECT 1 AS x');
    await client.run('CREATE OR REPLACE TABLE t AS SELECT 2 AS x');
    expect(await status('DROP TABLE t')).toBe('T successfully dropped.');
    expect(await status('DROP TABLE IF EXISTS t')).toBe('Drop statement executed successfully (T already dropped).');
    await fixture.restart();
    client = await fixture.session({ context: { database: 'DB1', schema: 'PUBLIC' } });
    expect(await status('UNDROP TABLE t')).toBe('Table T successfully restored.');
    expect(await client.cell('SELECT x FROM t')).toBe('2');
    expect((await client.fails('UNDROP TABLE t')).number).toBe('002002');
  });

  test('that are temporary belong to one session and hide others of the name', async () => {
    await client.run('CREATE TABLE t AS SELECT 1 AS x');
    await client.run('CREATE TEMPORARY TABLE t (x INT)');
    await client.run('INSERT INTO t VALUES (2), (3)');
    const other = await fixture.session({ context: { database: 'DB1', schema: 'PUBLIC' } });
    expect(await client.cell('SELECT count(*) FROM t')).toBe('2');
    expect(await other.cell('SELECT count(*) FROM t')).toBe('1');
    await client.run('DROP TABLE t');
    expect(await client.cell('SELECT x FROM t')).toBe('1');
  });

  test('are read-only in a shared database', async () => {
    const shared = await EngineFixture.start({ sampleScale: 0.001 });
    const reader = await shared.session();
    expect(Number(await reader.cell('SELECT count(*) FROM snowflake_sample_data.tpch_sf1.lineitem'))).toBeGreaterThan(
      0,
    );
    for (const write of ['DELETE FROM', 'DROP TABLE', 'TRUNCATE TABLE']) {
      expect((await reader.fails(`${write} snowflake_sample_data.tpch_sf1.nation`)).number).toBe('003001');
    }
    await shared.stop();
  });
});

describe('views and sequences', () => {
  test('a view is resolved where it lives, whoever asks', async () => {
    await client.run('CREATE TABLE t AS SELECT 1 AS x');
    await client.run('CREATE VIEW v (y) AS SELECT x FROM t');
    await client.run('CREATE SCHEMA elsewhere');
    expect((await client.run('SELECT * FROM public.v')).columns).toEqual(['Y']);
  });

  test('a sequence counts across sessions', async () => {
    await client.run('CREATE SEQUENCE s START = 10 INCREMENT = 5');
    expect(await client.cell('SELECT s.nextval')).toBe('10');
    const other = await fixture.session({ context: { database: 'DB1', schema: 'PUBLIC' } });
    expect(await other.cell('SELECT s.nextval')).toBe('15');
  });
});
