import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;
let client: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
  client = await fixture.workspace();
});
afterAll(async () => await fixture.stop());

describe('a collation', () => {
  test('under which texts compare by code point is accepted', async () => {
    expect(await client.cell("SELECT 'a' COLLATE 'utf8' = 'A'")).toBe('0');
    await client.run("CREATE OR REPLACE TABLE plain (a VARCHAR COLLATE '')");
  });

  test.each([
    "SELECT 'a' COLLATE 'en-ci-fu' = 'A'",
    "SELECT COLLATE('a', 'en-ci-fu')",
    "SELECT SPLIT('a' COLLATE 'en-ci', 'A')",
    "CREATE TABLE folded (a VARCHAR COLLATE 'en-ci-fu')",
    "CREATE SCHEMA folded DEFAULT_DDL_COLLATION = 'en-ci'",
  ])('that nothing would heed is refused: %s', async (text) => {
    expect(await client.fails(text)).toMatchObject({ number: '000002', message: expect.stringContaining('en-ci') });
  });
});

describe('RESULT_SCAN', () => {
  test("reads a result of another session of the same user, and of nobody else's", async () => {
    const { outcome } = await client.run('SELECT 7 AS a, NULL AS b');
    const scan = `SELECT a, b FROM TABLE(RESULT_SCAN('${outcome.queryId}'))`;
    const same = await fixture.session();
    expect(await same.rows(scan)).toEqual([['7', null]]);
    const other = await fixture.session({ user: 'somebody' });
    expect((await other.fails(scan)).number).toBe('000709');
  });
});

describe('ALTER SESSION', () => {
  test('sets all parameters or none', async () => {
    const session = await fixture.session();
    const { number } = await session.fails(
      "ALTER SESSION SET TIMEZONE = 'UTC', QUERY_TAG = 'x', LOCK_TIMEOUT = 'soon'",
    );
    expect(number).toBe('001008');
    expect(session.session.parameters).toMatchObject({ TIMEZONE: 'America/Los_Angeles', QUERY_TAG: '' });
    expect((await session.fails("ALTER SESSION SET QUERY_TAG = 'x', NO_SUCH = 1")).number).toBe('002211');
    expect(session.session.parameters.QUERY_TAG).toBe('');
  });

  test('refuses a time zone that does not exist, also at login', async () => {
    const session = await fixture.session();
    expect(await session.fails("ALTER SESSION SET TIMEZONE = 'Mars/Olympus'")).toMatchObject({
      number: '001008',
      message: expect.stringContaining('Mars/Olympus'),
    });
    await expect(fixture.session({ parameters: { TIMEZONE: 'Mars/Olympus' } })).rejects.toMatchObject({
      number: '001008',
    });
    await session.run("ALTER SESSION SET TIMEZONE = 'europe/berlin'");
    expect(await session.cell("SELECT '2026-01-31 12:00:00'::TIMESTAMP_LTZ::VARCHAR")).toBe(
      '2026-01-31 12:00:00.000 +0100',
    );
  });

  test('refuses an input format that would not be heeded', async () => {
    const session = await fixture.session();
    expect((await session.fails("ALTER SESSION SET DATE_INPUT_FORMAT = 'DD/MM/YYYY'")).number).toBe('000002');
    await session.run("ALTER SESSION SET DATE_INPUT_FORMAT = 'YYYY-MM-DD', TIMESTAMP_INPUT_FORMAT = AUTO");
  });

  test('says what TIMESTAMP means', async () => {
    const session = await fixture.workspace();
    const types = async (): Promise<string[]> => {
      const { outcome } = await session.run("SELECT '2026-01-31'::TIMESTAMP, TO_TIMESTAMP('2026-01-31'), c FROM t");
      return outcome.columns.map(({ type }) => type.name);
    };
    await session.run('CREATE OR REPLACE TABLE t (c TIMESTAMP)');
    expect(await types()).toEqual(['TIMESTAMP_NTZ', 'TIMESTAMP_NTZ', 'TIMESTAMP_NTZ']);
    await session.run('ALTER SESSION SET TIMESTAMP_TYPE_MAPPING = TIMESTAMP_TZ');
    await session.run('CREATE OR REPLACE TABLE t (c TIMESTAMP)');
    expect(await types()).toEqual(['TIMESTAMP_TZ', 'TIMESTAMP_TZ', 'TIMESTAMP_TZ']);
  });
});

test('a query that fails late in an open transaction tells its own error, and the transaction goes on', async () => {
  await client.run('CREATE OR REPLACE TABLE t (a INT)');
  await client.run('BEGIN');
  await client.run('INSERT INTO t VALUES (1)');
  const late = "SELECT iff(seq4() = 299999, 'x', '1')::INT FROM TABLE(GENERATOR(ROWCOUNT => 300000))";
  expect(await client.fails(late)).toMatchObject({ number: '100038', message: "Numeric value 'x' is not recognized" });
  await client.run('INSERT INTO t VALUES (2)');
  await client.run('COMMIT');
  expect(await client.rows('SELECT a FROM t ORDER BY a')).toEqual([['1'], ['2']]);
});

test('CONNECT BY over a cycle ends with an error, and over a row below itself with LEVEL does not', async () => {
  await client.run('CREATE OR REPLACE TABLE parts AS SELECT * FROM VALUES (1, 2), (2, 1) AS v(id, parent)');
  expect((await client.fails('SELECT id FROM parts START WITH id = 1 CONNECT BY PRIOR id = parent')).number).toBe(
    '100298',
  );
  expect(
    await client.rows('SELECT id FROM parts START WITH id = 1 CONNECT BY PRIOR id = parent AND level <= 3'),
  ).toEqual([['1'], ['2'], ['1']]);
});

test('no limit is written LIMIT NULL', async () => {
  expect(await client.rows('SELECT column1 FROM VALUES (1), (2) LIMIT NULL')).toEqual([['1'], ['2']]);
});

test('DISTINCT takes moments of TIMESTAMP_TZ by their instants', async () => {
  const moments = "VALUES ('2026-01-31 12:00 +00:00'::TIMESTAMP_TZ), ('2026-01-31 14:00 +02:00'::TIMESTAMP_TZ)";
  expect(await client.rows(`SELECT DISTINCT column1 FROM ${moments}`)).toHaveLength(1);
  expect(await client.cell(`SELECT count(DISTINCT column1) FROM ${moments}`)).toBe('1');
});

test('so does GROUP BY, in whatever way the key is named', async () => {
  await client.run('CREATE OR REPLACE TABLE t (c TIMESTAMP_TZ, n INT)');
  await client.run("INSERT INTO t VALUES ('2026-01-31 12:00 +00:00', 1), ('2026-01-31 14:00 +02:00', 2)");
  for (const query of [
    'SELECT c, sum(n) AS s, max(c) = c FROM t GROUP BY c HAVING c IS NOT NULL ORDER BY c',
    'SELECT c AS k, sum(n), count(DISTINCT c) FROM t GROUP BY k ORDER BY k',
    'SELECT c, sum(n), 1 FROM t WHERE c IS NOT NULL GROUP BY 1 ORDER BY 1',
    'SELECT c, sum(n), (SELECT count(DISTINCT c) FROM t) FROM t GROUP BY t.c',
    "SELECT dateadd('day', 1, c) AS k, sum(n), row_number() OVER (ORDER BY k) FROM t GROUP BY k",
  ]) {
    expect(await client.rows(query)).toEqual([[expect.stringMatching(/^17[67]\d+\.0+ 1\d+$/), '3', '1']]);
  }
});

test.each([
  ['a', 'A000'],
  ['Robert', 'R163'],
  ['Rupert', 'R163'],
  ['Tymczak', 'T522'],
  ['Pfister', 'P236'],
  ['', ''],
])('soundex of %j', async (word, code) => {
  expect(await client.cell(`SELECT soundex('${word}')`)).toBe(code);
});

test.each([224, 256, 384, 512])('SHA2 with %i bits', async (bits) => {
  const hex = createHash(`sha${bits}`).update('größe').digest('hex');
  expect(
    await client.rows(`SELECT sha2(column1, ${bits}), sha2_binary(column1, ${bits}) FROM VALUES ('größe')`),
  ).toEqual([[hex, hex.toUpperCase()]]);
});

test('search optimization is accepted; a policy that does not exist is not', async () => {
  await client.run('CREATE OR REPLACE TABLE t (a INT)');
  await client.run('ALTER TABLE t ADD SEARCH OPTIMIZATION ON EQUALITY(a)');
  await client.run('ALTER TABLE t DROP SEARCH OPTIMIZATION');
  for (const text of [
    'ALTER TABLE t ADD ROW ACCESS POLICY p ON (a)',
    'ALTER TABLE t ALTER COLUMN a SET MASKING POLICY p',
    'CREATE TABLE u (a INT MASKING POLICY p)',
    'CREATE TABLE u (a INT) ROW ACCESS POLICY p ON (a)',
  ]) {
    expect((await client.fails(text)).number).toBe('002003');
  }
});

test('QUERY_HISTORY_BY_USER has the queries of that user alone', async () => {
  const other = await fixture.session({ user: 'historian' });
  await other.run('SELECT 41');
  const users = 'SELECT DISTINCT user_name FROM TABLE(DB1.INFORMATION_SCHEMA.QUERY_HISTORY_BY_USER';
  expect(await other.rows(`${users}())`)).toEqual([['HISTORIAN']]);
  expect(await client.rows(`${users}(USER_NAME => 'HISTORIAN', RESULT_LIMIT => 5))`)).toEqual([['HISTORIAN']]);
  expect((await client.fails(`${users}(RESULT_LIMIT => 0))`)).number).toBe('001008');
  expect((await client.fails(`${users}(NO_SUCH => 1))`)).number).toBe('000002');
});

test('TRUNC takes numbers and dates', async () => {
  expect(await client.rows("SELECT trunc(2.567, 2), trunc(123.4, -1), trunc('2024-05-15'::DATE, 'month')")).toEqual([
    ['2.56', '120', '19844'],
  ]);
});

test('POSITION takes a bare IN', async () => {
  expect(await client.rows("SELECT position('l' IN 'hello'), position('a' IN ('ba'))")).toEqual([['3', '2']]);
});

test('a text that is no hexadecimal is no BINARY', async () => {
  expect(await client.fails("SELECT 'abc'::BINARY")).toMatchObject({ number: '100115' });
  expect(await client.cell("SELECT try_to_binary('abc')")).toBeNull();
});

test('SHOW PARAMETERS heeds LIKE after the place too', async () => {
  expect(await client.rows("SHOW PARAMETERS LIKE 'WEEK_START' IN SESSION")).toHaveLength(1);
  expect(await client.rows("SHOW PARAMETERS IN SESSION LIKE 'WEEK_START'")).toHaveLength(1);
});
