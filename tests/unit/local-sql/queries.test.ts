import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DuckDbScope } from './duckdb-scope.js';

let db: DuckDbScope;
beforeAll(async () => {
  db = await DuckDbScope.open();
  await db.table('SALES', 'id number, month varchar, amount number(10, 2), v variant');
  await db.run(`insert into sales select 1, 'JAN', 10, parse_json('{"tags":["a","b"]}')`);
  await db.run(`insert into sales select 1, 'FEB', 20, parse_json('{"tags":[]}')`);
  await db.run("insert into sales (id, month, amount) values (2, 'JAN', 5.5)");
});
afterAll(() => db.close());

describe('FLATTEN', () => {
  it('gives a row per element, and with OUTER one for nothing', async () => {
    const inner = 'select id, f.index, f.value::varchar from sales, lateral flatten(input => v:tags) f order by 1, 2';
    expect(await db.values(inner)).toEqual([
      ['1', '0', 'a'],
      ['1', '1', 'b'],
    ]);
    const outer =
      'select amount, f.value from sales, lateral flatten(input => v:tags, outer => true) f order by 1, f.index';
    expect(await db.values(outer)).toEqual([
      ['5.50', null],
      ['10.00', '"a"'],
      ['10.00', '"b"'],
      ['20.00', null],
    ]);
  });

  it('numbers the rows it was given in SEQ', async () => {
    const seqs = await db.values(
      'select count(distinct f.seq) from sales, lateral flatten(input => v, outer => true) f',
    );
    expect(seqs).toEqual([['3']]);
  });

  it('knows PATH, RECURSIVE and MODE', async () => {
    const json = `parse_json('{"a":{"b":[1]},"c d":2}')`;
    expect(await db.values(`select key, path from table(flatten(${json}, recursive => true)) order by path`)).toEqual([
      ['a', 'a'],
      ['b', 'a.b'],
      [null, 'a.b[0]'],
      ['c d', 'c d'],
    ]);
    expect(await db.values(`select path, value from table(flatten(input => ${json}, path => 'a.b'))`)).toEqual([
      ['a.b[0]', '1'],
    ]);
    expect(await db.values(`select count(*) from table(flatten(input => ${json}, mode => 'array'))`)).toEqual([['0']]);
  });
});

describe('query forms', () => {
  it('pivots and unpivots', async () => {
    const pivot = await db.run(
      "select * from (select id, month, amount from sales) pivot (sum(amount) for month in ('JAN', 'FEB' as f)) order by id",
    );
    expect(pivot.names).toEqual(['ID', "'JAN'", 'F']);
    expect(pivot.rows).toEqual([
      ['1', '10.00', '20.00'],
      ['2', '5.50', null],
    ]);
    expect(
      await db.values('select * from (select 1 as id, 2 as a, null::number as b) unpivot (n for name in (a, b))'),
    ).toEqual([['1', 'A', '2']]);
  });

  it('orders NULL last ascending and first descending, unless said otherwise', async () => {
    expect(await db.values('select column1 from values (2), (null), (1) order by 1')).toEqual([['1'], ['2'], [null]]);
    expect(await db.values('select column1 from values (2), (null), (1) order by column1 desc')).toEqual([
      [null],
      ['2'],
      ['1'],
    ]);
    expect(await db.values('select column1 from values (2), (null) order by 1 nulls first')).toEqual([[null], ['2']]);
  });

  it('compares and sorts numbers in VARIANTs as numbers', async () => {
    const source = "(select parse_json(column1) as v from values ('9'), ('10'), ('null'), (null)) x";
    expect(await db.values(`select max(v), min(v) from ${source} where not is_null_value(v)`)).toEqual([['10', '9']]);
    expect(await db.values(`select v from ${source} where v < '10'::variant::number`)).toEqual([['9']]);
    expect(
      await db.values(
        `select a.v from ${source.replace(' x', ' a')}, ${source.replace(' x', ' b')} where a.v < b.v and not is_null_value(b.v)`,
      ),
    ).toEqual([['9']]);
    expect(await db.values(`select v from ${source} order by v`)).toEqual([['9'], ['10'], ['null'], [null]]);
  });

  it('knows TOP and ORDER BY ALL', async () => {
    expect(await db.values('select top 2 * from values (2, 1), (1, 9), (1, 3) order by all')).toEqual([
      ['1', '3'],
      ['1', '9'],
    ]);
    expect(await db.values('select 2 as x union select 1 order by all desc')).toEqual([['2'], ['1']]);
  });

  it('sees the whole partition in LAST_VALUE without a frame', async () => {
    expect(await db.values('select last_value(amount) over (order by amount) from sales limit 1')).toEqual([['20.00']]);
  });

  it('makes rows with GENERATOR', async () => {
    expect(await db.values('select seq4() from table(generator(rowcount => 3)) order by 1')).toEqual([
      ['0'],
      ['1'],
      ['2'],
    ]);
  });

  it('aggregates texts, arrays and objects', async () => {
    expect(await db.row("listagg(month, '-') within group (order by amount) from sales")).toEqual(['JAN-JAN-FEB']);
    expect(await db.row('array_agg(amount) within group (order by amount desc) from sales')).toEqual(['[20,10,5.5]']);
    expect(await db.row('object_agg(month, amount) from sales where id = 1')).toEqual(['{"FEB":20,"JAN":10}']);
    expect(await db.row('listagg(month) from sales where id > 5')).toEqual(['']);
    expect(await db.row('percentile_cont(0.5) within group (order by amount) from sales')).toEqual(['10.00000']);
  });

  it('walks a hierarchy with CONNECT BY', async () => {
    await db.table('STAFF', 'name varchar, boss varchar');
    await db.run("insert into staff values ('Ada', null), ('Bob', 'Ada'), ('Cyd', 'Bob'), ('Dan', null)");
    const answer = await db.values(
      "select name, level, connect_by_root name as root, sys_connect_by_path(name, '/') as path from staff start with boss is null connect by boss = prior name order by path",
    );
    expect(answer).toEqual([
      ['Ada', '1', 'Ada', '/Ada'],
      ['Bob', '2', 'Ada', '/Ada/Bob'],
      ['Cyd', '3', 'Ada', '/Ada/Bob/Cyd'],
      ['Dan', '1', 'Dan', '/Dan'],
    ]);
  });

  it('brings the sides of a set operation to one type', async () => {
    const answer = await db.run('select 1 as a union all select 2.5 union all select null order by a');
    expect(answer.types).toEqual([{ name: 'FIXED', precision: 2, scale: 1 }]);
    expect(answer.rows).toEqual([['1.0'], ['2.5'], [null]]);
  });
});

describe('changes', () => {
  it('casts what is inserted, and refuses texts that do not fit', async () => {
    await db.table('C', 'n number(5, 1), t varchar(3), d date');
    await db.run("insert into c values ('1.26', 12, '2024-01-01')");
    expect(await db.values('select * from c')).toEqual([['1.3', '12', '2024-01-01']]);
    await expect(db.run("insert into c (t) values ('long')")).rejects.toThrow('100078/22000');
  });

  it('updates from and deletes using other tables', async () => {
    await db.table('A', 'id number, n number');
    await db.table('B', 'id number, n number');
    await db.run('insert into a values (1, 1), (2, 2), (3, 3)');
    await db.run('insert into b values (1, 10), (3, 30)');
    await db.run('update a set n = b.n + a.n from b where a.id = b.id');
    await db.run('delete from a using b where a.id = b.id and b.n > 20');
    expect(await db.values('select * from a order by id')).toEqual([
      ['1', '11'],
      ['2', '2'],
    ]);
  });

  it('merges, telling what happened to each row', async () => {
    await db.table('M', 'id number, n number');
    await db.run('insert into m values (1, 1), (2, 2)');
    const merged = await db.values(
      'merge into m t using (select column1 as id, column2 as n from values (1, 5), (2, 0), (3, 7)) s on t.id = s.id when matched and s.n = 0 then delete when matched then update set n = s.n when not matched then insert (id, n) values (s.id, s.n)',
    );
    expect(merged.map(([action]) => action).sort()).toEqual(['DELETE', 'INSERT', 'UPDATE']);
    expect(await db.values('select * from m order by id')).toEqual([
      ['1', '5'],
      ['3', '7'],
    ]);
  });

  it('empties the table first with OVERWRITE', () => {
    expect(db.translate('insert overwrite into sales (id) values (1)').parts?.map((part) => part.counts)).toEqual([
      'none',
      'inserted',
    ]);
  });
});

describe('MERGE with two source rows for one target row', () => {
  it('checks first, and raises 100090', async () => {
    await db.table('D', 'id number, n number');
    await db.run('insert into d values (1, 1)');
    const merge = (rows: string): string =>
      `merge into d using (select column1 as id, column2 as n from values ${rows}) s on d.id = s.id when matched and s.n > 1 then update set n = s.n`;
    const [check] = db.translate(merge('(1, 2), (1, 3)')).parts ?? [];
    await expect(db.duck(check?.sql ?? '')).rejects.toThrow('100090/42P18');
    const [harmless] = db.translate(merge('(1, 1), (1, 3)')).parts ?? [];
    expect(await db.duck(harmless?.sql ?? '')).toEqual([[null]]);
  });
});
