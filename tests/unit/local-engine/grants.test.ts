import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
