import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { localDataDir } from '../../src/local/host/data-dir.js';
import { HOST_USER } from '../../src/local/host/host-file.js';
import { ensureLocalHost, stopLocalHost } from '../../src/local/host/launcher.js';
import type { Json } from '../../src/store/job.js';
import type { WarehouseConnection } from '../../src/warehouse/connection.js';
import { openConnection } from '../../src/warehouse/snowflake/connection.js';
import { Site } from './site.js';

const CALLER = { client: 'canceller' };
/** Of workers that are killed: nothing is waited for as long as for their leases to end. */
const SETTINGS = { leaseMs: 1_500, concurrency: 2 };
/** Of workers that take over: they load a driver and may get no processor for a second, and keep what they have claimed. */
const PATIENT = { ...SETTINGS, leaseMs: 20_000 };

describe('a write whose worker was killed, and that somebody cancels before another has taken it over', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.open();
    const worker = await site.startWorker(PATIENT);
    for (const sql of ['create database c', 'create table c.public.t (n number(38,0))']) {
      const made = await site.gateway.query(CALLER, { sql });
      expect(made.error).toBeUndefined();
    }
    worker.child.kill('SIGTERM');
    await worker.ended;
  });

  afterEach(() => site.endWorkers('SIGKILL'));
  afterAll(() => site.close());

  const rowsOf = (n: number) => answerOf(`select count(*) from c.public.t where n = ${n}`);
  const hasArrived = (sql: string) =>
    answerOf(
      `select count(*) from table(c.information_schema.query_history()) where query_text = '${sql.replaceAll("'", "''")}'`,
    );

  /** A connection past the queue. */
  async function direct(): Promise<WarehouseConnection> {
    const host = await ensureLocalHost({ dataDir: localDataDir(site.db) });
    const options = { accessUrl: host.url, account: 'local', username: HOST_USER, password: host.token };
    return await openConnection({ name: 'local', local: true, options });
  }

  async function answer(connection: WarehouseConnection, sql: string): Promise<Json | undefined> {
    let first: Json | undefined;
    await connection.execute({
      sql,
      requestId: randomUUID(),
      queryTag: '',
      maxRows: 1,
      maxBytes: 1_000,
      timeoutMs: 10_000,
      stallMs: 10_000,
      onRows: async (rows) => {
        first = rows[0]?.[0];
      },
    });
    return first;
  }

  async function answerOf(sql: string): Promise<Json | undefined> {
    const connection = await direct();
    try {
      return await answer(connection, sql);
    } finally {
      await connection.close();
    }
  }

  it.each([
    [1, 'goes on', async () => {}],
    [2, 'was started anew', async () => stopLocalHost(localDataDir(site.db))],
  ])('succeeded if it took effect (%i): the warehouse %s', { timeout: 60_000 }, async (n, _what, meanwhile) => {
    const victim = await site.startWorker(SETTINGS);
    // Somebody's open transaction makes the write wait until its worker is stopped.
    const other = await direct();
    for (const step of ['begin', 'update c.public.t set n = n']) await answer(other, step);
    const sql = `merge into c.public.t using (select ${n} as n) as s on t.n = s.n when not matched then insert (n) values (s.n)`;
    const { job_id: id } = await site.gateway.startQuery(CALLER, { sql });
    await site.until(async () => (await hasArrived(sql)) === 1);
    victim.child.kill('SIGSTOP');
    await answer(other, 'commit');
    await other.close();
    await site.until(async () => (await rowsOf(n)) === 1);
    victim.child.kill('SIGKILL');
    await victim.ended;
    const attempts = (await site.store.find(id))?.attempts ?? 0;
    await meanwhile();
    expect(await site.store.cancel(id, 'not needed any more')).toEqual({ outcome: 'requested' });

    await site.startWorker(PATIENT);
    const job = await site.jobWhen(id, ({ finishedAt }) => finishedAt !== undefined);
    expect(job).toMatchObject({ state: 'succeeded', attempts: attempts + 1, result: { rowsAffected: 1 } });
    expect(await rowsOf(n)).toBe(1);
  });
});
