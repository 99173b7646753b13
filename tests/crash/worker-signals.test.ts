import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { busy, Site } from './site.js';

const CALLER = { client: 'signals' };

describe('a worker process', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.open();
  });

  afterAll(async () => {
    await site.close();
  });

  it('that was stopped and goes on late settles nothing that another has taken over', { timeout: 60_000 }, async () => {
    const settings = { leaseMs: 2_000, concurrency: 1 };
    const stopped = await site.startWorker(settings);
    const made = await site.gateway.query(CALLER, { sql: 'create database late' });
    expect(made.error).toBeUndefined();
    await site.gateway.query(CALLER, { sql: 'create table late.public.t (n number(38,0))' });

    const { job_id: id } = await site.gateway.startQuery(CALLER, {
      sql: `insert into late.public.t select 1 from ${busy(100)}`,
    });
    await site.jobWhen(id, (job) => job.dispatchedAt !== undefined);
    stopped.child.kill('SIGSTOP');
    const other = await site.startWorker(settings);
    const settled = await site.jobWhen(id, (job) => job.finishedAt !== undefined);
    expect(settled).toMatchObject({ state: 'succeeded', worker: other.id });
    expect(settled.attempts).toBeGreaterThan(1);

    stopped.child.kill('SIGCONT');
    other.child.kill('SIGTERM');
    expect(await other.ended).toEqual({ code: 0, signal: null });
    // The late one is the only one left: when it has done this, it has long had its say about the other.
    const { job_id: next } = await site.gateway.startQuery(CALLER, { sql: 'select count(*) from late.public.t' });
    const counted = await site.jobWhen(next, (job) => job.finishedAt !== undefined);
    expect(counted).toMatchObject({ state: 'succeeded', worker: stopped.id });
    expect(await site.store.readPage(next, 0)).toEqual([[1]]);
    expect(await site.store.find(id)).toEqual(settled);
    stopped.child.kill('SIGTERM');
    expect(await stopped.ended).toEqual({ code: 0, signal: null });
  });

  it('that is asked to end finishes what it runs, takes nothing new and signs off', { timeout: 60_000 }, async () => {
    const worker = await site.startWorker({ leaseMs: 5_000, concurrency: 1 });
    const { job_id: running } = await site.gateway.startQuery(CALLER, { sql: "select system$wait(1, 'SECONDS')" });
    await site.jobWhen(running, (job) => job.dispatchedAt !== undefined);
    const { job_id: waiting } = await site.gateway.startQuery(CALLER, { sql: 'select 2' });
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toEqual({ code: 0, signal: null });
    expect(await site.store.find(running)).toMatchObject({ state: 'succeeded', attempts: 1 });
    expect(await site.store.find(waiting)).toMatchObject({ state: 'queued', attempts: 0 });
    expect(await site.store.listWorkers()).toEqual([]);
    await site.store.cancel(waiting, 'the test is over');
  });

  it('that is asked twice ends at once, and its read is another one’s', { timeout: 60_000 }, async () => {
    const hurried = await site.startWorker({ leaseMs: 1_000, concurrency: 1 });
    const { job_id: id } = await site.gateway.startQuery(CALLER, { sql: "select system$wait(2, 'SECONDS')" });
    await site.jobWhen(id, (job) => job.dispatchedAt !== undefined);
    hurried.child.kill('SIGTERM');
    await site.until(async () => (await site.store.listWorkers()).some(({ state }) => state === 'draining'));
    hurried.child.kill('SIGTERM');
    expect(await hurried.ended).toEqual({ code: 143, signal: null });
    const other = await site.startWorker({ leaseMs: 15_000, concurrency: 1 });
    const settled = await site.jobWhen(id, (job) => job.finishedAt !== undefined);
    expect(settled).toMatchObject({ state: 'succeeded', worker: other.id });
    // A short lease may also run out while a busy machine loads the driver.
    expect(settled.attempts).toBeGreaterThan(1);
    other.child.kill('SIGTERM');
    expect(await other.ended).toEqual({ code: 0, signal: null });
  });
});
