import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;
let client: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
  client = await fixture.workspace();
  await client.run('CREATE TABLE t (g TEXT, id INT, v INT, note TEXT)');
  await client.run(
    `INSERT INTO t VALUES ('a', 1, 10, 'x'), ('a', 2, 8, NULL), ('a', 3, 7, 'y'), ('a', 4, 9, 'z'), ('a', 5, 12, 'w'),
     ('b', 1, 5, 'q'), ('b', 2, 6, 'r'), (NULL, 1, 3, 'n'), (NULL, 2, 1, 'm')`,
  );
});
afterAll(() => fixture.stop());

const matches = (clauses: string, from = 't'): string =>
  `SELECT * FROM ${from} MATCH_RECOGNIZE (PARTITION BY g ORDER BY id ${clauses})`;
const FALLS = 'PATTERN (a b+) DEFINE b AS v < LAG(v)';

describe('MATCH_RECOGNIZE', () => {
  test('takes NULL as a partition of its own, and gives what PARTITION BY computes under the name of its text', async () => {
    const sql = `SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY upper(g), id % 1 ORDER BY id MEASURES sum(v) AS total ${FALLS})`;
    const { columns, rows } = await client.run(sql);
    expect(columns).toEqual(['UPPER(G)', 'ID % 1', 'TOTAL']);
    expect(rows).toEqual([
      ['A', '0', '25'],
      [null, '0', '4'],
    ]);
  });

  test('finds each time the same rows where ORDER BY leaves the order open', async () => {
    const sql = `SELECT * FROM t MATCH_RECOGNIZE (ORDER BY 1 MEASURES count(*) AS n, count(b.*) AS m PATTERN (a b*)
      DEFINE b AS v < LAG(v))`;
    const totals = (await client.rows(sql)).reduce((sum, [n]) => sum + Number(n), 0);
    expect(totals).toBe(9);
  });

  test('reads binds in every clause, and leaves the question marks of the pattern alone', async () => {
    const binds = {
      '1': { type: 'FIXED', value: '100' },
      '2': { type: 'FIXED', value: '8' },
      '3': { type: 'TEXT', value: 'a' },
    };
    const sql = `SELECT n FROM t MATCH_RECOGNIZE (PARTITION BY g ORDER BY id MEASURES count(*) + ? AS n
      PATTERN (a b*? c??) DEFINE b AS v < LAG(v), c AS v > ?) WHERE g = ?`;
    expect(await client.rows(sql, { binds })).toEqual([['101'], ['101'], ['101'], ['101'], ['101']]);
    const named = `SELECT count(*) FROM IDENTIFIER(?) MATCH_RECOGNIZE (ORDER BY g, id MEASURES max(v) AS m
      PATTERN (a b*? c?) DEFINE b AS TRUE, c AS v > ?)`;
    expect(
      await client.rows(named, { binds: { '1': { type: 'TEXT', value: 'T' }, '2': { type: 'FIXED', value: '100' } } }),
    ).toEqual([['9']]);
    await client.run(`EXECUTE IMMEDIATE 'SELECT n FROM t MATCH_RECOGNIZE (ORDER BY g, id MEASURES count(*) AS n
      PATTERN (a b+? c?) DEFINE b AS v < LAG(v), c AS v > ?) WHERE n > ?' USING (8, 1)`);
  });

  test('tells its columns without running', async () => {
    const measures =
      'MEASURES match_number() AS mn, classifier() AS c, sum(v) AS s, first(b.v) AS f, count(*) > 1 AS several';
    const { outcome, rows } = await client.run(matches(`${measures} ${FALLS}`), { describeOnly: true });
    expect(rows).toEqual([]);
    expect(outcome.columns.map(({ name, type }) => `${name} ${type.name}`)).toEqual([
      'G TEXT',
      'MN FIXED',
      'C TEXT',
      'S FIXED',
      'F FIXED',
      'SEVERAL BOOLEAN',
    ]);
  });

  test('stands in common tables, joins, INSERT and CREATE TABLE AS', async () => {
    const joined = `WITH m AS (${matches(`MEASURES last(b.id) AS last_id, count(*) AS n ${FALLS}`)})
      SELECT t.g, m.n, t.note FROM m JOIN t ON t.g = m.g AND t.id = m.last_id`;
    expect(await client.rows(joined)).toEqual([['a', '3', 'y']]);
    await client.run(`CREATE TABLE found AS ${matches(`MEASURES count(*) AS n ALL ROWS PER MATCH ${FALLS}`)}`);
    expect(await client.rows('SELECT g, id, v, n FROM found WHERE g IS NULL ORDER BY id')).toEqual([
      [null, '1', '3', '1'],
      [null, '2', '1', '2'],
    ]);
    expect(await client.rows(`INSERT INTO found (g, n) ${matches(`MEASURES count(*) AS n ${FALLS}`)}`)).toEqual([
      ['2'],
    ]);
  });

  test('names the rows by the alias before it inside, and by the one behind it outside', async () => {
    const sql = `SELECT m.who, m.n FROM t s MATCH_RECOGNIZE (PARTITION BY s.g ORDER BY s.id MEASURES count(*) AS n
      PATTERN (a b+) DEFINE b AS s.v < LAG(s.v)) AS m (who, n) WHERE m.who = 'a'`;
    expect(await client.rows(sql)).toEqual([['a', '3']]);
  });

  test('sees columns that USING makes one of two', async () => {
    const sql = `SELECT * FROM (t JOIN (SELECT 'a' AS g, 2 AS w) USING (g))
      MATCH_RECOGNIZE (PARTITION BY g ORDER BY id MEASURES w * count(*) AS n, g AS who ALL ROWS PER MATCH PATTERN (^ a b) DEFINE a AS w = 2)`;
    const { columns, rows } = await client.run(sql);
    expect(columns).toEqual(['G', 'ID', 'V', 'NOTE', 'W', 'N', 'WHO']);
    expect(rows).toEqual([
      ['a', '1', '10', 'x', '2', '2', 'a'],
      ['a', '2', '8', null, '2', '4', 'a'],
    ]);
  });

  test('keeps the NULLs of FIRST and LAST, and leaves them out with IGNORE NULLS', async () => {
    const measures = 'MEASURES first(b.note) AS f, first_value(b.note) IGNORE NULLS AS g1, last(note) AS l';
    expect(await client.rows(`SELECT f, g1, l FROM (${matches(`${measures} ${FALLS}`)}) WHERE g = 'a'`)).toEqual([
      [null, 'y', 'y'],
    ]);
  });

  test('keeps any number of symbols apart', async () => {
    const names = Array.from({ length: 14 }, (_, i) => `s${i}`);
    const define = names.map((name, i) => `${name} AS v = ${i}`).join(', ');
    const sql = matches(
      `MEASURES listagg(classifier(), '-') AS path PATTERN (^ (${names.join(' | ')})+ $) DEFINE ${define}`,
    );
    expect(await client.rows(`SELECT path FROM (${sql}) ORDER BY 1`)).toEqual([
      ['S10-S8-S7-S9-S12'],
      ['S3-S1'],
      ['S5-S6'],
    ]);
  });

  test.each<[what: string, clauses: string, number: string, from?: string]>([
    ['a symbol that is no part of the pattern', `MEASURES count(*) AS n AFTER MATCH SKIP TO c ${FALLS}`, '000904'],
    ['a measure without a name', `MEASURES count(*) ${FALLS}`, '001003'],
    ['columns of two symbols in one function', `MEASURES sum(a.v + b.v) AS n ${FALLS}`, '001003'],
    ['a symbol defined twice', 'PATTERN (a) DEFINE a AS TRUE, a AS FALSE', '002025'],
    ['a range that ends before it begins', 'PATTERN (a{3,2}) DEFINE a AS TRUE', '001003'],
    ['two quantifiers', 'PATTERN (a**) DEFINE a AS TRUE', '001003'],
    ['an empty pattern', 'PATTERN () DEFINE a AS TRUE', '001003'],
    ['a pattern of too many steps', 'PATTERN ((a{1000}){1000}) DEFINE a AS TRUE', '000002'],
    ['parentheses without end', `PATTERN (${'('.repeat(5000)}a${')'.repeat(5000)}) DEFINE a AS TRUE`, '000002'],
    ['loops in loops without end', `PATTERN (${'('.repeat(40)}a${')*'.repeat(40)}) DEFINE a AS TRUE`, '000002'],
    ['a table to the left', 'PATTERN (a) DEFINE a AS TRUE', '000002', 't, LATERAL FLATTEN(ARRAY_CONSTRUCT(t.v))'],
    ['window functions in window functions', `MEASURES sum(max(v)) AS n ${FALLS}`, '002076'],
    ['MATCH_NUMBER in DEFINE', 'PATTERN (a) DEFINE a AS match_number() = 1', '000002'],
    ['PREV of a symbol', `MEASURES prev(b.v) AS n ${FALLS}`, '000002'],
    ['an unknown column', `MEASURES max(nope) AS n ${FALLS}`, '000904'],
    ['SUBSET, which Snowflake does not have', 'PATTERN (a) SUBSET u = (a) DEFINE a AS TRUE', '001003'],
  ])('refuses %s', async (_what, clauses, number, from = 't') => {
    expect(await client.fails(matches(clauses, from))).toMatchObject({ number });
  });

  test('is cancelled in the middle of a search', async () => {
    await client.run('CREATE TABLE long AS SELECT seq4() AS id FROM TABLE(GENERATOR(ROWCOUNT => 60000))');
    const controller = new AbortController();
    const queryId = randomUUID();
    const pattern = 'PATTERN ((a | b){1,9000} c) DEFINE a AS TRUE, b AS TRUE, c AS FALSE';
    const sql = `SELECT * FROM long MATCH_RECOGNIZE (ORDER BY id MEASURES count(*) AS n ${pattern})`;
    const failed = client.fails(sql, { queryId, signal: controller.signal });
    while ((await fixture.engine.history(queryId))?.status !== 'RUNNING') {
      await new Promise((resolve) => setImmediate(resolve));
    }
    setImmediate(() => controller.abort());
    expect(await failed).toMatchObject({ number: '000604' });
    expect(await client.cell('SELECT 1')).toBe('1');
  });

  test('goes on with a search that takes more than one call', async () => {
    await client.run(
      'CREATE OR REPLACE TABLE many AS SELECT seq4() AS id, mod(seq4(), 4) AS g FROM TABLE(GENERATOR(ROWCOUNT => 200000))',
    );
    const sql = `SELECT count(*), count(DISTINCT g), sum(n), max(mn) FROM many MATCH_RECOGNIZE (PARTITION BY g ORDER BY id
      MEASURES count(*) AS n, match_number() AS mn PATTERN (a b?? c*? d) DEFINE d AS mod(id, 5) = 0)`;
    expect(await client.rows(sql)).toEqual([['39999', '4', '199990', '10000']]);
  });
});
