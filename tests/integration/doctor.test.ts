import { chmod, mkdir, mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { breakers, httpAccess } from '../../src/cli/doctor/access.js';
import { databaseFile, databaseFolder } from '../../src/cli/doctor/database-file.js';
import type { Finding } from '../../src/cli/doctor/finding.js';
import { localSnowflake } from '../../src/cli/doctor/local-snowflake.js';
import { clock, jobs, workers } from '../../src/cli/doctor/queue-state.js';
import { bootId } from '../../src/local/host/boot-id.js';
import { writeHostFile } from '../../src/local/host/host-file.js';
import type { QueueFindings } from '../../src/store/sqlite/examine.js';
import { migrate } from '../../src/store/sqlite/migrator.js';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import { admitted, claimOne, LANE, ROOMY } from '../contract/store-harness.js';

const OVERDUE_MS = 60_000;
const HOUR_MS = 3_600_000;
const monotonicNow = () => Number(process.hrtime.bigint()) / 1e6;

function worst(findings: readonly Finding[]): Finding | undefined {
  return (
    findings.find(({ state }) => state === 'wrong') ?? findings.find(({ state }) => state === 'warning') ?? findings[0]
  );
}

describe('doctor', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mcp-snow-doctor-'));
    path = join(folder, 'store.db');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function queueOf(): Promise<QueueFindings> {
    const { examination } = await databaseFile(path, OVERDUE_MS);
    if (examination?.queue === undefined) throw new Error('the file could not be looked into');
    return examination.queue;
  }

  describe('looks at the file and', () => {
    it('changes nothing of it, not even its schema', async () => {
      const migrations = join(import.meta.dirname, '..', '..', 'migrations');
      const first = join(folder, 'migrations');
      await mkdir(first);
      await writeFile(join(first, '0001_jobs.sql'), await readFile(join(migrations, '0001_jobs.sql')));
      await migrate(path, first);
      const before = await readFile(path);
      const { findings } = await databaseFile(path, OVERDUE_MS);
      expect(worst(findings)).toMatchObject({
        state: 'warning',
        found: expect.stringContaining('schema version 1 of'),
        hint: expect.stringContaining('mcp-snow migrate'),
      });
      expect(await readFile(path)).toEqual(before);
    });

    it('says of a newer schema that this program is to be upgraded', async () => {
      await migrate(path);
      const db = new Database(path);
      db.prepare("INSERT INTO schema_migrations VALUES (900, 'later', 0)").run();
      db.close();
      expect(worst((await databaseFile(path, OVERDUE_MS)).findings)).toMatchObject({
        state: 'warning',
        found: expect.stringContaining('schema version 900, newer'),
      });
    });

    it('names a damaged page, and the way back', async () => {
      const store = await openSqliteStore({ path, bounds: ROOMY });
      for (let n = 0; n < 50; n += 1) await admitted(store, { payload: { sql: 'x'.repeat(2_000) } });
      await store.close();
      const db = new Database(path);
      const root = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'job_work'").pluck().get());
      db.close();
      const bytes = await readFile(path);
      bytes.fill(0xa5, (root - 1) * 4_096, root * 4_096);
      await writeFile(path, bytes);
      const found = worst((await databaseFile(path, OVERDUE_MS)).findings);
      expect(found).toMatchObject({ state: 'wrong', hint: expect.stringContaining('mcp-snow restore') });
      expect(found?.found).toMatch(new RegExp(`damaged: .*\\b${root}\\b`));
    });

    it('sees that others may read it, that it was deleted in use, that the bell cannot ring', async () => {
      const store = await openSqliteStore({ path });
      await chmod(path, 0o644);
      expect(worst((await databaseFile(path, OVERDUE_MS)).findings)).toMatchObject({
        state: 'warning',
        hint: `It holds statements and results: chmod 600 ${path}`,
      });
      await chmod(path, 0o600);
      await unlink(`${path}-bell`);
      await mkdir(`${path}-bell`);
      expect(worst((await databaseFile(path, OVERDUE_MS)).findings)).toMatchObject({ check: 'bell', state: 'wrong' });
      await unlink(path);
      expect(worst((await databaseFile(path, OVERDUE_MS)).findings)).toMatchObject({
        state: 'wrong',
        found: expect.stringContaining('is gone, but'),
      });
      await store.close();
    });

    it('finds a healthy one healthy', async () => {
      const store = await openSqliteStore({ path });
      const { findings } = await databaseFile(path, OVERDUE_MS);
      expect(findings.map(({ state }) => state)).toEqual(['ok']);
      expect(databaseFolder(path).map(({ check }) => check)).toEqual(['folder']);
      await store.close();
    });
  });

  describe('looks into the queue and', () => {
    const worker = { id: 'w', pid: 1, host: 'h', lanes: [LANE], concurrency: 1, heartbeatMs: 1_000 };

    it('names jobs that nobody works on, and in which lane', async () => {
      const store = await openSqliteStore({ path, now: () => Date.now() - HOUR_MS });
      await admitted(store, { lane: 'prod:sql' });
      expect(worst(workers(await queueOf()))).toMatchObject({
        state: 'wrong',
        found: '1 jobs wait and no worker is there',
      });
      const now = await openSqliteStore({ path });
      await now.registerWorker(worker);
      expect(worst(workers(await queueOf()))).toMatchObject({ state: 'ok', found: '1 at work' });
      expect(worst(jobs(await queueOf()))).toMatchObject({
        state: 'wrong',
        found: expect.stringContaining('prod:sql'),
        hint: expect.stringContaining('--lanes prod:sql'),
      });
      await store.close();
      await now.close();
    });

    it('names workers that are lost and the jobs they hold', async () => {
      const before = await openSqliteStore({ path, monotonicNow: () => monotonicNow() - 200_000 });
      await before.registerWorker(worker);
      await admitted(before);
      await claimOne(before);
      expect(worst(workers(await queueOf()))).toMatchObject({ found: '1 not heard of any more' });
      expect(worst(jobs(await queueOf()))).toMatchObject({
        state: 'wrong',
        found: '1 are held by workers that are gone',
      });
      await before.close();
    });

    it('sees that the clock was set back, and that it was moved', async () => {
      const ahead = await openSqliteStore({ path, now: () => Date.now() + HOUR_MS });
      await admitted(ahead);
      await ahead.registerWorker(worker);
      const found = clock(await queueOf());
      expect(found.map(({ state }) => state)).toEqual(['warning', 'warning']);
      expect(found[0]?.found).toContain('in the future');
      expect(found[1]?.found).toContain('moved back');
      await ahead.close();
    });

    it('sees an open breaker', async () => {
      const store = await openSqliteStore({ path });
      await store.setBreaker('prod', 'open', { by: 'ops', reason: 'maintenance', hold: true });
      expect(worst(await breakers(store))).toMatchObject({
        state: 'warning',
        found: expect.stringContaining('prod is open by hand: maintenance'),
        hint: expect.stringContaining('breaker close prod'),
      });
      expect((await httpAccess(store)).map(({ check }) => check)).toEqual(['http']);
      await store.close();
    });
  });

  it('compares the version of the local Snowflake that runs', async () => {
    const server = createServer((_request, response) => {
      response.end(JSON.stringify({ status: 'ok', pid: process.pid }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    writeHostFile(folder, {
      url,
      token: 't0ken-t0ken',
      pid: process.pid,
      bootId: bootId(),
      startedAt: 0,
      version: '0.0.1',
    });
    try {
      const found = await localSnowflake(folder);
      expect(worst(found)).toMatchObject({
        state: 'warning',
        found: expect.stringContaining('version 0.0.1; this is'),
      });
      expect(JSON.stringify(found)).not.toContain('t0ken');
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
