import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../../src/store/sqlite/connection.js';
import { GroupCommit } from '../../../src/store/sqlite/group-commit.js';

describe('group commit', () => {
  let folder: string;
  let db: Database;
  let commits: number;
  let group: GroupCommit;
  const make = (batchMs?: number) =>
    new GroupCommit(db, {
      path: 'test.db',
      ...(batchMs !== undefined && { batchMs }),
      onCommit: () => {
        commits += 1;
        return 0;
      },
    });
  const insert = (value: number) => () => db.prepare('INSERT INTO t VALUES (?)').run(value).changes;
  const values = () => db.prepare('SELECT v FROM t ORDER BY v').pluck().all();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mcp-snow-group-'));
    db = await openDatabase(join(folder, 'test.db'), 'FULL');
    db.exec('CREATE TABLE t (v INTEGER PRIMARY KEY)');
    commits = 0;
    group = make();
  });
  afterEach(async () => {
    await group.close();
    db.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('commits what is asked for in one turn once', async () => {
    expect(await Promise.all([1, 2, 3].map((n) => group.run(insert(n))))).toEqual([1, 1, 1]);
    expect(commits).toBe(1);
    expect(values()).toEqual([1, 2, 3]);
  });

  it('answers after the commit, never before', async () => {
    const other = await openDatabase(join(folder, 'test.db'), 'FULL');
    await group.run(insert(1));
    expect(other.prepare('SELECT count(*) FROM t').pluck().get()).toBe(1);
    other.close();
  });

  it('an operation that throws takes back what it did, and nothing else', async () => {
    const halfDone = () => {
      insert(10)();
      throw new Error('no');
    };
    const outcomes = await Promise.allSettled([group.run(insert(1)), group.run(halfDone), group.run(insert(2))]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(values()).toEqual([1, 2]);
  });

  it('does not ring for what changed nothing', async () => {
    await group.run(() => db.prepare('SELECT 1').get());
    expect(commits).toBe(0);
  });

  it('rejects the whole batch when SQLite has rolled it back, and commits nothing of it one by one', async () => {
    const full = () => {
      insert(3)();
      // What SQLITE_FULL does inside a savepoint.
      db.exec('ROLLBACK');
      throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    };
    const outcomes = await Promise.allSettled([
      group.run(insert(1)),
      group.run(insert(2)),
      group.run(full),
      group.run(insert(4)),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'rejected', 'fulfilled']);
    expect(outcomes[0]).toMatchObject({ reason: { data: { code: 'STORE_UNAVAILABLE' } } });
    expect(values()).toEqual([4]);
  });

  it('sees a rollback that an operation kept to itself, and commits nothing after it one by one', async () => {
    const hiding = () => {
      db.exec('ROLLBACK');
      return 'fine';
    };
    const outcomes = await Promise.allSettled([group.run(insert(1)), group.run(hiding), group.run(insert(2))]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(values()).toEqual([2]);
  });

  it('really full: SQLite gives up the transaction, callers are told, later ones work', async () => {
    db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true })) + 3}`);
    db.exec('CREATE TABLE blobs (b BLOB)');
    const big = () => db.prepare('INSERT INTO blobs VALUES (zeroblob(100000))').run().changes;
    const outcomes = await Promise.allSettled([group.run(insert(1)), group.run(big), group.run(insert(2))]);
    expect(outcomes[1]).toMatchObject({ status: 'rejected', reason: { data: { code: 'STORE_UNAVAILABLE' } } });
    expect(outcomes[2]?.status).toBe('fulfilled');
    expect(db.inTransaction).toBe(false);
    expect(values()).toEqual(outcomes[0]?.status === 'fulfilled' ? [1, 2] : [2]);
  });

  it('refuses what has waited too long for a lock, says so, and goes on once it is free', async () => {
    const other = await openDatabase(join(folder, 'test.db'), 'FULL');
    other.exec('BEGIN IMMEDIATE');
    const patient = new GroupCommit(db, { path: 'test.db', onCommit: () => 0, lockPatienceMs: 60 });
    const refused = await Promise.allSettled([patient.run(insert(1)), patient.run(insert(2))]);
    for (const outcome of refused)
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { data: { code: 'STORE_UNAVAILABLE', message: 'Another process keeps test.db locked.' } },
      });
    other.exec('COMMIT');
    other.close();
    await patient.run(insert(3));
    expect(values()).toEqual([3]);
    await patient.close();
  });

  const busy = (ms: number) => {
    const until = performance.now() + ms;
    while (performance.now() < until);
  };
  const slow = (value: number, ms: number) => () => {
    busy(ms);
    return insert(value)();
  };

  it('ends a batch after its time, and takes the rest into the next', async () => {
    group = make(5);
    // Together longer than any batch, also one that a busy machine has kept waiting.
    await Promise.all([1, 2, 3, 4, 5, 6].map((n) => group.run(slow(n, 12))));
    expect(commits).toBeGreaterThanOrEqual(2);
    expect(values()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('a batch that had to wait for its turn may take as long, so that long turns do not make it fall behind', async () => {
    group = make(1);
    const all = [1, 2, 3].map((n) => group.run(slow(n, 5)));
    busy(45);
    await Promise.all(all);
    expect(commits).toBe(1);
    expect(values()).toEqual([1, 2, 3]);
  });

  it('finishes what was asked for before it is closed, and takes nothing after', async () => {
    const last = group.run(insert(1));
    await group.close();
    expect(await last).toBe(1);
    await expect(group.run(insert(2))).rejects.toMatchObject({ data: { code: 'STORE_UNAVAILABLE' } });
  });
});
