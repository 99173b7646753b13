import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FINAL_STATES, type JobRecord } from '../../src/store/job.js';
import { busy, Site, type WorkerProcess } from './site.js';

const JOBS = 100;
const WRITES = 20;
const WORKERS = 3;
const KILLS = 3;
const CALLER = { client: 'crash' };
const SETTINGS = { leaseMs: 1_500, concurrency: 4 };

/** Every fifth job writes its own number. */
const isWrite = (n: number): boolean => n % (JOBS / WRITES) === 0;

function statement(n: number): string {
  if (isWrite(n)) return `insert into crash.public.written select ${n} from ${busy(3)}`;
  return n % 5 === 1 ? `select ${n} as n, 'row of ${n}' as label` : `select system$wait(${waitOf(n)}, 'MILLISECONDS')`;
}

/** Another one for each job, so that a row says whose it is. */
const waitOf = (n: number): number => 100 + n;

function rowsOf(n: number): unknown {
  return n % 5 === 1 ? [[n, `row of ${n}`]] : [[`waited ${waitOf(n)} milliseconds`]];
}

describe('workers that are killed', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.open();
  });

  afterAll(async () => {
    await site.close();
  });

  it('lose nothing, do nothing twice, and end every job once', { timeout: 120_000 }, async () => {
    const workers: WorkerProcess[] = [];
    for (let i = 0; i < WORKERS; i += 1) workers.push(await site.startWorker(SETTINGS));
    for (const sql of ['create database crash', 'create table crash.public.written (n number(38,0))']) {
      const made = await site.gateway.query(CALLER, { sql });
      expect(made.error).toBeUndefined();
    }
    const { sequence } = await site.store.settledSince('latest', 1);

    const ids = new Map<number, string>();
    await Promise.all(
      Array.from({ length: JOBS }, async (_, n) => {
        const { job_id } = await site.gateway.startQuery(CALLER, { sql: statement(n) });
        ids.set(n, job_id);
      }),
    );

    for (let kill = 1; kill <= KILLS; kill += 1) {
      const ended = async () => (await endingsSince(site, sequence)).length;
      await site.until(async () => (await ended()) >= (kill * JOBS) / (KILLS + 4));
      // In the middle of a write first, then of reads.
      let victim: WorkerProcess | undefined;
      await site.until(async () => {
        const { jobs: running } = await site.store.list({ client: CALLER.client, states: ['running'], limit: JOBS });
        const job = running.find(({ write }) => write === (kill === 1));
        victim = workers.find(({ id }) => id === job?.worker);
        victim?.child.kill('SIGKILL');
        return victim !== undefined;
      });
      workers.splice(workers.indexOf(victim as WorkerProcess), 1);
      expect(await victim?.ended).toMatchObject({ signal: 'SIGKILL' });
      workers.push(await site.startWorker(SETTINGS));
    }
    await everythingEnded(site, [...ids.values()]);

    const endings = await endingsSince(site, sequence);
    expect(endings.length).toBe(JOBS);
    expect(new Set(endings)).toEqual(new Set(ids.values()));

    const jobs = new Map<number, JobRecord>();
    for (const [n, id] of ids) jobs.set(n, (await site.store.find(id)) as JobRecord);
    // Some of each were taken over, or this has proved nothing.
    for (const kind of [true, false])
      expect([...jobs].some(([n, job]) => isWrite(n) === kind && job.attempts > 1)).toBe(true);

    for (const [n, job] of jobs) {
      if (isWrite(n)) continue;
      expect(job, JSON.stringify(job)).toMatchObject({ state: 'succeeded' });
      expect(await site.store.readPage(job.id, 0)).toEqual(rowsOf(n));
      expect(job.result).toMatchObject({ rowCount: 1, pageCount: 1 });
    }

    const written = await site.gateway.query(CALLER, {
      sql: 'select n from crash.public.written order by n',
      maxRows: 1_000,
    });
    const said = [...jobs].filter(([n, job]) => isWrite(n) && job.state === 'succeeded').map(([n]) => n);
    expect(written.rows.map(([n]) => n)).toEqual(said.sort((a, b) => a - b));
    // The local Snowflake lives, so every outcome could be asked for.
    expect(said).toHaveLength(WRITES);

    // Nobody who was late has changed anything since.
    const after = await Promise.all([...ids.values()].map((id) => site.store.find(id)));
    expect(after).toEqual([...jobs.values()]);
    expect((await site.store.stats()).total_active).toBe(0);
  });
});

async function everythingEnded(site: Site, ids: readonly string[]): Promise<void> {
  for (const id of ids) await site.jobWhen(id, (job) => FINAL_STATES.has(job.state), 60_000);
}

async function endingsSince(site: Site, sequence: number): Promise<string[]> {
  const endings: string[] = [];
  for (let from = sequence; ; ) {
    const { ids, sequence: next } = await site.store.settledSince(from, 1_000);
    if (ids.length === 0) return endings;
    endings.push(...ids);
    from = next;
  }
}
