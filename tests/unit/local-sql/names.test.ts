import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DuckDbScope } from './duckdb-scope.js';

let db: DuckDbScope;
beforeAll(async () => {
  db = await DuckDbScope.open();
  await db.table('T', 'id number, name varchar, "mixed Case" number');
  await db.table('U', 'id number, t_id number, note varchar');
  await db.run("insert into t values (1, 'one', 10), (2, 'two', 20)");
  await db.run("insert into u values (5, 1, 'x'), (6, 9, 'y')");
  db.view('V', 'select id, upper(name) as big from t where id > 1');
  db.rows('INFO', 'SELECT 7 AS "A", \'b\' AS "B"');
});
afterAll(() => db.close());

describe('names of output columns', () => {
  it.each([
    ['select id, t.name, "mixed Case" from t', ['ID', 'NAME', 'mixed Case']],
    ['select id as x, name "q r" from t', ['X', 'q r']],
    ['select count(*), sum(id)+1, 1 + 1 from t', ['COUNT(*)', 'SUM(ID)+1', '1 + 1']],
    ['select upper(\'a\'), (id), "mixed Case"*2 from t', ["UPPER('A')", '(ID)', '"mixed Case"*2']],
    ['select * from t', ['ID', 'NAME', 'mixed Case']],
    ['select * exclude name from t', ['ID', 'NAME', 'mixed Case'].filter((n) => n !== 'NAME')],
    ['select * rename id as key from t', ['KEY', 'NAME', 'mixed Case']],
    ["select * ilike '%a%' from t", ['NAME', 'mixed Case']],
    ['select column1, $2 from values (1, 2)', ['COLUMN1', '$2']],
  ])('%s', async (sql, names) => {
    expect((await db.run(sql)).names).toEqual(names);
  });
});

describe('resolution', () => {
  it('takes columns by table, alias, schema and database', async () => {
    expect(await db.values('select db.s.t.id, s.t.name from db.s.t order by 1')).toEqual([
      ['1', 'one'],
      ['2', 'two'],
    ]);
    expect(await db.values('select a.id from t a where A.ID = 2')).toEqual([['2']]);
  });

  it('joins two tables of one name, and the same one twice', async () => {
    expect(await db.values('select a.id, b.id from t a join t b on a.id < b.id')).toEqual([['1', '2']]);
  });

  it('shadows tables with common table expressions, recursive ones too', async () => {
    expect(await db.values('with t as (select 42 as id) select id from t')).toEqual([['42']]);
    expect(
      await db.values(
        'with recursive n (i) as (select 1 union all select i + 1 from n where i < 20) select sum(i) from n',
      ),
    ).toEqual([['210']]);
  });

  it('gives aliases to later items, WHERE, GROUP BY, HAVING, QUALIFY and ORDER BY, columns first', async () => {
    expect(await db.values('select id * 2 as d, d + 1 as e from t where d > 2 order by e')).toEqual([['4', '5']]);
    expect(
      await db.values('select id % 2 as odd, count(*) as n from t group by odd having n > 0 order by odd'),
    ).toEqual([
      ['0', '1'],
      ['1', '1'],
    ]);
    expect(await db.values('select name as id from t where id = 2')).toEqual([['two']]);
    expect(await db.values('select id, row_number() over (order by id desc) as r from t qualify r = 1')).toEqual([
      ['2', '1'],
    ]);
  });

  it('merges the columns of USING and NATURAL joins', async () => {
    const answer = await db.run(
      'select * from (select 1 as k, 2 as a) x full join (select 3 as k, 4 as b) y using (k) order by k',
    );
    expect(answer.names).toEqual(['K', 'A', 'B']);
    expect(answer.rows).toEqual([
      ['1', '2', null],
      ['3', null, '4'],
    ]);
  });

  it('keeps apart columns of one name in a derived table', async () => {
    expect(await db.values('select * from (select 1 as a, 2 as a)')).toEqual([['1', '2']]);
  });

  it('expands views in their own names, and inlines rows', async () => {
    expect(await db.values('with t as (select 0 as id, null as name) select v.* from v')).toEqual([['2', 'TWO']]);
    expect(await db.values('select a, b from info')).toEqual([[7, 'b']]);
    expect(await db.values('select * from info i')).toEqual([[7, 'b']]);
  });

  it('reaches outer columns from subqueries', async () => {
    expect(await db.values('select name from t where exists (select 1 from u where u.t_id = t.id)')).toEqual([['one']]);
    expect(await db.values('select name, (select max(note) from u where t_id = t.id) n from t order by id')).toEqual([
      ['one', 'x'],
      ['two', null],
    ]);
  });

  it('tells which tables are read and written', () => {
    const { reads, writes } = db.translate('insert into u select id, 1, big from v');
    expect(reads.length).toBeGreaterThanOrEqual(2);
    expect(writes).toHaveLength(1);
  });

  it('numbers binds in the order of the text and reads variables', async () => {
    expect(db.translate('select ?, :2, ? from t where id = ?').binds).toEqual(['1', '2', '3']);
    db.variables.set('LOW', '2');
    expect(await db.values('select id from t where id >= $low')).toEqual([['2']]);
  });
});

describe('errors', () => {
  it.each([
    ['select nosuch from t', '000904', "invalid identifier 'NOSUCH'", 7],
    ['select t.nosuch from t', '000904', "invalid identifier 'T.NOSUCH'", 7],
    ['select id from t join u on t.id = u.t_id', '002028', "ambiguous column name 'ID'", 7],
    ['select nosuch(1)', '002140', 'Unknown function NOSUCH', 7],
    ['select length()', '000938', 'not enough arguments', 7],
    ['select 1 from nosuch', '002003', "Object 'NOSUCH' does not exist or not authorized.", 14],
    ['select from t', '001003', "syntax error line 1 at position 7 unexpected 'from'.", 7],
    ['select 1 +', '001003', "unexpected '<EOF>'.", 10],
    ['select (1', '001003', "unexpected '<EOF>'.", 9],
    ['select 1 union select 1, 2', '001789', 'invalid number of result columns', 15],
    ['insert into t values (1)', '002020', 'expecting 3 but got 1', undefined],
  ])('%s', (sql, number, message, position) => {
    let caught: unknown;
    try {
      db.translate(sql);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ name: 'LocalError', number, message: expect.stringContaining(message) });
    if (position !== undefined) expect(caught).toMatchObject({ line: 1, position });
  });

  it('counts lines', () => {
    expect(() => db.translate('select id,\n  nosuch\nfrom t')).toThrow('error line 2 at position 2');
  });
});
