import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;
let client: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
  client = await fixture.workspace('SALES');
  await client.run(
    "CREATE TABLE orders (id INT PRIMARY KEY, amount NUMBER(12,2) COMMENT 'net') COMMENT = 'all orders'",
  );
  await client.run('INSERT INTO orders VALUES (1, 2.5), (2, 3)');
  await client.run('CREATE VIEW big_orders AS SELECT id FROM orders WHERE amount > 2.7');
  await client.run('CREATE SCHEMA archive');
  await client.run('CREATE TABLE old_orders LIKE sales.public.orders');
  await client.run('USE SCHEMA sales.public');
});
afterAll(async () => await fixture.stop());

const names = async (text: string): Promise<(string | null | undefined)[]> => {
  const { columns, rows } = await client.run(text);
  return rows.map((row) => row[columns.indexOf('name')]);
};

describe('SHOW', () => {
  test('TABLES lists the current schema, or what IN names', async () => {
    expect(await names('SHOW TABLES')).toEqual(['ORDERS']);
    expect(await names('SHOW TABLES IN SCHEMA archive')).toEqual(['OLD_ORDERS']);
    expect(await names('SHOW TABLES IN sales.archive')).toEqual(['OLD_ORDERS']);
    expect((await names('SHOW TABLES IN DATABASE')).sort()).toEqual(['OLD_ORDERS', 'ORDERS']);
    expect((await names('SHOW TABLES IN ACCOUNT')).sort()).toEqual(['OLD_ORDERS', 'ORDERS']);
    expect((await client.fails('SHOW TABLES IN SCHEMA nowhere')).number).toBe('002003');
    expect((await client.fails('SHOW TABLES sales')).number).toBe('001003');
  });

  test('TABLES counts the rows of each of many tables', async () => {
    await client.run('CREATE SCHEMA many');
    for (let n = 0; n < 70; n += 1)
      await client.run(`CREATE TABLE t${n} AS SELECT SEQ4() a FROM TABLE(GENERATOR(ROWCOUNT => ${n}))`);
    const { columns, rows } = await client.run('SHOW TABLES');
    const [name, count] = [columns.indexOf('name'), columns.indexOf('rows')];
    expect(Object.fromEntries(rows.map((row) => [row[name], row[count]]))).toEqual(
      Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`T${n}`, String(n)])),
    );
    await client.run('DROP SCHEMA many');
    await client.run('USE SCHEMA sales.public');
  });

  test('TABLES has rows, comment and kind', async () => {
    const { columns, rows } = await client.run('SHOW TABLES');
    const row = Object.fromEntries(columns.map((name, i) => [name, rows[0]?.[i]]));
    expect(row).toMatchObject({
      name: 'ORDERS',
      database_name: 'SALES',
      schema_name: 'PUBLIC',
      kind: 'TABLE',
      comment: 'all orders',
      rows: '2',
    });
  });

  test('LIKE ignores case, STARTS WITH does not, LIMIT … FROM pages', async () => {
    expect(await names("SHOW OBJECTS LIKE '%orders'")).toEqual(['BIG_ORDERS', 'ORDERS']);
    expect(await names("SHOW OBJECTS STARTS WITH 'BIG'")).toEqual(['BIG_ORDERS']);
    expect(await names("SHOW OBJECTS STARTS WITH 'big'")).toEqual([]);
    expect(await names('SHOW OBJECTS LIMIT 1')).toEqual(['BIG_ORDERS']);
    expect(await names("SHOW OBJECTS LIMIT 5 FROM 'BIG_ORDERS'")).toEqual(['ORDERS']);
  });

  test('TERSE has five columns', async () => {
    const { columns, rows } = await client.run('SHOW TERSE VIEWS');
    expect(columns).toEqual(['created_on', 'name', 'kind', 'database_name', 'schema_name']);
    expect(rows[0]?.slice(1)).toEqual(['BIG_ORDERS', 'VIEW', 'SALES', 'PUBLIC']);
  });

  test('HISTORY has what was dropped', async () => {
    await client.run('CREATE TABLE gone (a INT)');
    await client.run('DROP TABLE gone');
    expect(await names('SHOW TABLES')).toEqual(['ORDERS']);
    expect((await names('SHOW TABLES HISTORY')).sort()).toEqual(['GONE', 'ORDERS']);
  });

  test('SCHEMAS, DATABASES, WAREHOUSES and ROLES', async () => {
    expect(await names('SHOW SCHEMAS')).toEqual(['ARCHIVE', 'INFORMATION_SCHEMA', 'PUBLIC']);
    expect(await names('SHOW SCHEMAS IN sales')).toContain('ARCHIVE');
    expect(await names("SHOW DATABASES LIKE 'sal%'")).toEqual(['SALES']);
    expect(await names('SHOW WAREHOUSES')).toEqual(['COMPUTE_WH']);
    expect(await names('SHOW ROLES')).toContain('SYSADMIN');
  });

  test('COLUMNS gives types as JSON', async () => {
    const { columns, rows } = await client.run('SHOW COLUMNS IN TABLE orders');
    expect(rows.map((row) => row[columns.indexOf('column_name')])).toEqual(['ID', 'AMOUNT']);
    expect(JSON.parse(rows[1]?.[columns.indexOf('data_type')] ?? '')).toEqual({
      type: 'FIXED',
      precision: 12,
      scale: 2,
      nullable: true,
    });
  });

  test('of what the local Snowflake does not have says so', async () => {
    expect(await client.fails('SHOW REPLICATION GROUPS')).toMatchObject({ number: '000002', sqlState: '0A000' });
    expect((await client.fails('CREATE MODEL m')).message).toBe("Unsupported feature 'CREATE MODEL'.");
  });
});

describe('INFORMATION_SCHEMA', () => {
  test('has tables, views and columns of its database, ready for joins', async () => {
    expect(
      await client.rows(
        `SELECT t.table_name, t.table_type, count(*) AS columns FROM information_schema.tables t
         JOIN sales.information_schema.columns c ON c.table_name = t.table_name AND c.table_schema = t.table_schema
         WHERE t.table_schema = 'PUBLIC' GROUP BY 1, 2 ORDER BY 1`,
      ),
    ).toEqual([
      ['BIG_ORDERS', 'VIEW', '1'],
      ['ORDERS', 'BASE TABLE', '2'],
    ]);
    expect(
      await client.rows(
        "SELECT data_type, numeric_precision, numeric_scale, comment FROM information_schema.columns WHERE table_name = 'ORDERS' AND column_name = 'AMOUNT'",
      ),
    ).toEqual([['NUMBER', '12', '2', 'net']]);
  });

  test('can be the current schema', async () => {
    await client.run('USE SCHEMA information_schema');
    expect(await client.cell("SELECT count(*) FROM schemata WHERE schema_name = 'ARCHIVE'")).toBe('1');
    await client.run('USE SCHEMA public');
    expect((await client.fails('SELECT * FROM information_schema.nothing')).number).toBe('002003');
  });

  test('tells the history of queries, with tag and error', async () => {
    await client.run('SELECT 42', { parameters: { QUERY_TAG: 'tagged' } });
    await client.fails('SELECT * FROM missing_table');
    const rows = await client.rows(
      'SELECT query_text, query_tag, execution_status, error_code FROM TABLE(information_schema.query_history()) LIMIT 3',
    );
    expect(rows[1]).toEqual(['SELECT * FROM missing_table', '', 'FAILED_WITH_ERROR', '002003']);
    expect(rows[2]).toEqual(['SELECT 42', 'tagged', 'SUCCESS', null]);
  });
});

describe('COMMENT, DESCRIBE and grants', () => {
  test('change and tell', async () => {
    await client.run("COMMENT ON COLUMN orders.id IS 'the key'");
    await client.run("COMMENT IF EXISTS ON TABLE nowhere IS 'x'");
    const { columns, rows } = await client.run('DESC TABLE orders');
    expect(columns.slice(0, 4)).toEqual(['name', 'type', 'kind', 'null?']);
    expect(rows[0]?.[columns.indexOf('comment')]).toBe('the key');
    expect(rows[0]?.[columns.indexOf('primary key')]).toBe('Y');
    expect(await client.fails('DESCRIBE TABLE nowhere')).toMatchObject({
      number: '002003',
      message: "SQL compilation error:\nTable 'SALES.PUBLIC.NOWHERE' does not exist or not authorized.",
    });
    expect(await client.rows('GRANT SELECT ON TABLE orders TO ROLE public')).toEqual([
      ['Statement executed successfully.'],
    ]);
  });
});
