import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller, Gateway } from '../../src/gateway/requests.js';
import { GatewayRig } from './gateway-rig.js';

describe('gateway: what a restricted client may do', () => {
  let rig: GatewayRig;
  let gateway: Gateway;
  const ann: Caller = { client: 'ann' };
  const owner: Caller = { client: 'owner' };

  const run = async (caller: Caller, sql: string) => {
    const answer = await gateway.query(caller, { sql });
    expect(answer.error).toBeUndefined();
    return answer.rows;
  };
  const names = async (listing: Promise<{ readonly items: readonly { readonly [key: string]: unknown }[] }>) =>
    (await listing).items.map(({ name }) => name);
  const refused = async (call: Promise<unknown>, what: string | RegExp, code = 'STATEMENT_NOT_ALLOWED') =>
    await expect(call).rejects.toMatchObject({ data: { code, message: expect.stringMatching(what) } });

  beforeAll(async () => {
    rig = await GatewayRig.open();
    gateway = rig.gateway();
    await rig.work();
    for (const sql of [
      'create database sales',
      'create schema sales.reports',
      'create table sales.public.secret as select 1 as s',
      'create table sales.reports.orders as select 2 as o',
      'create table sales.reports.hidden as select 3 as h',
      'create database hr',
      'create table hr.public.people as select 4 as p',
    ])
      await run(owner, sql);
    await rig.store.saveClient('ann', { permissions: { tables: ['sales.reports.o*'] } });
    await gateway.setSession(ann, undefined, { database: 'sales', schema: 'reports' });
  });

  afterAll(async () => {
    await rig.close();
  });

  it('reads what is open, named in full or by its session', async () => {
    expect(await run(ann, 'select * from orders')).toEqual([[2]]);
    expect(await run(ann, 'with hidden as (select o from sales.reports.orders) select o from hidden')).toEqual([[2]]);
  });

  it('is refused what is closed, before anything is queued', async () => {
    const before = (await gateway.listJobs(ann, {})).jobs.length;
    await refused(gateway.query(ann, { sql: 'select * from hidden' }), 'SALES.REPORTS.HIDDEN');
    await refused(
      gateway.query(ann, { sql: 'select * from people', database: 'hr', schema: 'public' }),
      'HR.PUBLIC.PEOPLE',
    );
    await refused(gateway.startQuery(ann, { sql: 'select * from orders, hr.public.people' }), 'HR.PUBLIC.PEOPLE');
    expect((await gateway.listJobs(ann, {})).jobs).toHaveLength(before);
  });

  it('does not reach PUBLIC by a name without its schema', async () => {
    await rig.store.saveClient('bea', { permissions: { schemas: ['sales.reports'] } });
    const bea = { client: 'bea' };
    await gateway.setSession(bea, undefined, { database: 'sales', schema: 'reports' });
    expect(await run(owner, 'select * from sales.public.secret')).toEqual([[1]]);
    const answer = await gateway.query(bea, { sql: 'select * from secret' });
    expect(answer.error).toMatchObject({ code: 'SNOWFLAKE_ERROR' });
    expect((await gateway.getSession(bea)).context).toEqual({ database: 'SALES', schema: 'REPORTS' });
  });

  it('is shown what is open only', async () => {
    expect(await names(gateway.listDatabases(ann, {}))).toEqual(['SALES']);
    expect(await names(gateway.listSchemas(ann, { database: 'sales' }))).toEqual(['REPORTS']);
    expect(await names(gateway.listTables(ann, { database: 'sales', schema: 'reports' }))).toEqual(['ORDERS']);
    expect(await names(gateway.listTables(owner, { database: 'sales', schema: 'reports' }))).toHaveLength(2);
    expect(await names(gateway.describeTable(ann, { table: 'orders' }))).toEqual(['O']);
    const [listing] = (await gateway.listJobs(ann, {})).jobs.filter(({ kind }) => kind === 'metadata');
    await refused(gateway.jobResult(ann, { id: listing?.job_id ?? '' }), 'stored listing');
    await refused(gateway.describeTable(ann, { table: 'hidden' }), 'SALES.REPORTS.HIDDEN');
    await refused(gateway.listTables(ann, { database: 'hr' }), 'HR');
    await refused(gateway.listSchemas(ann, { database: 'nowhere' }), 'NOWHERE');
    await refused(gateway.setSession(ann, undefined, { database: 'hr' }), 'HR');
  });

  it('follows a change of its permissions at once, also in another process', async () => {
    const other = await rig.another();
    await other.saveClient('eve', { permissions: { statements: ['read'] } });
    const eve = { client: 'eve' };
    await refused(gateway.query(eve, { sql: 'create database mine' }), /ddl.*statements: read/);
    expect((await gateway.status(eve)).allow).toEqual(['read']);
    await other.saveClient('eve', { permissions: {} });
    await run(eve, 'create database mine');
    await other.removeClient('eve');
    await refused(gateway.query(eve, { sql: 'select 1' }), 'eve', 'NOT_PERMITTED');
    await refused(gateway.listJobs(eve, {}), 'eve', 'NOT_PERMITTED');
    await refused(gateway.status(eve), 'eve', 'NOT_PERMITTED');
    await other.close();
  });

  it('may do with a token what its scopes say', async () => {
    const reader: Caller = { client: 'fay', scopes: ['query'] };
    expect(await run(reader, 'select 1')).toEqual([[1]]);
    expect(await names(gateway.listDatabases(reader, { like: 'sales' }))).toEqual(['SALES']);
    await refused(gateway.query(reader, { sql: 'create database theirs' }), '"write"', 'NOT_PERMITTED');
    await refused(gateway.listJobs(reader, {}), '"jobs"', 'NOT_PERMITTED');
    const writer: Caller = { client: 'fay', scopes: ['write', 'jobs'] };
    await run(writer, 'create database theirs');
    await refused(gateway.query(writer, { sql: 'select 1' }), '"query"', 'NOT_PERMITTED');
    await refused(gateway.listTables(writer, {}), '"query"', 'NOT_PERMITTED');
    expect((await gateway.listJobs(writer, {})).jobs.length).toBeGreaterThan(0);
  });

  it('takes the first open role and warehouse where its session names none', async () => {
    await rig.store.saveClient('gus', { permissions: { roles: ['PUBLIC', 'X*'], warehouses: ['COMPUTE_WH'] } });
    const gus = { client: 'gus' };
    expect(await run(gus, 'select current_role(), current_warehouse()')).toEqual([['PUBLIC', 'COMPUTE_WH']]);
    await refused(gateway.query(gus, { sql: 'use role accountadmin' }), 'ACCOUNTADMIN');
    await refused(gateway.setSession(gus, undefined, { role: 'accountadmin' }), 'ACCOUNTADMIN');
  });
});
