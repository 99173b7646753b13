import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Confinement, objectPath } from '../../../src/local/access/confinement.js';
import { type Client, EngineFixture } from './engine-fixture.js';

let fixture: EngineFixture;
let admin: Client;

beforeAll(async () => {
  fixture = await EngineFixture.start();
  admin = await as('BOSS', ['ACCOUNTADMIN']);
  for (const text of [
    'create database shop',
    'create schema shop.back',
    'use schema shop.public',
    'create table shop.public.orders (id int, total int)',
    'insert into shop.public.orders values (1, 10), (2, 20)',
    'create table shop.public.secrets (word text)',
    "insert into shop.public.secrets values ('hush')",
    'create view shop.public.words as select word from secrets',
    'create sequence shop.public.seq',
    "create function shop.public.shout() returns text as 'select max(word) from secrets'",
    "create procedure shop.public.owners() returns int language sql as 'begin insert into secrets values (''more''); return 1; end'",
    "create procedure shop.public.callers() returns int language sql execute as caller as 'begin insert into shop.public.secrets values (''x''); return 1; end'",
    'create role analyst',
    'create user ann',
    'grant role analyst to user ann',
    'grant usage on database shop to role analyst',
    'grant usage on schema shop.public to role analyst',
    'grant select on table shop.public.orders to role analyst',
  ])
    await admin.run(text);
});
afterAll(async () => fixture.stop());

async function as(user: string, roles: readonly string[] = [], role?: string): Promise<Client> {
  return await fixture.session({ user, context: role === undefined ? {} : { role }, access: { roles } });
}

const REFUSED = { number: '003001', sqlState: '42501' };

describe('what a role was granted', () => {
  test('is all it can do', async () => {
    const ann = await as('ANN');
    expect(await ann.rows('select * from shop.public.orders order by 1')).toEqual([
      ['1', '10'],
      ['2', '20'],
    ]);
    expect(await ann.fails('select * from shop.public.secrets')).toMatchObject({
      number: '002003',
      sqlState: '42S02',
      message: "SQL compilation error:\nObject 'SHOP.PUBLIC.SECRETS' does not exist or not authorized.",
    });
    expect(await ann.fails('insert into shop.public.orders values (3, 30)')).toMatchObject({
      ...REFUSED,
      message: "SQL access control error:\nInsufficient privileges to operate on table 'ORDERS'",
    });
    for (const text of [
      'update shop.public.orders set total = 0',
      'delete from shop.public.orders',
      'insert overwrite into shop.public.orders select 1, 1',
      'merge into shop.public.orders o using (select 1 id) s on o.id = s.id when matched then delete',
      'insert all into shop.public.orders values (1, 1) select 1',
      'truncate table shop.public.orders',
      'drop table shop.public.orders',
      'alter table shop.public.orders add column extra int',
      'alter table shop.public.orders rename to shop.public.taken',
      "comment on table shop.public.orders is 'mine'",
      'create or replace table shop.public.orders (id int)',
      'create table shop.public.mine (id int)',
      'create table shop.public.mine clone shop.public.orders',
      'create schema shop.mine',
      'create database mine',
      'create role mine',
      'create user mine',
      'create warehouse mine',
      'grant select on table shop.public.orders to role public',
      'grant role analyst to role public',
      'drop schema shop.public',
      'drop database shop',
      'drop role analyst',
      'list @shop.public.%orders',
    ])
      expect(await ann.fails(text), text).toMatchObject(REFUSED);
    for (const text of [
      'select shop.public.seq.nextval',
      'use schema shop.back',
      'select * from shop.back.nothing',
      'drop view shop.public.words',
      'describe table shop.public.secrets',
      "select get_ddl('table', 'shop.public.secrets')",
      'create table shop.public.mine like shop.public.secrets',
      'select 1 from shop.public.orders where exists (select 1 from shop.public.secrets)',
    ])
      expect(['002003', '002043'], text).toContain((await ann.fails(text)).number);
    expect((await ann.fails('select shop.public.shout()')).number).toBe('002140');
    expect((await ann.fails('call shop.public.owners()')).number).toBe('002140');
    expect((await ann.fails('create table shop.public.secrets (id int)')).number).toBe('003001');
  });

  test('is all that it finds in lists', async () => {
    const ann = await as('ANN');
    const names = async (text: string) => {
      const { columns, rows } = await ann.run(text);
      const at = Math.max(columns.indexOf('name'), 0);
      return rows.map((row) => row[at]);
    };
    expect(await names('show databases')).toEqual(['SHOP']);
    expect(await names('show schemas in database shop')).toEqual(['INFORMATION_SCHEMA', 'PUBLIC']);
    expect(await names('show tables in account')).toEqual(['ORDERS']);
    expect(await names('show views in schema shop.public')).toEqual([]);
    expect(await names('show users')).toEqual(['ANN']);
    expect(await names('show warehouses')).toEqual(['COMPUTE_WH']);
    expect(await names("select table_name from shop.information_schema.tables where table_schema = 'PUBLIC'")).toEqual([
      'ORDERS',
    ]);
    expect(await names('select distinct table_name from shop.information_schema.columns')).toEqual(['ORDERS']);
    expect(await names('select role_name from shop.information_schema.enabled_roles order by 1')).toEqual([
      'ANALYST',
      'PUBLIC',
    ]);
  });
});

describe('rights of an owner', () => {
  test('are what a view, a function and a procedure of theirs work with', async () => {
    const ann = await as('ANN');
    await admin.run('grant select on view shop.public.words to role analyst');
    await admin.run('grant usage on function shop.public.shout() to role analyst');
    await admin.run('grant usage on procedure shop.public.owners() to role analyst');
    await admin.run('grant usage on procedure shop.public.callers() to role analyst');
    expect(await ann.cell('select word from shop.public.words limit 1')).toBe('hush');
    expect(await ann.cell('select shop.public.shout()')).toBe('hush');
    expect(await ann.cell('call shop.public.owners()')).toBe('1');
    expect((await ann.fails('call shop.public.callers()')).number).toBe('002003');
    expect((await ann.fails('select * from shop.public.secrets')).number).toBe('002003');
    expect(await ann.cell('select count(*) from shop.public.words')).toBe('2');
    expect(await ann.cell('select current_role()')).toBe('PUBLIC');
  });

  test('are what a task of theirs runs with, for whoever may operate it', async () => {
    await admin.run(
      "create task shop.public.nightly schedule = '60 minute' as insert into secrets values ('by night')",
    );
    const ann = await as('ANN');
    expect((await ann.fails('execute task shop.public.nightly')).number).toBe('002003');
    await admin.run('grant monitor on task shop.public.nightly to role analyst');
    expect((await ann.fails('execute task shop.public.nightly')).number).toBe('003001');
    await admin.run('grant operate on task shop.public.nightly to role analyst');
    await ann.run('execute task shop.public.nightly');
    expect(await admin.cell("select count(*) from shop.public.secrets where word = 'by night'")).toBe('1');
    await admin.run("delete from shop.public.secrets where word = 'by night'");
  });

  test('do not reach further than the owner does', async () => {
    await admin.run('create role maker');
    await admin.run('grant usage on database shop to role maker');
    await admin.run('grant usage, create view on schema shop.public to role maker');
    await admin.run('grant select on table shop.public.orders to role maker');
    const maker = await as('MIA', ['MAKER']);
    await maker.run('create view shop.public.seen as select id from shop.public.orders');
    expect(await admin.rows('show grants on view shop.public.seen')).toHaveLength(1);
    await maker.run('grant select on view shop.public.seen to role analyst');
    const ann = await as('ANN');
    expect(await ann.rows('select * from shop.public.seen order by 1')).toEqual([['1'], ['2']]);
    await admin.run('revoke select on table shop.public.orders from role maker');
    expect((await ann.fails('select * from shop.public.seen')).number).toBe('002003');
    expect((await maker.fails('create view shop.public.more as select * from shop.public.secrets')).number).toBe(
      '002003',
    );
  });
});

describe('roles', () => {
  test('inherit from those granted to them, and all of a user’s count unless it says NONE', async () => {
    for (const text of [
      'create role reader',
      'create role writer',
      'create role chief',
      'grant role reader to role chief',
      'grant role writer to role chief',
      'grant usage on database shop to role reader',
      'grant usage on schema shop.back to role reader',
      'create table shop.back.stock (n int)',
      'grant select on table shop.back.stock to role reader',
      'grant insert, create table on schema shop.back to role writer',
      'grant insert on table shop.back.stock to role writer',
      'create user sue default_role = reader',
      'grant role reader to user sue',
      'grant role writer to user sue',
    ])
      await admin.run(text);
    const chief = await as('TOM', ['chief'.toUpperCase()]);
    await chief.run('insert into shop.back.stock values (1)');
    expect(await chief.cell('select count(*) from shop.back.stock')).toBe('1');
    const sue = await as('SUE');
    expect(await sue.cell('select current_role()')).toBe('READER');
    await sue.run('insert into shop.back.stock values (2)');
    expect((await sue.fails('create table shop.back.own (n int)')).number).toBe('003001');
    await sue.run('use secondary roles none');
    expect((await sue.fails('insert into shop.back.stock values (3)')).number).toBe('003001');
    expect(await sue.cell("select is_role_in_session('WRITER')")).toBe('0');
    await sue.run('use role writer');
    expect((await sue.fails('select * from shop.back.stock')).number).toBe('002003');
    await sue.run('use secondary roles all');
    await sue.run('create table shop.back.own (n int)');
    expect(await sue.cell('select count(*) from shop.back.own')).toBe('0');
    expect(await sue.fails('use role chief')).toMatchObject({
      number: '003013',
      message:
        "SQL access control error:\nRequested role 'CHIEF' is not assigned to the executing user. Specify another role to activate.",
    });
    await expect(as('SUE', [], 'CHIEF')).rejects.toMatchObject({ number: '390189' });
    await admin.run('alter user sue set disabled = true');
    await expect(as('SUE')).rejects.toMatchObject({ number: '390101' });
  });

  test('that are dropped leave nothing to a later one of that name', async () => {
    await admin.run('create role brief');
    await admin.run('grant usage on database shop to role brief');
    await admin.run('drop role brief');
    await admin.run('create role brief');
    const brief = await as('BEN', ['BRIEF']);
    expect(await brief.rows('show databases')).toEqual([]);
    await admin.run('grant usage on database shop to role brief');
    await admin.run('grant usage, create table on schema shop.back to role brief');
    await brief.run('create table shop.back.briefs (n int)');
    await admin.run('drop role brief');
    await admin.run('create role brief');
    expect((await brief.fails('select * from shop.back.briefs')).number).toBe('002003');
    expect(await admin.cell('select count(*) from shop.back.briefs')).toBe('0');
  });

  test('that are renamed keep what they have', async () => {
    for (const text of [
      'create role before',
      'create user una',
      'grant role before to user una',
      'grant usage on database shop to role before',
      'grant usage, create table on schema shop.back to role before',
    ])
      await admin.run(text);
    await (await as('UNA', [], 'BEFORE')).run('create table shop.back.renamed (n int)');
    await admin.run('alter role before rename to after');
    await admin.run('create role before');
    const una = await as('UNA', [], 'AFTER');
    await una.run('use database shop');
    await admin.run('revoke usage on database shop from role after');
    expect(await una.rows('show databases')).toEqual([]);
    await admin.run('grant usage on database shop to role after');
    await una.run('drop table shop.back.renamed');
    expect((await admin.rows('show grants to role before')).length).toBe(0);
  });

  test('of the account’s administrator are given by that role alone', async () => {
    const security = await as('SE', ['SECURITYADMIN']);
    expect((await security.fails('grant role accountadmin to user ann')).number).toBe('003001');
    expect((await security.fails('grant role accountadmin to role securityadmin')).number).toBe('003001');
    expect((await security.fails('grant ownership on user ann to role securityadmin')).number).toBe('003001');
    expect((await security.fails('grant ownership on role accountadmin to role securityadmin')).number).toBe('003001');
    await security.run('grant role sysadmin to user ann');
    expect(
      await admin.rows(
        'show roles like \'SYSADMIN\' ->> select "assigned_to_users", "granted_to_roles", "is_current", "is_inherited" from $1',
      ),
    ).toEqual([['1', '0', 'N', 'Y']]);
    await security.run('revoke role sysadmin from user ann');
    await admin.run('grant role accountadmin to user ann');
    await admin.run('revoke role accountadmin from user ann');
  });

  test('of Snowflake make databases, roles and users', async () => {
    const system = await as('SY', ['SYSADMIN']);
    const users = await as('US', ['USERADMIN']);
    const security = await as('SE', ['SECURITYADMIN']);
    await system.run('create database made');
    await system.run('create warehouse made_wh');
    expect((await system.fails('create role r1')).number).toBe('003001');
    await users.run('create role r1');
    await users.run('create user u1');
    expect((await users.fails('create database made2')).number).toBe('003001');
    expect((await users.fails('grant usage on database made to role r1')).number).toBe('002003');
    await security.run('grant usage on database made to role r1');
    expect((await security.fails('drop database made')).number).toBe('003001');
    const one = await as('U1', ['R1']);
    expect((await one.rows('show databases')).map((row) => row[1])).toContain('MADE');
    expect(await admin.cell('select count(*) from made.information_schema.schemata')).toBe('2');
  });
});

describe('grants', () => {
  test('on what is yet to be made are given when it is made; those of the schema come first', async () => {
    for (const text of [
      'create database later',
      'create role one',
      'create role two',
      'grant usage on database later to role one',
      'grant usage on all schemas in database later to role one',
      'grant usage on database later to role two',
      'grant usage on future schemas in database later to role two',
      'grant select on future tables in database later to role one',
      'create table later.public.a (n int)',
      'create schema later.inner_one',
      'grant select on future tables in schema later.inner_one to role two',
      'create table later.inner_one.b (n int)',
    ])
      await admin.run(text);
    const one = await as('O1', ['ONE']);
    const two = await as('O2', ['TWO']);
    expect(await one.cell('select count(*) from later.public.a')).toBe('0');
    expect((await one.fails('select * from later.inner_one.b')).number).toBe('002003');
    expect(await two.cell('select count(*) from later.inner_one.b')).toBe('0');
    expect((await two.fails('select * from later.public.a')).number).toBe('002003');
  });

  test('may be passed on with the grant option alone, and end with REVOKE', async () => {
    for (const text of [
      'create role giver',
      'create role taker',
      'grant usage on database shop to role giver',
      'grant usage on schema shop.public to role giver',
      'grant usage on database shop to role taker',
      'grant usage on schema shop.public to role taker',
      'grant select on table shop.public.orders to role giver with grant option',
      'grant insert on table shop.public.orders to role giver',
    ])
      await admin.run(text);
    const giver = await as('GIL', ['GIVER']);
    const taker = await as('TIM', ['TAKER']);
    await giver.run('grant select on table shop.public.orders to role taker');
    expect((await giver.fails('grant insert on table shop.public.orders to role taker')).number).toBe('003001');
    expect(await taker.cell('select count(*) from shop.public.orders')).toBe('2');
    await admin.run('revoke all on table shop.public.orders from role taker');
    expect((await taker.fails('select * from shop.public.orders')).number).toBe('002003');
    await admin.run('grant all on table shop.public.orders to role taker');
    expect((await admin.rows('show grants to role taker')).map((row) => row[1])).toEqual(
      expect.arrayContaining(['DELETE', 'INSERT', 'SELECT', 'TRUNCATE', 'UPDATE']),
    );
    await admin.run('revoke delete on table shop.public.orders from role taker');
    expect((await taker.fails('delete from shop.public.orders')).number).toBe('003001');
    await taker.run('update shop.public.orders set total = total');
  });

  test('go over to what replaces a table with COPY GRANTS alone', async () => {
    await admin.run('create table shop.back.copied (n int)');
    await admin.run('grant usage on schema shop.back to role analyst');
    await admin.run('grant select on table shop.back.copied to role analyst');
    const ann = await as('ANN');
    await admin.run('create or replace table shop.back.copied copy grants as select 5 n');
    expect(await ann.cell('select n from shop.back.copied')).toBe('5');
    await admin.run("create or replace table shop.back.copied (n int) comment = 'no copy grants'");
    expect((await ann.fails('select n from shop.back.copied')).number).toBe('002003');
    await admin.run('revoke usage on schema shop.back from role analyst');
  });

  test('of ownership hand an object over', async () => {
    await admin.run('create role heir');
    await admin.run('grant usage on database shop to role heir');
    await admin.run('grant usage on schema shop.back to role heir');
    await admin.run('create table shop.back.legacy (n int)');
    await admin.run('grant select on table shop.back.legacy to role analyst');
    expect((await admin.fails('grant ownership on table shop.back.legacy to role heir')).message).toContain(
      "Dependent grant of privilege 'SELECT'",
    );
    await admin.run('grant ownership on table shop.back.legacy to role heir revoke current grants');
    const heir = await as('HAL', ['HEIR']);
    await heir.run('insert into shop.back.legacy values (1)');
    await heir.run('alter table shop.back.legacy add column m int');
    expect((await admin.fails('select * from shop.back.legacy')).number).toBe('003001');
    await heir.run('drop table shop.back.legacy');
  });
});

describe('a user confined to places', () => {
  const confined = async (read: readonly string[], write: readonly string[], roles = ['ACCOUNTADMIN']) => {
    const paths = (places: readonly string[]) => places.map((place) => objectPath(place) ?? []);
    const access = { roles, confinement: new Confinement(paths(read), paths(write)) };
    return await fixture.session({ user: 'KEY', access });
  };

  test('reads and writes there, and finds nothing else', async () => {
    const client = await confined(['shop.public.orders'], ['shop.back']);
    expect(await client.cell('select count(*) from shop.public.orders')).toBe('2');
    expect((await client.fails('delete from shop.public.orders')).number).toBe('003001');
    expect((await client.fails('select * from shop.public.secrets')).number).toBe('002003');
    expect((await client.fails('select shop.public.shout()')).number).toBe('002140');
    await client.run('create table shop.back.kept (n int)');
    await client.run('insert into shop.back.kept select id from shop.public.orders');
    await client.run('alter table shop.back.kept rename to shop.back.kept2');
    await client.run('drop table shop.back.kept2');
    for (const text of [
      'drop schema shop.back',
      'create schema shop.other',
      'create database other',
      'create role other',
      'grant select on table shop.public.orders to role public',
      'drop role analyst',
      'create table shop.public.more (n int)',
    ])
      expect(await client.fails(text), text).toMatchObject(REFUSED);
    expect((await client.rows('show tables in account')).map((row) => row[1])).not.toContain('SECRETS');
    expect((await client.rows('show databases')).map((row) => row[1])).toEqual(['SHOP']);
  });

  test('gets nowhere else by a view, function or procedure of their own', async () => {
    const client = await confined([], ['shop.back']);
    expect((await client.fails('create view shop.back.v as select * from shop.public.secrets')).number).toBe('002003');
    await client.run("create function shop.back.f() returns text as 'select max(word) from shop.public.secrets'");
    expect((await client.fails('select shop.back.f()')).number).toBe('002003');
    await client.run(
      "create procedure shop.back.p() returns text language sql as 'begin return (select max(word) from shop.public.secrets); end'",
    );
    expect((await client.fails('call shop.back.p()')).number).toBe('002003');
    await client.run("create or replace function shop.back.g() returns text as '''fine'''");
    await client.run('create view shop.back.trick as select shop.back.g() word');
    expect(await client.cell('select word from shop.back.trick')).toBe('fine');
    await client.run(
      "create or replace function shop.back.g() returns text as 'select max(word) from shop.public.secrets'",
    );
    expect((await client.fails('select word from shop.back.trick')).number).toBe('002003');
  });

  test('with roles has what both leave', async () => {
    const client = await confined(['shop'], [], ['ANALYST']);
    expect(await client.cell('select count(*) from shop.public.orders')).toBe('2');
    expect((await client.fails('select * from shop.public.secrets')).number).toBe('002003');
    expect(await (await confined(['shop.back'], [], ['ANALYST'])).rows('show tables in account')).toEqual([]);
  });
});
