import { describe, expect, it } from 'vitest';
import { localSnowflake } from './local-engine-process.js';
import { run } from './local-wire/driver.js';

/** What a tool that builds models sends for one run; the second one finds the objects of the first. */
const RAW = 'SHOP.RAW.CUSTOMERS';
const STAGING = 'SHOP.DEV.STG_CUSTOMERS';
const DIMENSION = 'SHOP.DEV.DIM_CUSTOMERS';
const HISTORY = 'SHOP.DEV.CUSTOMERS_HISTORY';

const CHANGES = `
  with now as (select id, name, updated_at, md5(id::varchar || '|' || updated_at::varchar) as version from ${STAGING}),
  open as (select * from ${HISTORY} where valid_to is null),
  fresh as (select 'insert' as change, now.*, now.updated_at as valid_from, null::timestamp_ntz as valid_to from now
            left join open using (id) where open.id is null or open.updated_at < now.updated_at),
  replaced as (select 'update' as change, now.id, now.name, now.updated_at, open.version, open.valid_from, now.updated_at
               from now join open on open.id = now.id where open.updated_at < now.updated_at),
  gone as (select 'delete' as change, open.id, open.name, open.updated_at, open.version, open.valid_from, '2024-12-31'::timestamp_ntz
           from open left join now on now.id = open.id where now.id is null)
  select * from fresh union all select * from replaced union all select * from gone`;

describe('models that a tool builds run after run', () => {
  const local = localSnowflake('models');
  const cells = async (sqlText: string): Promise<unknown[][]> =>
    (await run(local.connection, { sqlText, fetchAsString: ['Number'] })).rows.map((row) => Object.values(row));
  const all = async (statements: readonly string[]): Promise<void> => {
    for (const statement of statements) await run(local.connection, statement);
  };

  async function load(values: string): Promise<void> {
    await all([
      `create or replace temporary table SHOP.RAW.ARRIVED (payload variant, arrived_at timestamp_tz default current_timestamp())`,
      `insert into SHOP.RAW.ARRIVED (payload) select parse_json(column1) from values ${values}`,
      `merge into ${RAW} as target using (
         select payload:id::number as id, payload:name::varchar as name, payload:at::timestamp_ntz as updated_at, payload:gone::boolean as gone
         from SHOP.RAW.ARRIVED qualify row_number() over (partition by id order by updated_at desc) = 1
       ) as source on target.id = source.id
       when matched and source.gone then delete
       when matched and source.updated_at > target.updated_at then update set name = source.name, updated_at = source.updated_at
       when not matched and not coalesce(source.gone, false) then insert (id, name, updated_at) values (source.id, source.name, source.updated_at)`,
    ]);
  }

  async function build(): Promise<void> {
    const known = (await cells('show terse objects in schema SHOP.DEV')).map(([, name]) => name);
    await all([
      `create or replace view ${STAGING} ("ID" comment $$the customer's key$$, "NAME" comment $$$$, "UPDATED_AT" comment $$when it was seen$$)
         copy grants as (with source as (select * from ${RAW}) select id, trim(name) as name, updated_at from source)`,
      `grant select on ${STAGING} to reader`,
    ]);
    if (!known.includes('DIM_CUSTOMERS')) {
      await all([
        `create or replace transient table ${DIMENSION} as (select * from (select *, 1 as version from ${STAGING}) order by (id))`,
        `alter table ${DIMENSION} cluster by (id)`,
        `create or replace transient table ${HISTORY} as (
           select id, name, updated_at, md5(id::varchar || '|' || updated_at::varchar) as version,
                  updated_at as valid_from, nullif(updated_at, updated_at) as valid_to from ${STAGING})`,
      ]);
    } else {
      await all([
        `create or replace temporary table ${DIMENSION}__TMP as (
           select *, 2 as version from ${STAGING} where updated_at > (select max(updated_at) from ${DIMENSION}))`,
        'begin',
        `delete from ${DIMENSION} where (id) in (select (id) from ${DIMENSION}__TMP)`,
        `insert into ${DIMENSION} ("ID", "NAME", "UPDATED_AT", "VERSION") (select "ID", "NAME", "UPDATED_AT", "VERSION" from ${DIMENSION}__TMP)`,
        'commit',
        `create or replace temporary table ${HISTORY}__TMP as (${CHANGES})`,
        `merge into ${HISTORY} as kept using ${HISTORY}__TMP as seen on seen.version = kept.version
         when matched and kept.valid_to is null and seen.change in ('update', 'delete') then update set valid_to = seen.valid_to
         when not matched and seen.change = 'insert' then insert ("ID", "NAME", "UPDATED_AT", "VERSION", "VALID_FROM", "VALID_TO")
           values ("ID", "NAME", "UPDATED_AT", "VERSION", "VALID_FROM", "VALID_TO")`,
      ]);
    }
    await all([`comment on table ${DIMENSION} is $$one row for each 'customer'$$`]);
  }

  it('hold what the loads brought and its history, and are listed with kinds, columns, comments and grants', async () => {
    await all([
      'create database SHOP',
      'create role if not exists reader',
      'create schema if not exists SHOP.RAW',
      'create schema if not exists SHOP.DEV',
      `create table ${RAW} (id number(38,0) primary key, name varchar, updated_at timestamp_ntz)`,
    ]);
    await load(`('{"id": 1, "name": " Ann ", "at": "2024-01-01"}'), ('{"id": 2, "name": "Bob", "at": "2024-01-01"}'),
                ('{"id": 2, "name": "Bobby", "at": "2024-01-02"}')`);
    await build();
    await load(`('{"id": 1, "name": "Anna", "at": "2024-02-01"}'), ('{"id": 2, "gone": true, "at": "2024-02-02"}'),
                ('{"id": 3, "name": "Cid", "at": "2024-02-03"}')`);
    await build();
    expect(await cells(`select id, name, version from ${DIMENSION} order by id`)).toEqual([
      ['1', 'Anna', '2'],
      ['2', 'Bobby', '1'],
      ['3', 'Cid', '2'],
    ]);
    expect(
      await cells(`select id, name, valid_from::date::varchar, valid_to::date::varchar from ${HISTORY} order by 1, 3`),
    ).toEqual([
      ['1', 'Ann', '2024-01-01', '2024-02-01'],
      ['1', 'Anna', '2024-02-01', null],
      ['2', 'Bobby', '2024-01-02', '2024-12-31'],
      ['3', 'Cid', '2024-02-03', null],
    ]);
    expect(await cells('show objects in schema SHOP.DEV ->> select "name", "kind" from $1')).toEqual([
      ['CUSTOMERS_HISTORY', 'TABLE'],
      ['CUSTOMERS_HISTORY__TMP', 'TABLE'],
      ['DIM_CUSTOMERS', 'TABLE'],
      ['DIM_CUSTOMERS__TMP', 'TABLE'],
      ['STG_CUSTOMERS', 'VIEW'],
    ]);
    const catalog = `
      with tables as (select table_schema as "schema", table_name as "name", table_type as "type", comment as "comment", clustering_key as "key",
        to_varchar(convert_timezone('UTC', last_altered), 'yyyy-mm-dd HH24:MI' || 'UTC') like '%UTC' as "stamped" from SHOP.information_schema.tables),
      columns as (select table_schema as "schema", table_name as "name", column_name as "column", ordinal_position as "place", data_type as "data",
        comment as "note" from SHOP.information_schema.columns)
      select "name", "type", "comment", "key", "stamped", "column", "data", "note" from tables join columns using ("schema", "name")
      where upper("schema") = upper('dev') and "name" in ('DIM_CUSTOMERS', 'STG_CUSTOMERS') and "place" <= 2 order by "name", "place"`;
    expect(await cells(catalog)).toEqual([
      ['DIM_CUSTOMERS', 'BASE TABLE', "one row for each 'customer'", 'LINEAR(id)', true, 'ID', 'NUMBER', null],
      ['DIM_CUSTOMERS', 'BASE TABLE', "one row for each 'customer'", 'LINEAR(id)', true, 'NAME', 'TEXT', null],
      ['STG_CUSTOMERS', 'VIEW', null, null, true, 'ID', 'NUMBER', "the customer's key"],
      ['STG_CUSTOMERS', 'VIEW', null, null, true, 'NAME', 'TEXT', ''],
    ]);
    expect(await cells(`show grants on ${STAGING} ->> select "privilege", "grantee_name" from $1 order by 1`)).toEqual([
      ['OWNERSHIP', 'ACCOUNTADMIN'],
      ['SELECT', 'READER'],
    ]);
  });
});
