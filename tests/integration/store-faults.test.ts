import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseFolder } from '../../src/cli/doctor/database-file.js';
import type { SnowError } from '../../src/errors/snow-error.js';
import { backupStore } from '../../src/store/sqlite/backup.js';
import { migrate, migrationStatus } from '../../src/store/sqlite/migrator.js';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import { admission, admitted, claimOne, holdOf, ROOMY } from '../contract/store-harness.js';

async function refusalOf(path: string): Promise<SnowError['data']> {
  try {
    const store = await openSqliteStore({ path });
    await store.close();
  } catch (failure) {
    return (failure as SnowError).data;
  }
  throw new Error('it was opened');
}

describe('a store that cannot be used says why', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mcp-snow-faults-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('a file that is no database', async () => {
    const path = join(folder, 'notes.txt');
    await writeFile(path, 'milk, bread, butter\n'.repeat(100));
    expect(await refusalOf(path)).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: `${path} is not an SQLite database.`,
      hint: expect.stringContaining('--db'),
    });
  });

  it("another program's database, which stays as it was", async () => {
    const path = join(folder, 'other.db');
    const other = new Database(path);
    other.exec('CREATE TABLE recipes (name TEXT)');
    other.close();
    expect(await refusalOf(path)).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('another program'),
    });
    const again = new Database(path);
    expect(again.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['recipes']);
    expect(again.pragma('journal_mode', { simple: true })).toBe('delete');
    again.close();
  });

  it('a folder, a path below a file, a place where nothing can be made', async () => {
    expect(await refusalOf(folder)).toMatchObject({ code: 'STORE_UNAVAILABLE', hint: expect.any(String) });
    await writeFile(join(folder, 'file'), 'x');
    expect(await refusalOf(join(folder, 'file', 'store.db'))).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await refusalOf('/proc/mcp-snow/store.db')).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('a newer schema, with both versions and what to do', async () => {
    const path = join(folder, 'store.db');
    await migrate(path);
    const { latest } = await migrationStatus(path);
    const db = new Database(path);
    db.prepare("INSERT INTO schema_migrations VALUES (?, 'from_the_future', 0)").run(latest + 7);
    db.pragma(`user_version = ${latest + 7}`);
    db.close();
    expect(await refusalOf(path)).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(new RegExp(`${latest + 7}.*${latest}`)),
      hint: expect.stringContaining('upgrade'),
    });
  });

  it('a damaged database', async () => {
    const path = join(folder, 'store.db');
    await migrate(path);
    const db = new Database(path);
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    await writeFile(path, Buffer.alloc(8_192, 0xa5), { flag: 'r+' });
    expect(await refusalOf(path)).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('another program that holds the lock for a moment only delays', async () => {
    const path = join(folder, 'store.db');
    const store = await openSqliteStore({ path });
    const other = new Database(path);
    try {
      other.exec('BEGIN IMMEDIATE');
      let done = false;
      const id = admitted(store).then((admittedId) => {
        done = true;
        return admittedId;
      });
      const turnsMeanwhile = await new Promise<number>((resolve) => {
        let turns = 0;
        const tick = setInterval(() => {
          turns += 1;
          if (turns < 20) return;
          clearInterval(tick);
          resolve(turns);
        }, 2);
      });
      expect(turnsMeanwhile).toBe(20);
      expect(done).toBe(false);
      expect(await store.stats()).toMatchObject({ total_queued: 0 });
      other.exec('COMMIT');
      expect(await store.find(await id)).toMatchObject({ state: 'queued' });
    } finally {
      other.close();
      await store.close();
    }
  });
});

const canMount = ((): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const probe = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', '/mnt']);
  return probe.status === 0;
})();

describe('a file system that', () => {
  if (!canMount) {
    it.skip('SKIPPED: this user cannot mount a small tmpfs here, so a really full disk cannot be tried', () => {});
    return;
  }

  let mountPoint: string;
  beforeEach(async () => {
    mountPoint = await mkdtemp(join(tmpdir(), 'mcp-snow-full-'));
    await mkdir(mountPoint, { recursive: true });
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mountPoint]);
    if (mounted.status !== 0) throw new Error(`mount failed: ${mounted.stderr}`);
  });
  afterEach(async () => {
    spawnSync('umount', [mountPoint]);
    await rm(mountPoint, { recursive: true, force: true });
  });

  it('becomes read-only takes nothing, answers what can be read, and goes on when it is writable again', async () => {
    const path = join(mountPoint, 'store.db');
    const store = await openSqliteStore({ path });
    const id = await admitted(store);
    const remount = (mode: 'ro' | 'rw') => {
      const done = spawnSync('mount', ['-o', `remount,${mode}`, mountPoint]);
      if (done.status !== 0) throw new Error(`remount failed: ${done.stderr}`);
    };
    await store.close();
    remount('ro');
    expect(await refusalOf(path)).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: `${path} cannot be written.`,
      hint: expect.stringContaining('--db'),
    });
    expect(() => databaseFolder(path)).toThrow(/cannot be written/);
    remount('rw');
    const again = await openSqliteStore({ path });
    expect(await again.find(id)).toMatchObject({ state: 'queued' });
    await admitted(again);
    await again.close();
  });

  it('is full fails what does not fit, loses nothing that was said to be there, and goes on once there is room', async () => {
    const path = join(mountPoint, 'store.db');
    const store = await openSqliteStore({ path, bounds: ROOMY });
    const kept: string[] = [];
    const held = holdOf(await admitted(store).then(() => claimOne(store)));
    kept.push(held.id);
    const ballast = join(mountPoint, 'ballast');
    await writeFile(ballast, Buffer.alloc(512 * 1024));
    let failure: SnowError | undefined;
    for (let round = 0; round < 200 && failure === undefined; round += 1) {
      const batch = Array.from({ length: 20 }, () => admission({ payload: { sql: 'x'.repeat(2_000) } }));
      const outcomes = await Promise.allSettled(batch.map((asked) => store.admit(asked)));
      for (const [n, outcome] of outcomes.entries()) {
        if (outcome.status === 'fulfilled') kept.push(batch[n]?.id as string);
        else failure = outcome.reason as SnowError;
      }
    }
    expect(failure?.data).toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('full') });

    expect(databaseFolder(path)).toMatchObject([{ state: 'wrong', hint: expect.stringContaining('Free some space') }]);
    const lost = await backupStore(path, join(mountPoint, 'copy.db')).catch((thrown: unknown) => thrown);
    expect(lost).toMatchObject({ data: { code: 'STORE_UNAVAILABLE', message: expect.stringContaining('full') } });
    expect((await readdir(mountPoint)).filter((name) => name.startsWith('copy'))).toEqual([]);

    const ids = async (): Promise<string[]> => {
      const found: string[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await store.list({ limit: 1_000, ...(cursor !== undefined && { cursor }) });
        found.push(...page.jobs.map((job) => job.id));
        cursor = page.nextCursor;
        if (cursor === undefined) return found.sort();
      }
    };
    expect(await ids()).toEqual([...kept].sort());

    await rm(ballast);
    kept.push(await admitted(store));
    expect(await store.heartbeat('worker-1', 10_000, [held])).toMatchObject([{ verdict: 'held' }]);
    await store.close();

    const db = new Database(path);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.prepare('SELECT count(*) FROM jobs').pluck().get()).toBe(kept.length);
    db.close();
  });
});
