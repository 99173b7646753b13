import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Bell } from '../../../src/store/sqlite/bell.js';
import { type Database, openDatabase } from '../../../src/store/sqlite/connection.js';

describe('the bell', () => {
  let folder: string;
  let path: string;
  const opened: { db: Database; bell: Bell }[] = [];

  const open = async () => {
    const db = await openDatabase(path, 'FULL');
    const one = { db, bell: new Bell(db, path) };
    opened.push(one);
    return one;
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mcp-snow-bell-'));
    path = join(folder, 'store.db');
  });
  afterEach(async () => {
    for (const { db, bell } of opened.splice(0)) {
      bell.close();
      db.close();
    }
    await rm(folder, { recursive: true, force: true });
  });

  it('is heard by another connection once something was committed, well before the poll', async () => {
    const [one, other] = [await open(), await open()];
    one.db.exec('CREATE TABLE t (x)');
    const heard = vi.fn();
    other.bell.onChange(heard);
    const delays: number[] = [];
    for (let n = 1; n <= 20; n += 1) {
      one.db.exec('INSERT INTO t VALUES (1)');
      const rungAt = performance.now();
      one.bell.ring();
      await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(n), { interval: 1, timeout: 2_000 });
      delays.push(performance.now() - rungAt);
    }
    delays.sort((a, b) => a - b);
    expect(delays[10]).toBeLessThan(100);
    expect((await stat(`${path}-bell`)).size).toBeLessThanOrEqual(1);
  });

  it('tells its own listeners at once, once for all rings of a turn, and no echo later', async () => {
    const { bell } = await open();
    const heard = vi.fn();
    bell.onChange(heard);
    bell.ring();
    bell.ring();
    await vi.waitFor(() => expect(heard).toHaveBeenCalled());
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('without a ring, a commit is seen by the slow poll', async () => {
    const [one, other] = [await open(), await open()];
    const heard = vi.fn();
    other.bell.onChange(heard);
    one.db.exec('CREATE TABLE t (x)');
    await vi.waitFor(() => expect(heard).toHaveBeenCalled(), { timeout: 5_000 });
  });

  it('is not heard any more after the listener left', async () => {
    const { bell } = await open();
    const [gone, there] = [vi.fn(), vi.fn()];
    const leave = bell.onChange(gone);
    bell.onChange(there);
    leave();
    bell.ring();
    await vi.waitFor(() => expect(there).toHaveBeenCalled());
    expect(gone).not.toHaveBeenCalled();
  });

  it('keeps no process alive', async () => {
    const script = `
      import { openSqliteStore } from ${JSON.stringify(join(process.cwd(), 'dist/store/sqlite/open.js'))};
      const store = await openSqliteStore({ path: ${JSON.stringify(path)} });
      store.onChange(() => {});
      await store.getSession('ada', 'default');
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });
});
