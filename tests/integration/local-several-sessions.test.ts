import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'snowflake-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalServer } from '../../src/local/serve-engine.js';
import { startLocalServer } from '../../src/local/server.js';
import { connect, destroy, run } from './local-wire/driver.js';

let dataDir: string;
let server: LocalServer;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'mcp-snow-sessions-'));
  server = await startLocalServer({ host: '127.0.0.1', port: 0, dataDir, sampleScale: 0 });
});
afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const SESSIONS = Number(process.env.MCP_SNOW_TEST_SESSIONS ?? 4);
const RUNS = Number(process.env.MCP_SNOW_TEST_RUNS ?? 2);

/** What all sessions share in a database. */
const SHARED = [
  'create schema RAW',
  'create table RAW.ORDERS as select seq4() as ID, mod(seq4(), 7) as CUSTOMER, (seq4() * 13) % 101 as AMOUNT from table(generator(rowcount => 300))',
  'create schema META',
  'create table META.RUNS (SESSION int, RUN int, MODEL varchar, ROW_COUNT int)',
  'create table META.TOTALS (MODEL varchar, ROW_COUNT int, RUNS int)',
  "insert into META.TOTALS values ('ORDERS', 0, 0), ('CUSTOMERS', 0, 0)",
];

/** One `dbt run` of one session, as dbt's adapter for Snowflake speaks: models in a schema of its own, a log that all write. */
function dbtRun(database: string, session: number, turn: number): string[] {
  const own = `${database}.DBT_${session}`;
  const log = (model: string) => [
    `insert into ${database}.META.RUNS select ${session}, ${turn}, '${model}', count(*) from ${own}.${model}`,
    `update ${database}.META.TOTALS set ROW_COUNT = ROW_COUNT + (select count(*) from ${own}.${model}), RUNS = RUNS + 1 where MODEL = '${model}'`,
  ];
  return [
    `alter session set query_tag = 'dbt ${session}'`,
    `show terse schemas like 'DBT_${session}' in database ${database} limit 10000`,
    `create schema if not exists ${own}`,
    `create schema if not exists ${database}.SNAPSHOTS`,
    `show objects in schema ${own} limit 10000`,
    `select table_schema, table_name, table_type, row_count from ${database}.information_schema.tables where table_schema ilike 'DBT_${session}' order by 2`,
    // A table model, made beside the old one and put in its place.
    `create or replace transient table ${own}.ORDERS__DBT_TMP as (select ID, CUSTOMER, AMOUNT * ${turn + 1} as AMOUNT from ${database}.RAW.ORDERS where mod(ID, ${session + 2}) = 0)`,
    `create table if not exists ${own}.ORDERS like ${own}.ORDERS__DBT_TMP`,
    `alter table ${own}.ORDERS swap with ${own}.ORDERS__DBT_TMP`,
    `drop table if exists ${own}.ORDERS__DBT_TMP`,
    ...log('ORDERS'),
    // A view model with its documentation.
    `create or replace view ${own}.CUSTOMERS as select CUSTOMER, sum(AMOUNT) as AMOUNT, count(*) as ORDERS from ${own}.ORDERS group by CUSTOMER`,
    `comment on view ${own}.CUSTOMERS is 'run ${turn}'`,
    `describe table ${own}.CUSTOMERS`,
    ...log('CUSTOMERS'),
    // An incremental model: temporary table, MERGE.
    `create table if not exists ${own}.BALANCES (CUSTOMER int, AMOUNT number(20,2), TURN int)`,
    `create or replace temporary table ${own}.BALANCES__DBT_TMP as select CUSTOMER, AMOUNT::number(20,2) as AMOUNT, ${turn} as TURN from ${own}.CUSTOMERS where mod(CUSTOMER, 2) = ${turn % 2}`,
    `select column_name, data_type, ordinal_position from ${database}.information_schema.columns where table_schema = 'DBT_${session}' order by table_name, ordinal_position`,
    'begin',
    `merge into ${own}.BALANCES as t using ${own}.BALANCES__DBT_TMP as s on t.CUSTOMER = s.CUSTOMER
       when matched then update set AMOUNT = t.AMOUNT + s.AMOUNT, TURN = s.TURN
       when not matched then insert (CUSTOMER, AMOUNT, TURN) values (s.CUSTOMER, s.AMOUNT, s.TURN)`,
    'commit',
    `drop table if exists ${own}.BALANCES__DBT_TMP`,
    // A snapshot in a schema of all: delete and insert in a transaction, and one that is thought better of.
    `create table if not exists ${database}.SNAPSHOTS.S_${session} (CUSTOMER int, SEEN int)`,
    'begin',
    `delete from ${database}.SNAPSHOTS.S_${session}`,
    `insert into ${database}.SNAPSHOTS.S_${session} select CUSTOMER, ${turn} from ${own}.CUSTOMERS`,
    'commit',
    'begin',
    `truncate table if exists ${database}.SNAPSHOTS.NOT_THERE`,
    `insert into ${database}.SNAPSHOTS.S_${session} values (-1, ${turn})`,
    'rollback',
    // A test, and one that fails.
    `select count(*) as FAILURES from (select CUSTOMER from ${own}.CUSTOMERS group by 1 having count(*) > 1)`,
    `select * from ${own}.NOT_A_MODEL`,
    `select * from ${own}.BALANCES order by CUSTOMER`,
    `show tables like '%' in schema ${own}`,
    `select get_ddl('view', '${own}.CUSTOMERS') as DDL`,
    `alter table ${own}.BALANCES rename to ${own}.BALANCES__DBT_BACKUP`,
    `create table ${own}.BALANCES clone ${own}.BALANCES__DBT_BACKUP`,
    `drop table ${own}.BALANCES__DBT_BACKUP cascade`,
  ];
}

const TIMES_AND_IDS = /^(created_on|dropped_on|last_altered|created|bytes|CREATED|LAST_ALTERED|LAST_DDL)$/;

const WHO_WAS_FIRST = /(Schema )?SNAPSHOTS (successfully created|already exists, statement succeeded)\./;

/** Rows without what no two runs share, the database called by one name. */
const compared = (database: string, rows: readonly Record<string, unknown>[]) =>
  JSON.parse(
    JSON.stringify(
      rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !TIMES_AND_IDS.test(name)))),
    )
      .replaceAll(database, 'DB')
      .replace(WHO_WAS_FIRST, 'SNAPSHOTS is there'),
  ) as unknown;

async function answers(connection: Connection, database: string, statements: readonly string[]): Promise<unknown[]> {
  const told: unknown[] = [];
  for (const sql of statements)
    told.push(
      await run(connection, sql).then(
        ({ rows }) => compared(database, rows),
        (error: Error & { code?: string }) => [error.code, error.message.replaceAll(database, 'DB')],
      ),
    );
  return told;
}

async function prepared(database: string): Promise<Connection[]> {
  const first = await connect(server.url, { database: undefined as never });
  for (const sql of [`create database ${database}`, ...SHARED]) await run(first, sql);
  await destroy(first);
  return await Promise.all(Array.from({ length: SESSIONS }, () => connect(server.url, { database })));
}

async function finalState(database: string): Promise<unknown> {
  const connection = await connect(server.url, { database });
  const all = await answers(connection, database, [
    'select * from META.RUNS order by all',
    'select * from META.TOTALS order by all',
    `select table_schema, table_name, table_type, row_count, is_transient, comment from information_schema.tables where table_schema <> 'INFORMATION_SCHEMA' order by 1, 2`,
    `select table_schema, table_name, column_name, data_type from information_schema.columns where table_schema <> 'INFORMATION_SCHEMA' order by 1, 2, ordinal_position`,
    `show schemas in database ${database}`,
    ...Array.from({ length: SESSIONS }, (_, n) => [
      `select * from DBT_${n}.BALANCES order by all`,
      `select * from DBT_${n}.CUSTOMERS order by all`,
      `select * from SNAPSHOTS.S_${n} order by all`,
    ]).flat(),
  ]);
  await destroy(connection);
  return all;
}

test('what dbt asks gives several sessions at once what it gives them one after the other', {
  timeout: 60_000,
}, async () => {
  const work = (database: string, connection: Connection, session: number) =>
    answers(connection, database, Array.from({ length: RUNS }, (_, turn) => dbtRun(database, session, turn)).flat());

  const alone = await prepared('IN_TURN');
  const one: unknown[][] = [];
  for (const [session, connection] of alone.entries()) one.push(await work('IN_TURN', connection, session));

  const together = await prepared('AT_ONCE');
  const all = await Promise.all(together.map((connection, session) => work('AT_ONCE', connection, session)));

  const statements = Array.from({ length: RUNS }, (_, turn) => dbtRun('DB', 0, turn)).flat();
  for (const session of one.keys())
    for (const [n, answer] of (one[session] ?? []).entries())
      expect({ session, statement: statements[n], answer: all[session]?.[n] }).toEqual({
        session,
        statement: statements[n],
        answer,
      });
  expect(await finalState('AT_ONCE')).toEqual(await finalState('IN_TURN'));
  await Promise.all([...alone, ...together].map(destroy));
});
