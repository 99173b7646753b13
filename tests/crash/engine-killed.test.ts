import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localDataDir } from '../../src/local/host/data-dir.js';
import { readHostFile } from '../../src/local/host/host-file.js';
import { FINAL_STATES } from '../../src/store/job.js';
import { busy, Site } from './site.js';

const CALLER = { client: 'engine' };
const JOBS = 36;
const KILLS = 2;
const isWrite = (n: number): boolean => n % 3 === 0;

describe('the local Snowflake’s process killed under running jobs', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.open();
  });

  afterAll(async () => {
    await site.close();
  });

  it('is replaced, reads run again, and writes are there once or not at all, as their jobs say', {
    timeout: 90_000,
  }, async () => {
    await site.startWorker({ leaseMs: 3_000, concurrency: 4 });
    for (const sql of ['create database engine', 'create table engine.public.written (n number(38,0))'])
      expect((await site.gateway.query(CALLER, { sql })).error).toBeUndefined();

    const ids = await Promise.all(
      Array.from({ length: JOBS }, async (_, n) => {
        const sql = isWrite(n)
          ? `insert into engine.public.written select ${n} from ${busy(3)}`
          : `select ${n} as n from ${busy(3)}`;
        return (await site.gateway.startQuery(CALLER, { sql })).job_id;
      }),
    );
    const ended = async (): Promise<number> =>
      (await site.store.list({ client: CALLER.client, states: ['succeeded', 'failed'], limit: 1_000 })).jobs.length;

    const killed = new Set<number>();
    const dataDir = localDataDir(site.db);
    while (killed.size < KILLS) {
      const before = await ended();
      await site.until(async () => (await ended()) >= Math.min(before + JOBS / 6, JOBS));
      const host = readHostFile(dataDir);
      if (host === undefined || killed.has(host.pid)) continue;
      process.kill(host.pid, 'SIGKILL');
      killed.add(host.pid);
    }
    const jobs = [];
    for (const id of ids) jobs.push(await site.jobWhen(id, (job) => FINAL_STATES.has(job.state), 60_000));

    expect(jobs.some((job) => job.attempts > 1)).toBe(true);
    for (const [n, job] of jobs.entries()) {
      expect(job, JSON.stringify(job.error)).toMatchObject({ state: 'succeeded' });
      if (!isWrite(n)) expect(await site.store.readPage(job.id, 0)).toEqual([[n]]);
    }
    const written = await site.gateway.query(CALLER, { sql: 'select n from engine.public.written order by n' });
    expect(written.rows.map(([n]) => n)).toEqual([...jobs.keys()].filter(isWrite));
  });
});
