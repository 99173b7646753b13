import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, truncate, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SnowError } from '../../src/errors/snow-error.js';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import type { Store } from '../../src/store/store.js';
import { admitted, ROOMY } from '../contract/store-harness.js';
import { refusalOf } from './refusal-of.js';

const ENQUEUER = join(import.meta.dirname, 'store-enqueuer.mjs');

function integrity(path: string): unknown {
  const db = new Database(path);
  try {
    return db.pragma('integrity_check', { simple: true });
  } finally {
    db.close();
  }
}

async function jobIds(path: string): Promise<string[]> {
  const store = await openSqliteStore({ path });
  try {
    return (await store.list({ limit: 1_000 })).jobs.map((job) => job.id).sort();
  } finally {
    await store.close();
  }
}

describe('files taken away from under an open store', () => {
  let folder: string;
  let path: string;
  let store: Store;
  let told: Promise<SnowError>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mcp-snow-lost-'));
    path = join(folder, 'store.db');
    store = await openSqliteStore({ path, bounds: ROOMY });
    told = new Promise((resolve) => store.onUnusable(resolve));
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('a deleted database takes no job any more, tells of it, and leaves a new one at its place alone', async () => {
    await admitted(store);
    await unlink(path);
    const refused = await refusalOf(admitted(store));
    expect(refused).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: `${path} was deleted while it was in use.`,
      hint: expect.stringContaining('start again'),
    });
    expect((await told).data).toEqual(refused);
    expect(await refusalOf(store.stats())).toEqual(refused);
    for (const suffix of ['-wal', '-shm']) await unlink(path + suffix);
    const anew = await openSqliteStore({ path });
    const id = await admitted(anew);
    await store.close();
    expect(await anew.find(id)).toMatchObject({ state: 'queued' });
    expect(await admitted(anew)).not.toBe(id);
    await anew.close();
    expect(integrity(path)).toBe('ok');
    expect(await jobIds(path)).toHaveLength(2);
  });

  it('another file at its place is noticed without anything being written', async () => {
    const kept = `${path}.kept`;
    await rename(path, kept);
    const other = new Database(path);
    other.exec('CREATE TABLE recipes (name TEXT)');
    other.close();
    expect((await told).data.message).toBe(`${path} was replaced while it was in use.`);
    const before = await readFile(path);
    await store.close();
    expect(await readFile(path)).toEqual(before);
  });

  it('of a deleted WAL everything that was answered for is saved when the process ends', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, () => admitted(store)));
    await unlink(`${path}-wal`);
    expect(await refusalOf(admitted(store))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: `${path}-wal was deleted while it was in use.`,
    });
    await store.close();
    expect(integrity(path)).toBe('ok');
    expect(await jobIds(path)).toEqual(ids.sort());
  });

  it('a deleted -shm, where the locks lie, ends writing before two can write at once', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, () => admitted(store)));
    await unlink(`${path}-shm`);
    const other = fork(ENQUEUER, [JSON.stringify({ path, client: 'bob', jobs: 20, atOnce: 1, tell: true })]);
    other.on('message', (message) => {
      if (typeof message === 'string' && message !== 'ready') ids.push(message);
    });
    await once(other, 'message');
    other.send('go');
    const ended = once(other, 'exit');
    expect((await told).data.message).toBe(`${path}-shm was replaced while it was in use.`);
    expect(await refusalOf(admitted(store))).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await ended).toEqual([0, null]);
    await store.close();
    expect(integrity(path)).toBe('ok');
    expect(ids).toHaveLength(70);
    expect(await jobIds(path)).toEqual(ids.sort());
  });

  it('a WAL cut short is not written on; the file goes back to its last state that is whole', async () => {
    const early = await admitted(store);
    await store.close();
    store = await openSqliteStore({ path, bounds: ROOMY });
    await admitted(store);
    await truncate(`${path}-wal`, 0);
    expect(await refusalOf(admitted(store))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: `${path}-wal was cut short by another program; what it held was lost.`,
      hint: expect.stringContaining('restore'),
    });
    await store.close();
    expect(integrity(path)).toBe('ok');
    expect(await jobIds(path)).toEqual([early]);
  });

  it('a WAL that SQLite itself starts anew and shortens is nothing to worry about', async () => {
    for (let n = 0; n < 5; n += 1) await admitted(store, { payload: { sql: 'x'.repeat(200_000) } });
    const other = new Database(path, { timeout: 0 });
    other.pragma('wal_checkpoint(TRUNCATE)');
    other.close();
    expect(await admitted(store)).toEqual(expect.any(String));
  });
});

describe('a schema that another process changes', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mcp-snow-newer-'));
    path = join(folder, 'store.db');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('ends writing and reading at once when programs have to know it', async () => {
    const store = await openSqliteStore({ path });
    const told = new Promise<SnowError>((resolve) => store.onUnusable(resolve));
    const id = await admitted(store);
    const newer = new Database(path);
    const known = Number(newer.prepare('SELECT max(version) FROM schema_migrations').pluck().get());
    newer.pragma(`user_version = ${known + 1}`);
    const refused = await refusalOf(admitted(store));
    expect(refused).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(`schema version ${known + 1}; this process knows versions up to ${known}`),
      hint: expect.stringContaining('Restart'),
    });
    expect((await told).data).toEqual(refused);
    expect(await refusalOf(store.find(id))).toEqual(refused);
    expect(newer.prepare('SELECT count(*) FROM jobs').pluck().get()).toBe(1);
    newer.close();
    await store.close();
  });
});
