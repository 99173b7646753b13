import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/store/sqlite/connection.js';
import { migrate, migrationStatus } from '../../../src/store/sqlite/migrator.js';

describe('migrations', () => {
  let folder: string;
  let path: string;
  let migrations: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mcp-snow-migrations-'));
    path = join(folder, 'store.db');
    migrations = join(folder, 'migrations');
    await mkdir(migrations);
    await writeFile(join(migrations, '0001_first.sql'), 'CREATE TABLE a (x); INSERT INTO a VALUES (1);');
    await writeFile(join(migrations, '0002_second.sql'), 'CREATE TABLE b (x);');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('tell what is missing without making anything', async () => {
    expect(await migrationStatus(path, migrations)).toEqual({
      path,
      exists: false,
      current: 0,
      latest: 2,
      pending: [
        { version: 1, name: 'first' },
        { version: 2, name: 'second' },
      ],
    });
    expect(existsSync(path)).toBe(false);
  });

  it('are applied in order, once', async () => {
    expect(await migrate(path, migrations)).toEqual({
      applied: [
        { version: 1, name: 'first' },
        { version: 2, name: 'second' },
      ],
    });
    expect(await migrate(path, migrations)).toEqual({ applied: [] });
    await writeFile(join(migrations, '0003_third.sql'), 'CREATE TABLE c (x);');
    expect(await migrationStatus(path, migrations)).toMatchObject({ current: 2, pending: [{ version: 3 }] });
    expect(await migrate(path, migrations)).toEqual({ applied: [{ version: 3, name: 'third' }] });
  });

  it('are applied once by several at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => migrate(path, migrations)));
    expect(all.flatMap((each) => each.applied.map((migration) => migration.version)).sort()).toEqual([1, 2]);
    const db = await openDatabase(path, 'FULL');
    expect(db.prepare('SELECT count(*) FROM a').pluck().get()).toBe(1);
    db.close();
  });

  it('leave nothing of one that fails, and keep those before it', async () => {
    await writeFile(join(migrations, '0002_second.sql'), 'CREATE TABLE b (x); INSERT INTO nowhere VALUES (1);');
    await expect(migrate(path, migrations)).rejects.toThrow('nowhere');
    expect(await migrationStatus(path, migrations)).toMatchObject({ current: 1 });
    const db = await openDatabase(path, 'FULL');
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name IN ('a', 'b')").pluck().all()).toEqual(['a']);
    db.close();
  });
});
