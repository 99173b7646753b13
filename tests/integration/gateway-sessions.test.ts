import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller, Gateway } from '../../src/gateway/requests.js';
import { GatewayRig } from './gateway-rig.js';

describe('gateway: sessions and listings', () => {
  let rig: GatewayRig;
  let gateway: Gateway;
  const ann: Caller = { client: 'ann' };
  const bob: Caller = { client: 'bob' };

  async function run(caller: Caller, sql: string, session?: string): Promise<readonly (readonly unknown[])[]> {
    const answer = await gateway.query(caller, { sql, session });
    expect(answer.error).toBeUndefined();
    return answer.rows;
  }

  const place = (caller: Caller, session?: string) =>
    run(caller, 'select current_database(), current_schema()', session);

  beforeAll(async () => {
    rig = await GatewayRig.open();
    gateway = rig.gateway();
    await rig.work();
    for (const sql of [
      'create database one',
      'create schema one.other',
      'create database two',
      'create schema two."lower case"',
      'create table two."lower case"."my table" (id number(10,0) not null primary key, note varchar default \'none\')',
    ])
      await run({ client: 'setup' }, sql);
  });

  afterAll(async () => {
    await rig.close();
  });

  it('keeps what USE changes, for that client and session only', async () => {
    await run(ann, 'use schema one.other');
    expect(await place(ann)).toEqual([['ONE', 'OTHER']]);
    expect(await gateway.getSession(ann)).toMatchObject({
      session: 'default',
      context: { database: 'ONE', schema: 'OTHER' },
    });
    expect(await place(bob)).not.toEqual([['ONE', 'OTHER']]);
    expect(await place(ann, 'second')).not.toEqual([['ONE', 'OTHER']]);
    await run(ann, 'use database two', 'second');
    expect(await place(ann, 'second')).toEqual([['TWO', 'PUBLIC']]);
    expect(await place(ann)).toEqual([['ONE', 'OTHER']]);
  });

  it('gives a statement sent after a USE, without waiting for it, the changed context', async () => {
    const caller = { client: 'hasty' };
    const [, seen] = await Promise.all([run(caller, 'use schema one.other'), place(caller)]);
    expect(seen).toEqual([['ONE', 'OTHER']]);
  });

  it('keeps parameters of ALTER SESSION', async () => {
    await run(bob, "alter session set timezone = 'Asia/Tokyo'");
    expect((await gateway.getSession(bob)).context.parameters).toEqual({ TIMEZONE: 'Asia/Tokyo' });
    const { error } = await gateway.query(bob, { sql: 'alter session unset timezone' });
    expect(error).toBeUndefined();
    expect((await gateway.getSession(bob)).context.parameters).toBeUndefined();
  });

  it('sets a session by hand and uses it, with names as SQL has them', async () => {
    const caller = { client: 'setter' };
    const set = await gateway.setSession(caller, undefined, { database: 'two', schema: '"lower case"' });
    expect(set).toEqual({ session: 'default', context: { database: 'TWO', schema: '"lower case"' } });
    expect(await place(caller)).toEqual([['TWO', 'lower case']]);
    expect(await gateway.setSession(caller, undefined, { database: 'one' })).toMatchObject({
      context: { database: 'ONE' },
    });
    expect((await gateway.getSession(caller)).context.schema).toBeUndefined();
    await expect(gateway.setSession(caller, undefined, { database: 'a"; drop' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(gateway.setSession(caller, undefined, { parameters: { 'a b': '1' } })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('keeps no more of a session, and asks for no longer a pattern, than anybody means', async () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`P${n}`, 'x']));
    for (const parameters of [many, { QUERY_TAG: 'x'.repeat(2_001) }, { ['P'.repeat(256)]: 'x' }])
      await expect(gateway.setSession(ann, 'big', { parameters })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const like = '%'.repeat(1_001);
    await expect(gateway.listDatabases(ann, { like })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const listing = { subject: 'databases', like };
    await expect(gateway.startListing(ann, listing)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('says so when the session’s database is not there', async () => {
    const caller = { client: 'lost' };
    await gateway.setSession(caller, undefined, { database: 'NOWHERE' });
    const answer = await gateway.query(caller, { sql: 'select 1' });
    expect(answer).toMatchObject({ state: 'failed', error: { code: 'SNOWFLAKE_ERROR', number: '002043' } });
  });

  it('lists databases, schemas, tables and columns as plain objects', async () => {
    const names = (listing: { items: readonly { readonly [key: string]: unknown }[] }) =>
      listing.items.map((item) => item.name);
    const databases = await gateway.listDatabases(bob, {});
    expect(names(databases)).toEqual(expect.arrayContaining(['ONE', 'TWO', 'SNOWFLAKE_SAMPLE_DATA']));
    expect(names(await gateway.listDatabases(bob, { like: 'tw_' }))).toEqual(['TWO']);
    expect(names(await gateway.listSchemas(bob, { database: 'two' }))).toEqual(
      expect.arrayContaining(['PUBLIC', 'lower case']),
    );
    const tables = await gateway.listTables(bob, { database: 'two' });
    expect(tables.items).toEqual([
      expect.objectContaining({ name: 'my table', database: 'TWO', schema: 'lower case', rows: 0 }),
    ]);
    expect(names(await gateway.listViews(bob, { database: 'one' }))).not.toContain('my table');
    const described = await gateway.describeTable(bob, { table: 'two."lower case"."my table"' });
    expect(described.items).toEqual([
      expect.objectContaining({ name: 'ID', type: 'NUMBER(10,0)', nullable: false, primary_key: true }),
      expect.objectContaining({ name: 'NOTE', nullable: true, primary_key: false, default: "'none'" }),
    ]);
    await expect(gateway.describeTable(bob, { table: 'two.public.missing' })).rejects.toMatchObject({
      code: 'SNOWFLAKE_ERROR',
      data: { number: '002003', hint: expect.stringContaining('list_tables') },
    });
  });

  it('pages through a listing that changes meanwhile as it was when it was asked for', async () => {
    const first = await gateway.listTables(bob, { database: 'snowflake_sample_data', schema: 'tpch_sf1', limit: 3 });
    expect(first.items).toHaveLength(3);
    const all = [...first.items];
    let cursor = first.next_cursor;
    while (cursor !== undefined) {
      const page = await gateway.listTables(bob, { cursor, limit: 3 });
      all.push(...page.items);
      cursor = page.next_cursor;
    }
    expect(all.map((item) => item.name).sort()).toEqual([
      'CUSTOMER',
      'LINEITEM',
      'NATION',
      'ORDERS',
      'PART',
      'PARTSUPP',
      'REGION',
      'SUPPLIER',
    ]);
    await expect(gateway.listTables(ann, { cursor: first.next_cursor })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(gateway.listViews(bob, { cursor: first.next_cursor })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});
