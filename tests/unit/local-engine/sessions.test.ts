import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, EngineFixture, readRows } from './engine-fixture.js';

let fixture: EngineFixture;
let client: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start({ limits: { sessions: 20 } });
  client = await fixture.workspace();
});
afterAll(async () => await fixture.stop());

describe('a session', () => {
  test('starts in the context named at login, as far as it exists', async () => {
    const context = { database: 'DB1', schema: 'PUBLIC', warehouse: 'WH', role: 'SYSADMIN' };
    const known = await fixture.session({ context });
    expect(known.session.context).toEqual({ database: 'DB1', schema: 'PUBLIC', warehouse: 'WH', role: 'SYSADMIN' });
    const unknown = await fixture.session({ context: { database: 'nowhere', schema: 'x' } });
    expect(unknown.session.context.database).toBeUndefined();
    expect(await known.rows('SELECT current_database(), current_schema(), current_role()')).toEqual([
      ['DB1', 'PUBLIC', 'SYSADMIN'],
    ]);
  });

  test('has parameters: at login, by ALTER SESSION, back to the default', async () => {
    const session = await fixture.session({ parameters: { timezone: 'Europe/Berlin' } });
    expect(session.session.parameters.TIMEZONE).toBe('Europe/Berlin');
    await session.run("ALTER SESSION SET TIMEZONE = 'UTC', WEEK_START = 1, QUERY_TAG = 'mine'");
    expect(session.session.parameters).toMatchObject({ TIMEZONE: 'UTC', WEEK_START: 1, QUERY_TAG: 'mine' });
    await session.run('ALTER SESSION UNSET TIMEZONE');
    expect(session.session.parameters.TIMEZONE).toBe('America/Los_Angeles');
    expect((await session.fails("ALTER SESSION SET NOSUCH = 'x'")).number).toBe('002211');
    expect((await session.fails("ALTER SESSION SET TIMEZONE = 'Mars/Base'")).number).toBe('001008');
    const [shown] = await session.rows("SHOW PARAMETERS LIKE 'query_tag'");
    expect(shown?.slice(0, 4)).toEqual(['QUERY_TAG', 'mine', '', 'SESSION']);
  });

  test('has variables', async () => {
    await client.run('CREATE OR REPLACE TABLE t AS SELECT 5 AS x');
    await client.run('SET (low, label) = (SELECT x, $$five$$ FROM t)');
    expect(await client.rows('SELECT $low + 1, $label')).toEqual([['6', 'five']]);
    await client.run('UNSET label');
    expect((await client.fails('SELECT $label')).sqlState).toBe('02000');
  });

  test('runs one statement after the other, whoever sends them', async () => {
    await client.run('CREATE OR REPLACE TABLE order_of (n INT)');
    await Promise.all([1, 2, 3, 4, 5].map(async (n) => await client.run(`INSERT INTO order_of VALUES (${n})`)));
    expect(await client.cell('SELECT count(*) FROM order_of')).toBe('5');
  });

  test('says that it is gone after it was closed, and there can be only so many', async () => {
    const session = await fixture.session();
    await session.session.close();
    expect((await session.fails('SELECT 1')).number).toBe('390111');
    const opened: Client[] = [];
    let refused: unknown;
    for (let i = 0; i < 25 && refused === undefined; i++) {
      try {
        opened.push(await fixture.session());
      } catch (error) {
        refused = error;
      }
    }
    for (const each of opened) await each.session.close();
    expect(refused).toMatchObject({ number: '390001' });
  });
});

describe('a text', () => {
  test('of several statements runs them in order, each with an id of its own', async () => {
    const queryId = randomUUID();
    const { outcome } = await client.run(
      'CREATE OR REPLACE TABLE m (a INT); INSERT INTO m VALUES (1), (2); SELECT * FROM m',
      {
        queryId,
        parameters: { MULTI_STATEMENT_COUNT: 3 },
      },
    );
    const children = outcome.children ?? [];
    expect(children.map(({ statementTypeId }) => statementTypeId)).toEqual([0x6000, 0x3100, 0x1000]);
    expect(new Set([queryId, ...children.map((child) => child.queryId)]).size).toBe(4);
    expect(await readRows(children[2] as NonNullable<(typeof children)[2]>)).toEqual([['1'], ['2']]);
    expect(await fixture.engine.history(children[1]?.queryId ?? '')).toMatchObject({ status: 'SUCCESS', rows: 2 });
  });

  test('with another number of statements than said is 000008; an empty one is 000900', async () => {
    expect(await client.fails('SELECT 1; SELECT 2')).toMatchObject({
      number: '000008',
      message: 'Actual statement count 2 did not match the desired statement count 1.',
    });
    expect((await client.fails('  -- nothing\n')).number).toBe('000900');
    expect((await client.fails('', { parameters: { MULTI_STATEMENT_COUNT: 0 } })).number).toBe('000900');
  });
});

describe('binds', () => {
  test('by position, as names, and as columns of many rows', async () => {
    await client.run('CREATE OR REPLACE TABLE bound (n INT, s VARCHAR(5), c INT DEFAULT 1)');
    const value = (type: string, ...values: (string | null)[]) => ({
      type,
      value: values.length === 1 ? (values[0] as string) : values,
    });
    await client.run('INSERT INTO IDENTIFIER(?) (n, s) VALUES (?, ?)', {
      binds: { 1: value('TEXT', 'bound'), 2: value('FIXED', '1'), 3: value('TEXT', 'one') },
    });
    const many = await client.run('INSERT INTO bound (n, s) VALUES (?, upper(?))', {
      binds: { 1: value('FIXED', '2', '3', '4'), 2: value('TEXT', 'two', null, "it's") },
    });
    expect(many.rows).toEqual([['3']]);
    expect(await client.rows('SELECT n, s, c FROM bound ORDER BY n')).toEqual([
      ['1', 'one', '1'],
      ['2', 'TWO', '1'],
      ['3', null, '1'],
      ['4', "IT'S", '1'],
    ]);
    await client.run('UPDATE bound SET s = ? WHERE n = ?', {
      binds: { 1: value('TEXT', 'a', 'b'), 2: value('FIXED', '1', '2') },
    });
    expect(await client.rows('SELECT s FROM bound WHERE n < 3 ORDER BY n')).toEqual([['a'], ['b']]);
  });

  test('that are missing or too long are refused, and nothing is written', async () => {
    await client.run('CREATE OR REPLACE TABLE strict (s VARCHAR(3))');
    const binds = { 1: { type: 'TEXT', value: ['ok', 'too long'] } };
    expect((await client.fails('INSERT INTO strict VALUES (?)', { binds })).number).toBe('100078');
    expect((await client.fails('SELECT ?')).number).toBe('002049');
    expect(await client.cell('SELECT count(*) FROM strict')).toBe('0');
  });
});

describe('describing', () => {
  test('tells the columns and changes nothing', async () => {
    await client.run('CREATE OR REPLACE TABLE d (a NUMBER(10,2), b VARCHAR(7))');
    const described = await client.run('SELECT a, b FROM d WHERE a = ?', { describeOnly: true });
    expect(described.columns).toEqual(['A', 'B']);
    expect(described.outcome.columns[0]?.type).toEqual({ name: 'FIXED', precision: 10, scale: 2 });
    const insert = await client.run("INSERT INTO d VALUES (1, 'x')", { describeOnly: true });
    expect(insert.columns).toEqual(['number of rows inserted']);
    expect((await client.run('DROP TABLE d', { describeOnly: true })).columns).toEqual(['status']);
    expect(await client.cell('SELECT count(*) FROM d')).toBe('0');
  });
});

describe('a result', () => {
  const MANY =
    'SELECT a.n, b.n, $$a text that makes the result long enough to be read in pieces$$ FROM big a CROSS JOIN big b CROSS JOIN big c';

  test('larger than the read-ahead streams, and the next statement waits for its end', async () => {
    await client.run('CREATE OR REPLACE TABLE big (n INT)');
    await client.run(`INSERT INTO big VALUES ${Array.from({ length: 70 }, (_, i) => `(${i})`).join(', ')}`);
    const outcome = await client.session.execute({ text: MANY, queryId: randomUUID() });
    let answered = false;
    const next = client.cell('SELECT 1').then((cell) => {
      answered = true;
      return cell;
    });
    let rows = 0;
    for await (const block of outcome.blocks) {
      expect(answered).toBe(false);
      rows += block.rows;
    }
    expect(rows).toBe(343_000);
    expect(await next).toBe('1');
  });

  test('that is given up, even unread, lets the session go on', async () => {
    const outcome = await client.session.execute({ text: MANY, queryId: randomUUID() });
    await outcome.blocks[Symbol.asyncIterator]().return?.();
    expect(await client.cell('SELECT 1')).toBe('1');
  });

  test('that nobody reads does not keep its session from closing', async () => {
    const other = await fixture.workspace();
    await other.session.execute({ text: MANY, queryId: randomUUID() });
    await other.session.close();
    expect((await other.fails('SELECT 1')).number).toBe('390111');
  });

  test('can be asked again by RESULT_SCAN, of queries and of SHOW', async () => {
    await client.run("SELECT 1 AS a, 'x' AS b, TO_DATE('2024-02-29') AS c");
    expect(await client.rows('SELECT b, c FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))')).toEqual([['x', '19782']]);
    await client.run("SHOW TABLES LIKE 'big'");
    expect(await client.rows('SELECT "name", "rows" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))')).toEqual([
      ['BIG', '70'],
    ]);
  });
});
