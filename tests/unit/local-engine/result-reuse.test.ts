import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ResultReuse } from '../../../src/local/engine/result-reuse.js';
import { type Client, EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;
let one: Client;
let two: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
  one = await fixture.workspace('REUSE');
  two = await fixture.workspace('REUSE');
});

afterAll(async () => await fixture.stop());

const reused = async (client: Client, text: string, input = {}) =>
  (await client.run(text, input)).outcome.reused === true;

describe('an identical query', () => {
  it('is answered with the rows of the first, in any session of the role, under a query id of its own', async () => {
    await one.run('create or replace table T (A int) as select 1');
    const text = 'select sum(A) as S from T';
    const first = await one.run(text);
    const second = await two.run(text);
    expect([first.outcome.reused, second.outcome.reused]).toEqual([undefined, true]);
    expect(second.rows).toEqual([['1']]);
    expect(second.outcome.queryId).not.toBe(first.outcome.queryId);
    expect(second.outcome.columns).toEqual(first.outcome.columns);
    expect(await two.rows('select last_query_id()')).toEqual([[second.outcome.queryId]]);
    expect(await two.rows(`select S + 1 from table(result_scan('${second.outcome.queryId}'))`)).toEqual([['2']]);
  });

  it.each([
    ['a write', 'insert into T values (2)'],
    ['a DDL statement', 'alter table T add column B int default 7'],
    ['another table of its name', 'create or replace table T as select 5 as A'],
    ['a truncation', 'truncate table T'],
  ])('is run again after %s', async (_what, change) => {
    await one.run('create or replace table T (A int) as select 1');
    const text = 'select count(*), max(A) from T';
    await one.run(text);
    expect(await reused(one, text)).toBe(true);
    await two.run(change);
    const again = await one.run(text);
    expect(again.outcome.reused).toBeUndefined();
    expect(await reused(two, text)).toBe(true);
  });

  it('is run again when a view or function that it uses has changed, or what they read', async () => {
    await one.run('create or replace table T (A int) as select 1');
    await one.run('create or replace view V as select A + 1 as A from T');
    await one.run('create or replace function F() returns int as $$ select max(A) from T $$');
    const text = 'select A, F() as F from V';
    await one.run(text);
    expect(await reused(two, text)).toBe(true);
    await two.run('insert into T values (3)');
    expect(await one.rows(text)).toEqual([
      ['2', '3'],
      ['4', '3'],
    ]);
    await two.run('create or replace view V as select A from T where A > 1');
    expect(await one.rows(text)).toEqual([['3', '3']]);
    await two.run('create or replace function F() returns int as $$ select 9 $$');
    expect(await one.rows(text)).toEqual([['3', '9']]);
    expect(await reused(two, text)).toBe(true);
  });

  it('is run again in and beside a transaction only as far as its writes are seen', async () => {
    await one.run('create or replace table T (A int) as select 1');
    const text = 'select sum(A) from T';
    await one.run(text);
    await two.run('begin');
    expect(await reused(two, text)).toBe(true);
    await two.run('insert into T values (10)');
    expect(await two.rows(text)).toEqual([['11']]);
    const beside = await one.run(text);
    expect([beside.rows, beside.outcome.reused]).toEqual([[['1']], true]);
    await two.run('rollback');
    expect(await two.rows(text)).toEqual([['1']]);
    await two.run('begin');
    await two.run('insert into T values (20)');
    await two.run('commit');
    expect(await one.rows(text)).toEqual([['21']]);
  });

  it('never gives what was true before a write that was answered, nor goes back behind what anybody has seen', async () => {
    await one.run('create or replace table COUNTER (A int) as select 0');
    const text = 'select max(A) from COUNTER';
    let answered = 0;
    let seen = 0;
    let reuses = 0;
    let writing = true;
    const read = async (client: Client) => {
      while (writing) {
        const atLeast = Math.max(answered, seen);
        const { rows, outcome } = await client.run(text);
        const value = Number(rows[0]?.[0]);
        if (outcome.reused === true) reuses += 1;
        expect(value).toBeGreaterThanOrEqual(atLeast);
        seen = Math.max(seen, value);
      }
    };
    const readers = await Promise.all([1, 2, 3].map(() => fixture.workspace('REUSE')));
    // These see a change as soon as anybody can.
    for (const reader of readers.slice(1)) await reader.run('alter session set use_cached_result = false');
    const reading = readers.map(read);
    for (let i = 1; i <= 60; i++) {
      if (i % 3 === 0) {
        await one.run('begin');
        await one.run('insert into COUNTER values (-1)');
        await one.run(`update COUNTER set A = ${i} where A >= 0`);
        await one.run('commit');
      } else {
        await one.run(`update COUNTER set A = ${i} where A >= 0`);
      }
      answered = i;
      // Time for a result to be used again.
      if (i % 10 === 0) for (let pause = 0; pause < 3; pause++) await two.run(text);
    }
    writing = false;
    await Promise.all(reading);
    expect(seen).toBe(60);
    expect(reuses).toBeGreaterThan(0);
    for (const { session } of readers) await session.close();
  });

  it.each([
    'select random()',
    'select uuid_string()',
    "select encrypt('a', 'p')",
    "select encrypt_raw(to_binary('AB'), to_binary('000102030405060708090A0B0C0D0E0F'), null)",
    'select current_timestamp()',
    'select sysdate()',
    'select last_query_id()',
    'select S.nextval',
    'select count(*) from T sample (50)',
    'select count(*) from information_schema.tables',
    'select count(*) from table(information_schema.query_history())',
    'select J(1)',
  ])('is run again where it gives something else each time: %s', async (text) => {
    await one.run('create sequence if not exists S');
    await one.run('create table if not exists T (A int)');
    await one.run(
      'create or replace function J(A float) returns float language javascript as $$ return Math.random() $$',
    );
    await one.run(text);
    expect(await reused(one, text)).toBe(false);
  });

  it('may have CURRENT_DATE, and a JavaScript function that is IMMUTABLE', async () => {
    await one.run(
      'create or replace function K(A float) returns float language javascript immutable as $$ return A $$',
    );
    await one.run('select current_date(), K(1)');
    expect(await reused(two, 'select current_date(), K(1)')).toBe(true);
  });

  it('has the same text, role, binds and parameters', async () => {
    await one.run('create or replace table T (A int) as select 1');
    const text = 'select A + ? as N from T';
    const bind = (value: string) => ({ binds: { 1: { type: 'FIXED', value } } });
    await one.run(text, bind('1'));
    expect(await reused(one, text, bind('1'))).toBe(true);
    expect(await one.rows(text, bind('2'))).toEqual([['3']]);
    expect(await reused(one, text.toUpperCase(), bind('1'))).toBe(false);
    const other = await fixture.session({
      user: 'other',
      context: { database: 'REUSE', schema: 'PUBLIC', role: 'SYSADMIN' },
    });
    expect(await reused(other, text, bind('1'))).toBe(false);
    await one.run("alter session set timezone = 'Asia/Tokyo'");
    expect(await reused(one, text, bind('1'))).toBe(false);
    await one.run('alter session unset timezone');
    await one.run("alter session set query_tag = 'x'");
    expect(await reused(one, text, bind('1'))).toBe(true);
    expect(await reused(one, text, { ...bind('1'), parameters: { USE_CACHED_RESULT: false } })).toBe(false);
    await one.run('alter session set use_cached_result = false');
    expect(await reused(one, text, bind('1'))).toBe(false);
    await one.run('alter session unset use_cached_result, query_tag');
  });
});

describe('what is kept', () => {
  const rows = (text: string) => ({ json: text, rows: 1 });
  const put = (reuse: ResultReuse, key: string, text: string, tables: number[] = []) => {
    const keeping = reuse.keeping({ key, tables });
    keeping?.add(rows(text));
    keeping?.done([]);
  };

  it('lasts for 24 hours since its last use and 31 days in all', () => {
    let now = 0;
    const reuse = new ResultReuse(
      () => 0,
      1_000_000,
      () => now,
    );
    const hour = 3_600_000;
    put(reuse, 'a', '[]');
    now = 25 * hour;
    expect(reuse.find({ key: 'a', tables: [] })).toBeUndefined();
    put(reuse, 'a', '[]');
    const from = now;
    let uses = 0;
    for (; reuse.find({ key: 'a', tables: [] }) !== undefined; now += 23 * hour) uses += 1;
    expect(now - 23 * hour - from).toBeLessThanOrEqual(31 * 24 * hour);
    expect(uses).toBe(33);
  });

  it('is bounded: the one unused for longest makes room, one too large is not kept', () => {
    const reuse = new ResultReuse(() => 0, 80_000);
    const big = 'x'.repeat(4_000);
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) put(reuse, key, big);
    expect(reuse.find({ key: 'a', tables: [] })).toBeDefined();
    put(reuse, 'i', big);
    put(reuse, 'j', 'x'.repeat(6_000));
    const found = ['a', 'b', 'c', 'i', 'j'].map((key) => reuse.find({ key, tables: [] }) !== undefined);
    expect(found).toEqual([true, false, true, true, false]);
  });

  it('is not begun and not found while a table it reads is being committed', () => {
    let version: number | undefined = 3;
    const reuse = new ResultReuse(() => version, 80_000);
    put(reuse, 'a', '[]', [1]);
    expect(reuse.find({ key: 'a', tables: [1] })).toBeDefined();
    version = undefined;
    expect(reuse.find({ key: 'a', tables: [1] })).toBeUndefined();
    expect(reuse.keeping({ key: 'a', tables: [1] })).toBeUndefined();
  });
});

describe('two sessions doing anything', () => {
  const table = fc.constantFrom('T1', 'T2', 'OTHER.T1');
  const number = fc.integer({ min: 0, max: 4 });
  const write = fc.oneof(
    fc.tuple(table, number).map(([t, n]) => `insert into ${t} (A) select ${n}`),
    fc.tuple(table, number).map(([t, n]) => `update ${t} set A = A + 1 where A = ${n}`),
    fc.tuple(table, number).map(([t, n]) => `delete from ${t} where A = ${n}`),
    fc.constant(
      'merge into T1 using T2 on T1.A = T2.A when matched then delete when not matched then insert (A) values (T2.A)',
    ),
  );
  const ddl = fc.oneof(
    table.map((t) => `truncate table ${t}`),
    fc.tuple(table, number).map(([t, n]) => `create or replace table ${t} as select ${n} as A`),
    fc.constantFrom(
      'alter table T1 swap with T2',
      'drop table T2',
      'undrop table T2',
      'create or replace table T2 clone T1',
      'create or replace temporary table T1 as select 77 as A',
      'drop table T1',
      'alter table T1 add column B int default 1',
      'create or replace view V as select A from T1',
      'create or replace view V as select A * 2 as A from T2',
      'create or replace function F() returns int as $$ select count(*) from T1 $$',
      'create or replace function F() returns int as $$ select -1 $$',
    ),
  );
  const transaction = fc.constantFrom('begin', 'commit', 'rollback');
  const context = fc.constantFrom(
    'use schema OTHER',
    'use schema PUBLIC',
    'use role SYSADMIN',
    'use role ACCOUNTADMIN',
  );
  const query = fc.constantFrom(
    'select sum(A), count(*) from T1',
    'select * from T1 order by 1',
    'select A from T2 where A in (select A from T1) order by 1',
    'select count(*), max(A) from V',
    'select F()',
    'select (select count(*) from OTHER.T1), current_schema()',
  );
  const step = fc.record({
    session: fc.constantFrom(0, 1),
    text: fc.oneof(
      { weight: 8, arbitrary: query },
      { weight: 4, arbitrary: write },
      { weight: 2, arbitrary: ddl },
      { weight: 2, arbitrary: transaction },
      { weight: 1, arbitrary: context },
    ),
  });

  const prepared = async (name: string, parameters: Record<string, boolean | number>) => {
    const owner = await fixture.workspace(name);
    for (const text of [
      'create schema OTHER',
      'use schema PUBLIC',
      'create table T1 as select 1 as A',
      'create table T2 as select 2 as A',
      'create table OTHER.T1 as select 3 as A',
      'create table OTHER.T2 as select 4 as A',
      'create view V as select A from T1',
      'create view OTHER.V as select 1 as A',
      'create function F() returns int as $$ select 0 $$',
      'create function OTHER.F() returns int as $$ select 1 $$',
    ]) {
      await owner.run(text);
    }
    const context = { database: name, schema: 'PUBLIC', role: 'ACCOUNTADMIN' };
    const sessions = [await fixture.session({ context, parameters }), await fixture.session({ context, parameters })];
    return { owner, sessions };
  };

  const answerOf = async (client: Client, text: string) =>
    await client.run(text).then(
      ({ rows, outcome }) => ({ rows: JSON.stringify(rows), reused: outcome.reused === true }),
      (error: { number: string }) => ({ rows: error.number, reused: false }),
    );

  it('see the same with results used again as without', async () => {
    let count = 0;
    let uses = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60 }), async (steps) => {
        count += 1;
        // A lock that the other session holds is refused at once, so that the order of the steps is the only one.
        const reusing = await prepared(`WITH_${count}`, { LOCK_TIMEOUT: 0 });
        const anew = await prepared(`WITHOUT_${count}`, { LOCK_TIMEOUT: 0, USE_CACHED_RESULT: false });
        for (const { session, text } of steps) {
          const got = await answerOf(reusing.sessions[session] as Client, text);
          const wanted = await answerOf(anew.sessions[session] as Client, text);
          expect([text, got.rows]).toEqual([text, wanted.rows]);
          expect(wanted.reused).toBe(false);
          if (got.reused) uses += 1;
        }
        for (const { owner, sessions } of [reusing, anew]) {
          for (const { session } of [owner, ...sessions]) await session.close();
        }
      }),
      { numRuns: 6, seed: 7 },
    );
    expect(uses).toBeGreaterThan(20);
  });
});
