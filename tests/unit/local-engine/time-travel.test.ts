import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nowMicros } from '../../../src/local/engine/versions/now-micros.js';
import { MOST_IMAGES } from '../../../src/local/engine/versions/row-versions.js';
import { type Client, EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;
let one: Client;
let other: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
  one = await fixture.workspace('TRAVEL');
  other = await fixture.workspace('TRAVEL');
});
afterAll(() => fixture.stop());

/** Now, as AT takes it. */
const moment = async (client: Client): Promise<string> =>
  `'${await client.cell("select to_char(current_timestamp(), 'YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM')")}'::timestamp_ltz`;

const change = async (client: Client, text: string): Promise<string> => {
  const queryId = randomUUID();
  await client.run(text, { queryId });
  return queryId;
};

describe('a transaction', () => {
  it('is in the past from its COMMIT on, whenever its statements ran', async () => {
    await one.run('create table moved (id int)');
    await one.run('begin');
    const inserted = await change(one, 'insert into moved values (1)');
    const during = await moment(other);
    await other.run('insert into moved values (2)');
    const mixed = await moment(other);
    expect(await other.cell('select count(*) from moved at (offset => 0)')).toBe('1');
    await one.run('commit');
    const counts = [];
    for (const at of [during, mixed]) {
      counts.push(await one.cell(`select count(*) from moved at (timestamp => ${at})`));
    }
    expect(counts).toEqual(['0', '1']);
    expect(await one.cell(`select count(*) from moved at (statement => '${inserted}')`)).toBe('2');
    expect(await one.cell(`select count(*) from moved before (statement => '${inserted}')`)).toBe('1');
  });

  it('that is rolled back leaves nothing in the past', async () => {
    await one.run('create table kept (id int) change_tracking = true');
    await one.run('insert into kept values (1), (2)');
    const at = await moment(one);
    await one.run('begin');
    await one.run('update kept set id = id + 10');
    await one.run('delete from kept');
    await one.run('rollback');
    expect(await one.rows(`select * from kept changes (information => default) at (timestamp => ${at})`)).toEqual([]);
    expect(await one.rows(`select * from kept at (timestamp => ${at}) order by 1`)).toEqual([['1'], ['2']]);
  });
});

describe('of a statement that changes more rows than images are kept of', () => {
  const fill = (table: string, options: string) =>
    `create table ${table} (n int) ${options} as select seq4() from table(generator(rowcount => ${MOST_IMAGES + 2}))`;

  it('what was before is not told wrongly', async () => {
    await one.run(fill('large', ''));
    const at = await moment(one);
    await one.run('delete from large where n = 1');
    expect(await one.cell(`select count(*) from large at (timestamp => ${at})`)).toBe(String(MOST_IMAGES + 2));
    await one.run('update large set n = n + 1 where n >= 0');
    const later = await moment(one);
    await one.run('insert into large values (-1)');
    expect(await one.fails(`select count(*) from large at (timestamp => ${at})`)).toMatchObject({ number: '000707' });
    await one.run('truncate table large');
    expect(await one.fails(`select count(*) from large at (timestamp => ${later})`)).toMatchObject({
      number: '000707',
    });
  });

  it('all is kept where a retention time was asked for', async () => {
    await one.run(fill('large_kept', 'data_retention_time_in_days = 1'));
    const at = await moment(one);
    await one.run('delete from large_kept');
    expect(await one.cell(`select count(*) from large_kept at (timestamp => ${at})`)).toBe(String(MOST_IMAGES + 2));
  });

  it('nor where the rows that it changes cannot be told beforehand', async () => {
    await one.run('create table chance as select seq4() as n from table(generator(rowcount => 100))');
    const at = await moment(one);
    await one.run('delete from chance where uniform(0, 1, random()) = 0');
    expect(await one.fails(`select count(*) from chance at (timestamp => ${at})`)).toMatchObject({ number: '000707' });
  });
});

it('a column’s new type that values of the past do not fit ends their past, and holds nobody up', async () => {
  await one.run('create table narrowed (n number(10, 0))');
  await one.run('insert into narrowed values (100000)');
  const wide = await moment(one);
  await one.run('update narrowed set n = 7');
  await one.run('alter table narrowed alter column n set data type number(3, 0)');
  expect(await one.fails(`select * from narrowed at (timestamp => ${wide})`)).toMatchObject({ number: '000707' });
  const updated = await change(one, 'update narrowed set n = 8');
  expect(await one.rows(`select * from narrowed before (statement => '${updated}')`)).toEqual([['7']]);
});

it('a column with numbers from a sequence is added without taking any for the past', async () => {
  await one.run('create table numbered (v varchar)');
  await one.run("insert into numbered values ('a'), ('b')");
  await one.run("delete from numbered where v = 'a'");
  await one.run('alter table numbered add column n int identity(1, 1)');
  await one.run("insert into numbered (v) values ('c')");
  expect(await one.rows('select * from numbered order by v')).toEqual([
    ['b', '1'],
    ['c', '2'],
  ]);
});

it('an identical query of the past is not answered with a result of before', async () => {
  await one.run('create table asked (id int)');
  await one.run('insert into asked values (1)');
  const query = 'select count(*) from asked at (offset => 0)';
  expect(await one.cell(query)).toBe('1');
  await one.run('insert into asked values (2)');
  expect(await one.cell(query)).toBe('2');
});

it('a masked column is masked in the past too, and policies of today hold', async () => {
  await one.run('create table secret (id int, code varchar)');
  await one.run("insert into secret values (1, 'x')");
  const at = await moment(one);
  await one.run("update secret set code = 'y'");
  await one.run("create masking policy hide as (v varchar) returns varchar -> '***'");
  await one.run('alter table secret modify column code set masking policy hide');
  expect(await one.rows(`select * from secret at (timestamp => ${at})`)).toEqual([['1', '***']]);
});

it('tables of an earlier version have a past from the next start on', async () => {
  const old = await EngineFixture.start();
  try {
    const client = await old.workspace('OLD');
    await client.run('create table t (id int, v varchar(3))');
    await client.run("insert into t values (1, 'a')");
    await old.engine.close();
    await withoutVersions(join(old.dir, 'snowflake.duckdb'));
    await old.restart();
    const again = await old.session({ context: { database: 'OLD', schema: 'PUBLIC' } });
    expect(await again.rows('select * from t')).toEqual([['1', 'a']]);
    const updated = await change(again, "update t set v = 'b'");
    expect(await again.rows(`select * from t before (statement => '${updated}')`)).toEqual([['1', 'a']]);
  } finally {
    await old.stop();
  }
});

/** Makes the only table what an earlier version would have left. */
async function withoutVersions(file: string): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `SELECT e.id, e.body FROM _catalog.entries e WHERE json_extract_string(body, '$.kind') = 'table'`,
  );
  for (const [id, body] of reader.getRows()) {
    const { imagesSince: _gone, ...entry } = JSON.parse(String(body));
    const { schema, table } = entry.physical;
    await connection.run(`ALTER TABLE "${schema}"."${table}" DROP COLUMN "$born"`);
    await connection.run(`ALTER TABLE "${schema}"."${table}" DROP COLUMN "$row"`);
    await connection.run(`DROP TABLE "${schema}"."h${table.slice(1)}"`);
    await connection.run(`UPDATE _catalog.entries SET body = $1 WHERE id = ${id}`, [JSON.stringify(entry)]);
  }
  connection.closeSync();
  instance.closeSync();
}

it('the clock has microseconds and never leaves the millisecond of the system’s', () => {
  for (let i = 0; i < 1000; i++) {
    const before = Date.now();
    const micros = nowMicros();
    expect(micros).toBeGreaterThanOrEqual(before * 1000 - 1000);
    expect(micros).toBeLessThan((Date.now() + 2) * 1000);
    expect(Number.isInteger(micros)).toBe(true);
  }
});
