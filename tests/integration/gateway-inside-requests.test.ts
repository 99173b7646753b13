import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller, Gateway } from '../../src/gateway/requests.js';
import type { Worker } from '../../src/worker/worker.js';
import { until } from '../unit/worker/rig.js';
import { GatewayRig } from './gateway-rig.js';

const ann: Caller = { client: 'ann' };
const bob: Caller = { client: 'bob' };

let rig: GatewayRig;
let own: Worker;
let gateway: Gateway;
beforeAll(async () => {
  rig = await GatewayRig.open();
  own = await rig.work();
  gateway = rig.gateway({ ownWorker: async () => own.id });
  await rig.store.setFlag('job-queue', { client: 'ann' }, false, 'root');
});
afterAll(() => rig.close());

describe('with the job queue off for a client', () => {
  it('statements and listings run in the process that was asked, whoever else is free', async () => {
    await rig.work(8);
    await Promise.all(Array.from({ length: 12 }, (_, number) => gateway.query(ann, { sql: `select ${number}` })));
    await gateway.listDatabases(ann, {});
    const { jobs } = await rig.store.list({ client: 'ann', limit: 100 });
    expect(jobs).toHaveLength(13);
    expect(new Set(jobs.map(({ worker }) => worker))).toEqual(new Set([own.id]));
    expect(new Set(jobs.map(({ state }) => state))).toEqual(new Set(['succeeded']));
    expect(new Set(jobs.map(({ flags }) => flags['job-queue']))).toEqual(new Set([false]));
  });

  it('the caller waits for the end, however short it wanted to wait', async () => {
    const sql = "select system$wait(400, 'MILLISECONDS')";
    expect(await gateway.query(ann, { sql, waitS: 0 })).toMatchObject({ state: 'succeeded', row_count: 1 });
    expect(await gateway.query(bob, { sql, waitS: 0 })).toMatchObject({ row_count: 0 });
  });

  it('a caller that gives up ends its statement', async () => {
    const abort = new AbortController();
    const asked = gateway.query(ann, { sql: "select system$wait(60, 'SECONDS')" }, { signal: abort.signal });
    await until(async () => (await rig.store.list({ client: 'ann', states: ['running'], limit: 1 })).jobs.length === 1);
    abort.abort();
    await expect(asked).rejects.toMatchObject({ code: 'CANCELLED' });
    await until(
      async () => (await rig.store.list({ client: 'ann', states: ['cancelled'], limit: 1 })).jobs.length === 1,
    );
  });

  it('nothing is started in the background, and the refusal says what to do', async () => {
    await expect(gateway.startQuery(ann, { sql: 'select 1' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      data: { hint: expect.stringContaining('flag set job-queue on') },
    });
    expect((await rig.store.list({ client: 'ann', states: ['queued', 'running'], limit: 1 })).jobs).toEqual([]);
    expect((await gateway.startQuery(bob, { sql: 'select 1' })).state).toMatch(/queued|running/);
  });

  it('a process without a worker says so instead of leaving the job to others', async () => {
    const without = rig.gateway();
    await expect(without.query(ann, { sql: 'select 1' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      data: { hint: expect.stringContaining('--no-worker') },
    });
    await rig.store.setFlag('job-queue', { client: 'ann' }, null, 'root');
    expect((await without.query(ann, { sql: 'select 1' })).state).toBe('succeeded');
  });
});
