import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SnowError } from '../../src/errors/snow-error.js';
import { busy, Site } from './site.js';

const CALLER = { client: 'pinner' };
/** Short, for it is waited for; longer than a busy machine takes to load the driver, for a pin has one attempt. */
const SETTINGS = { leaseMs: 4_000, concurrency: 2 };

describe('a worker that is killed with a pinned session', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.open();
  });

  afterAll(async () => {
    await site.close();
  });

  it('takes what was not committed with it, and everybody is told', { timeout: 60_000 }, async () => {
    const { gateway } = site;
    const victim = await site.startWorker(SETTINGS);
    const run = async (sql: string, session = 'default') => {
      const { rows, error } = await gateway.query(CALLER, { sql, session });
      expect(error, sql).toBeUndefined();
      return rows;
    };
    await run('create database k');
    await run('create table k.public.t (n number(38,0))');
    await gateway.setSession(CALLER, 'held', { database: 'K', pinned: true });
    await run('begin', 'held');
    await run('insert into t values (1)', 'held');
    const start = async (sql: string) => (await gateway.startQuery(CALLER, { sql, session: 'held' })).job_id;
    const sent = await start(`insert into t select 2 from ${busy(100)}`);
    await site.jobWhen(sent, (job) => job.dispatchedAt !== undefined);
    const waiting = await start('select count(*) from t');
    await site.jobWhen(waiting, (job) => job.state === 'running');
    victim.child.kill('SIGKILL');
    await victim.ended;

    await site.startWorker(SETTINGS);
    const ended = (id: string) => site.jobWhen(id, ({ finishedAt }) => finishedAt !== undefined, 20_000);
    expect((await ended(sent)).error?.code).toBe('OUTCOME_UNKNOWN');
    expect((await ended(waiting)).state).toBe('failed');
    expect(await gateway.getSession(CALLER, 'held')).toMatchObject({ pinned: 'lost' });
    const refused = await gateway.query(CALLER, { sql: 'commit', session: 'held' }).catch((error: SnowError) => error);
    expect(refused).toMatchObject({ data: { code: 'NOT_FOUND', hint: expect.stringContaining('pinned: true') } });
    expect(await run('select count(*) from k.public.t')).toEqual([[0]]);
    expect(await gateway.setSession(CALLER, 'held', { pinned: true })).toMatchObject({ pinned: 'held' });
    expect(await run('select count(*) from t', 'held')).toEqual([[0]]);
  });

  it('has its open transaction ended in the warehouse, so that nobody waits for its locks', {
    timeout: 60_000,
  }, async () => {
    const { gateway } = site;
    const OTHER = { client: 'other' };
    const ask = async (caller: { client: string }, sql: string, session = 'default') => {
      const answer = await gateway.query(caller, { sql, session, timeoutS: 40 });
      expect(answer.error, sql).toBeUndefined();
      return answer.rows;
    };
    await ask(OTHER, 'create database locked');
    await ask(OTHER, 'create table locked.public.t as select 1 as n');
    // The pin goes to a worker that is killed: the only one there is.
    await site.endWorkers('SIGTERM');
    const victim = await site.startWorker(SETTINGS);
    await gateway.setSession(CALLER, 'locking', { database: 'LOCKED', schema: 'PUBLIC', pinned: true });
    await ask(CALLER, 'begin', 'locking');
    await ask(CALLER, 'update t set n = 2', 'locking');
    expect(await site.store.abandonedConnections()).toEqual([]);
    victim.child.kill('SIGKILL');
    await victim.ended;
    await site.until(async () => (await site.store.abandonedConnections()).length === 1);

    await site.startWorker(SETTINGS);
    await ask(OTHER, 'update locked.public.t set n = 3 where n = 1');
    expect(await ask(OTHER, 'select n from locked.public.t')).toEqual([[3]]);
    await site.until(async () => (await site.store.abandonedConnections()).length === 0);
  });
});
