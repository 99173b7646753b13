import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SnowError } from '../../src/errors/snow-error.js';
import type { Caller, Gateway } from '../../src/gateway/requests.js';
import type { Worker } from '../../src/worker/worker.js';
import { GatewayRig } from './gateway-rig.js';

const ann: Caller = { client: 'ann' };
const bob: Caller = { client: 'bob' };

describe('gateway: pinned sessions', () => {
  let rig: GatewayRig;
  let gateway: Gateway;
  let workers: Worker[] = [];

  beforeAll(async () => {
    rig = await GatewayRig.open();
    gateway = rig.gateway();
    const setup = await rig.work();
    for (const sql of ['create database p', 'create table p.public.t (n number(10,0))'])
      expect((await ask({ client: 'setup' }, sql)).error).toBeUndefined();
    await setup.stop();
  });

  afterEach(async () => {
    for (const caller of [ann, bob])
      for (const session of ['default', 's', 's2', 's3', 's4'])
        await gateway.setSession(caller, session, { pinned: false });
    await Promise.all(workers.map((worker) => worker.stop()));
    workers = [];
    await run(await started(), ann, 'delete from p.public.t');
    await Promise.all(workers.map((worker) => worker.stop()));
    workers = [];
  });

  afterAll(async () => {
    await rig.close();
  });

  async function started(...options: Parameters<GatewayRig['work']>): Promise<Worker> {
    const worker = await rig.work(...options);
    workers.push(worker);
    return worker;
  }

  const ask = (caller: Caller, sql: string, session = 's') => gateway.query(caller, { sql, session });

  async function run(_by: unknown, caller: Caller, sql: string, session = 's') {
    const { rows, error } = await ask(caller, sql, session);
    expect(error, sql).toBeUndefined();
    return rows;
  }

  const pin = (caller: Caller, session = 's') => gateway.setSession(caller, session, { database: 'P', pinned: true });
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: SnowError) => error.data,
    );
  const rowsSeenBy = async (caller: Caller, session = 'default') =>
    (await run(0, caller, 'select count(*) from p.public.t', session))[0]?.[0];

  it('keep temporary tables, variables, parameters and the last result over several calls, for their client alone', async () => {
    const by = await started();
    await started();
    expect(await pin(ann)).toMatchObject({ session: 's', pinned: 'held', context: { database: 'P' } });
    expect(await gateway.getSession(ann, 's')).toMatchObject({ pinned: 'held' });
    await run(by, ann, 'create temporary table mine as select 7 as n');
    await run(by, ann, 'set v = 5');
    for (let n = 0; n < 5; n += 1) expect(await run(by, ann, 'select n + $v from mine')).toEqual([[12]]);
    // The other session of the same client, and another client's session of the same name, know nothing of it.
    for (const [caller, session] of [
      [ann, 'default'],
      [bob, 's'],
    ] as const) {
      expect((await ask(caller, 'select n from p.public.mine', session)).error?.code).toBe('SNOWFLAKE_ERROR');
      const refused = await failure(ask(caller, 'create temporary table x (n int)', session));
      expect(refused).toMatchObject({ code: 'STATEMENT_NOT_ALLOWED', hint: expect.stringContaining('pinned: true') });
    }
    expect(await gateway.setSession(ann, 's', { pinned: false })).not.toHaveProperty('pinned');
    expect((await ask(ann, 'select n from p.public.mine')).error?.code).toBe('SNOWFLAKE_ERROR');
  });

  it('reads what the statement before answered', async () => {
    const by = await started();
    await pin(ann);
    await run(by, ann, 'select 41 as n');
    expect(await run(by, ann, 'select n + 1 from table(result_scan(last_query_id()))')).toEqual([[42]]);
  });

  it('keep a transaction open, which others see when it is committed', async () => {
    const by = await started();
    await started();
    await pin(ann);
    await run(by, ann, 'begin');
    await run(by, ann, 'insert into p.public.t values (1)');
    await run(by, ann, 'insert into p.public.t values (2)');
    expect(await rowsSeenBy(ann, 's')).toBe(2);
    expect(await rowsSeenBy(bob)).toBe(0);
    await run(by, ann, 'commit');
    expect(await rowsSeenBy(bob)).toBe(2);
  });

  it('follow USE and ALTER SESSION, also AUTOCOMMIT', async () => {
    const by = await started();
    await pin(ann);
    await run(by, ann, 'use schema p.information_schema');
    expect(await run(by, ann, 'select current_schema()')).toEqual([['INFORMATION_SCHEMA']]);
    await run(by, ann, 'alter session set autocommit = false');
    await run(by, ann, 'insert into p.public.t values (3)');
    expect(await rowsSeenBy(bob)).toBe(0);
    await run(by, ann, 'rollback');
    expect(await rowsSeenBy(ann, 's')).toBe(0);
    const { context } = await gateway.getSession(ann, 's');
    expect(context).toMatchObject({ database: 'P', schema: 'INFORMATION_SCHEMA' });
    expect(context).not.toHaveProperty('parameters');
  });

  it('run one statement after the other, in their order', async () => {
    const by = await started(4);
    await pin(ann);
    await run(by, ann, 'create temporary table log (n int)');
    await Promise.all(Array.from({ length: 8 }, (_, n) => run(by, ann, `insert into log values (${n})`)));
    expect(await run(by, ann, 'select count(*), sum(n) from log')).toEqual([[8, 28]]);
  });

  it('end with an unpin: the open transaction is rolled back', async () => {
    const by = await started();
    await pin(ann);
    await run(by, ann, 'begin');
    await run(by, ann, 'insert into p.public.t values (1)');
    await gateway.setSession(ann, 's', { pinned: false });
    // The table's lock is free again.
    await run(by, bob, 'delete from p.public.t');
    expect(await rowsSeenBy(ann, 's')).toBe(0);
  });

  it('say honestly that their state is gone when their worker has ended, until they are pinned anew', async () => {
    const first = await started();
    await pin(ann);
    await run(first, ann, 'begin');
    await run(first, ann, 'insert into p.public.t values (1)');
    await first.stop();
    await started();
    expect(await gateway.getSession(ann, 's')).toMatchObject({ pinned: 'lost' });
    for (const sql of ['insert into p.public.t values (2)', 'select 1'])
      expect(await failure(ask(ann, sql))).toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringContaining('rolled back'),
        hint: expect.stringContaining('set_session'),
      });
    expect(await rowsSeenBy(bob)).toBe(0);
    expect(await pin(ann)).toMatchObject({ pinned: 'held' });
    expect(await rowsSeenBy(ann, 's')).toBe(0);
  });

  it('tell a statement that waits for a worker that is gone', async () => {
    const store = await rig.another();
    const worker = await started(2, {}, { leaseMs: 300 });
    await pin(ann);
    const { pin: held } = await store.getSession('ann', 's');
    // As if its process were gone: nobody serves its lane, while the lease has a moment to go.
    await worker.stop();
    await store.acquireLease(`pin:${held?.id}`, held?.worker ?? '', 60_000);
    const { job_id: id } = await gateway.startQuery(ann, { sql: 'insert into t values (9)', session: 's' });
    await started(2, {}, { leaseMs: 300 });
    await expect.poll(async () => (await gateway.jobStatus(ann, id)).state, { timeout: 10_000 }).toBe('failed');
    expect((await gateway.jobStatus(ann, id)).error).toMatchObject({ code: 'NOT_FOUND' });
    await store.close();
  });

  it('end when nothing has used them for a while', async () => {
    await started(2, { idleMs: 100 });
    await pin(ann);
    await expect.poll(async () => (await gateway.getSession(ann, 's')).pinned, { timeout: 10_000 }).toBe('lost');
    expect((await failure(ask(ann, 'select 1')))?.code).toBe('NOT_FOUND');
  });

  it('are few per client, and cost the others nothing', async () => {
    await started();
    for (const session of ['s', 's2', 's3']) await pin(ann, session);
    expect(await failure(pin(ann, 's4'))).toMatchObject({ code: 'QUOTA_EXCEEDED', hint: expect.any(String) });
    await pin(bob);
    await gateway.setSession(ann, 's', { pinned: false });
    expect(await pin(ann, 's4')).toMatchObject({ pinned: 'held' });
  });

  it('cannot be had in a place that is not there, and leave nothing behind then', async () => {
    const by = await started();
    expect(await failure(gateway.setSession(ann, 's', { database: 'NOWHERE', pinned: true }))).toMatchObject({
      code: 'SNOWFLAKE_ERROR',
    });
    await gateway.setSession(ann, 's', { database: 'P' });
    expect(await gateway.getSession(ann, 's')).not.toHaveProperty('pinned');
    expect(await run(by, ann, 'select 1')).toEqual([[1]]);
  });
});
