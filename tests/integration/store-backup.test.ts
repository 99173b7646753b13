import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupStore } from '../../src/store/sqlite/backup.js';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import { restoreStore } from '../../src/store/sqlite/restore.js';
import { admitted, claim, claimOne, holdOf, ROOMY, SUCCESS } from '../contract/store-harness.js';
import { refusalOf } from './refusal-of.js';

const ENQUEUER = join(import.meta.dirname, 'store-enqueuer.mjs');

describe('a backup', () => {
  let folder: string;
  let path: string;
  let copy: string;
  let children: ChildProcess[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mcp-snow-backup-'));
    path = join(folder, 'store.db');
    copy = join(folder, 'copy.db');
    children = [];
  });
  afterEach(async () => {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  /** A process that queues jobs until it is killed, and says the id of each. */
  async function load(client: string, answered: string[]): Promise<ChildProcess> {
    const child = fork(ENQUEUER, [JSON.stringify({ path, client, jobs: 1_000_000, atOnce: 10, tell: true })]);
    children.push(child);
    await once(child, 'message');
    child.on('message', (id: string) => answered.push(id));
    child.send('go');
    return child;
  }

  it('while others write is one moment of the store: whole, checked, for its owner only', async () => {
    const answered: string[] = [];
    const loads = await Promise.all([load('ada', answered), load('bob', answered)]);
    while (answered.length < 500) await once(loads[0] as ChildProcess, 'message');
    let before: readonly string[];
    let report: Awaited<ReturnType<typeof backupStore>>;
    // Writers that had no core for that moment have proved nothing: once more.
    do {
      before = [...answered];
      report = await backupStore(path, copy, { force: true });
    } while (answered.length === before.length);
    const atEnd = answered.length;
    while (answered.length < atEnd + 50) await once(loads[0] as ChildProcess, 'message');
    expect(report.bytes).toBe(statSync(copy).size);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);
    const db = new Database(copy, { readonly: true });
    try {
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      const ids = new Set(db.prepare('SELECT id FROM jobs').pluck().all());
      expect(before.filter((id) => !ids.has(id))).toEqual([]);
      expect(db.prepare('SELECT queued FROM queue').pluck().get()).toBe(ids.size);
      expect(db.prepare('SELECT count(*) FROM job_work').pluck().get()).toBe(ids.size);
    } finally {
      db.close();
    }
  });

  it('overwrites nothing without being told to, and never a store in use or itself', async () => {
    const store = await openSqliteStore({ path });
    await admitted(store);
    await writeFile(copy, 'precious');
    expect(await refusalOf(backupStore(path, copy))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      hint: expect.stringContaining('--force'),
    });
    expect(await readFile(copy, 'utf8')).toBe('precious');
    expect(await refusalOf(backupStore(path, path, { force: true }))).toMatchObject({
      message: `${path} is the database itself.`,
    });
    await backupStore(path, copy, { force: true });
    const other = await openSqliteStore({ path: copy });
    expect(await other.stats()).toMatchObject({ total_queued: 1 });
    expect(await refusalOf(backupStore(path, copy, { force: true }))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('in use'),
    });
    await other.close();
    await store.close();
  });

  it('of nothing, of another file, of a damaged one, to a place that is not there: is refused and leaves nothing', async () => {
    expect(await refusalOf(backupStore(path, copy))).toMatchObject({ code: 'NOT_FOUND' });
    await writeFile(path, 'milk, bread, butter\n'.repeat(100));
    expect(await refusalOf(backupStore(path, copy))).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const store = await openSqliteStore({ path: join(folder, 'other.db'), bounds: ROOMY });
    for (let n = 0; n < 50; n += 1) await admitted(store, { payload: { sql: 'x'.repeat(2_000) } });
    await store.close();
    expect(await refusalOf(backupStore(join(folder, 'other.db'), join(folder, 'no', 'copy.db')))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: `There is no folder ${join(folder, 'no')}.`,
    });
    const damaged = await readFile(join(folder, 'other.db'));
    damaged.fill(0xa5, 40_960, 61_440);
    await writeFile(join(folder, 'other.db'), damaged);
    expect(await refusalOf(backupStore(join(folder, 'other.db'), copy))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('damaged'),
    });
    expect((await readdir(folder)).filter((name) => name.startsWith('copy'))).toEqual([]);
  });

  describe('that is restored', () => {
    it('brings back jobs, sessions and results; the file that was there is kept', async () => {
      const store = await openSqliteStore({ path });
      await store.setSession('ada', 'default', { database: 'ONE' });
      const done = holdOf(await admitted(store).then(() => claimOne(store)));
      await store.settle(done, SUCCESS, { page: 0, rows: [[42]] });
      const waiting = await admitted(store);
      await backupStore(path, copy);
      await store.setSession('ada', 'default', { database: 'TWO' });
      const later = await admitted(store);
      await store.close();

      const report = await restoreStore(path, copy);
      expect(report).toMatchObject({ queued: 1, asked: 0, unknown: 0, kept: expect.stringContaining('.before-') });
      const restored = await openSqliteStore({ path });
      expect(await restored.find(done.id)).toMatchObject({ state: 'succeeded' });
      expect(await restored.readPage(done.id, 0)).toEqual([[42]]);
      expect(await restored.find(waiting)).toMatchObject({ state: 'queued' });
      expect(await restored.find(later)).toBeUndefined();
      expect((await restored.getSession('ada', 'default')).context).toMatchObject({ database: 'ONE' });
      await restored.close();
      expect(statSync(path).mode & 0o777).toBe(0o600);

      await restoreStore(path, String(report.kept));
      const back = await openSqliteStore({ path });
      expect(await back.find(later)).toMatchObject({ state: 'queued' });
      await back.close();
    });

    it('lets no write run twice: sent ones are asked for, of the others it says that it cannot know', async () => {
      let store = await openSqliteStore({ path, bounds: ROOMY });
      const sent = holdOf(await admitted(store, { write: true }).then(() => claimOne(store)));
      await store.dispatch(sent, '5d9c68c6-c50e-4f3f-9c8f-3a1c2f4b0001');
      const long = holdOf(await admitted(store, { write: true }).then(() => claimOne(store)));
      await store.dispatch(long, '5d9c68c6-c50e-4f3f-9c8f-3a1c2f4b0002');
      const claimed = holdOf(await admitted(store, { write: true }).then(() => claimOne(store)));
      const reading = holdOf(await admitted(store).then(() => claimOne(store)));
      const write = await admitted(store, { write: true });
      await store.registerWorker({
        id: 'worker-1',
        pid: 1,
        host: 'h',
        lanes: ['local:sql'],
        concurrency: 1,
        heartbeatMs: 1_000,
      });
      await store.close();
      const db = new Database(path);
      db.prepare('UPDATE jobs SET dispatched_at = dispatched_at - 7200000 WHERE id = ?').run(long.id);
      db.close();
      await backupStore(path, copy);

      expect(await restoreStore(path, copy)).toMatchObject({ queued: 1, asked: 1, unknown: 3 });
      store = await openSqliteStore({ path, bounds: ROOMY });
      expect(await store.listWorkers()).toEqual([]);
      for (const id of [long.id, claimed.id, write])
        expect(await store.find(id)).toMatchObject({
          state: 'failed',
          error: { code: 'OUTCOME_UNKNOWN', hint: expect.stringContaining('jobs retry') },
        });
      await store.sweep();
      const taken = await claim(store, { worker: 'worker-2', slots: 10 });
      expect(taken.map(({ job }) => job.id).sort()).toEqual([sent.id, reading.id].sort());
      expect(taken.find(({ job }) => job.id === sent.id)?.takeover?.requestId).toBe(
        '5d9c68c6-c50e-4f3f-9c8f-3a1c2f4b0001',
      );
      expect(await store.stats()).toMatchObject({ total_active: 2, total_queued: 0 });
      await store.close();
    });

    it('is refused while a process has the store open, which is named; nothing has changed then', async () => {
      const answered: string[] = [];
      const child = await load('ada', answered);
      while (answered.length < 20) await once(child, 'message');
      await backupStore(path, copy);
      expect(await refusalOf(restoreStore(path, copy))).toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: `${path} is in use by process ${child.pid}; nothing was changed.`,
        hint: expect.stringContaining('End all'),
      });
      const soFar = answered.length;
      while (answered.length < soFar + 20) await once(child, 'message');
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(await restoreStore(path, copy)).toMatchObject({ unknown: 0 });
    });

    it('takes the place of a damaged store, and of none', async () => {
      const store = await openSqliteStore({ path });
      const id = await admitted(store);
      await backupStore(path, copy);
      await store.close();
      await writeFile(path, Buffer.alloc(4_096, 0xa5), { flag: 'r+' });
      expect(await refusalOf(openSqliteStore({ path }))).toMatchObject({ code: 'STORE_UNAVAILABLE' });
      const { kept } = await restoreStore(path, copy);
      expect(existsSync(String(kept))).toBe(true);
      const fresh = join(folder, 'new', 'store.db');
      expect(await restoreStore(fresh, copy)).not.toHaveProperty('kept');
      for (const file of [path, fresh]) {
        const restored = await openSqliteStore({ path: file });
        expect(await restored.find(id)).toMatchObject({ state: 'queued' });
        await restored.close();
      }
    });

    it('is not used when it is damaged or newer; the store stays', async () => {
      const store = await openSqliteStore({ path });
      const id = await admitted(store);
      await backupStore(path, copy);
      await store.close();
      const newer = new Database(copy);
      const known = Number(newer.prepare('SELECT max(version) FROM schema_migrations').pluck().get());
      newer.prepare("INSERT INTO schema_migrations VALUES (?, 'later', 0)").run(known + 3);
      newer.pragma(`user_version = ${known + 3}`);
      newer.close();
      expect(await refusalOf(restoreStore(path, copy))).toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringContaining(`version ${known + 3}`),
      });
      await writeFile(copy, 'not a backup');
      expect(await refusalOf(restoreStore(path, copy))).toMatchObject({ code: 'STORE_UNAVAILABLE' });
      expect(await refusalOf(restoreStore(path, join(folder, 'none.db')))).toMatchObject({ code: 'NOT_FOUND' });
      expect((await readdir(folder)).sort()).toEqual(['copy.db', 'store.db', 'store.db-bell']);
      const still = await openSqliteStore({ path });
      expect(await still.find(id)).toMatchObject({ state: 'queued' });
      await still.close();
    });
  });
});
