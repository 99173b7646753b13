import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { SnowError } from '../../errors/snow-error.js';
import { withBusyRetry } from './busy-retry.js';
import { storeFailure } from './failure.js';
import { fileId, isSameFile } from './file-id.js';

export type Database = BetterSqlite3.Database;

/** `mcps` in ASCII: marks the file as ours (PRAGMA application_id). */
export const APPLICATION_ID = 0x6d637073;

/** Kept of the WAL after it was started anew, in bytes. */
const WAL_KEPT_BYTES = 16 * 1024 * 1024;

/** Node's own recursive mkdir never ends where a folder exists but can hold none (`/proc`). */
function ensureFolder(folder: string): void {
  if (existsSync(folder)) return;
  ensureFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (failure) {
    if (!existsSync(folder)) throw failure;
  }
}

/** Makes the file (0600) and its folder (0700) if they are missing; SQLite gives the WAL the mode of the database. */
function ensureFile(path: string): void {
  try {
    ensureFolder(dirname(path));
    closeSync(openSync(path, 'a', 0o600));
  } catch (failure) {
    throw storeFailure(failure, path);
  }
}

/**
 * Opens the database file, making it when it is missing, in WAL mode and without SQLite's own waiting for locks.
 * Throws `STORE_UNAVAILABLE` when the file is no database of ours, or the file system refuses.
 */
export async function openDatabase(path: string, synchronous: 'FULL' | 'NORMAL'): Promise<Database> {
  const { default: Driver } = await import('better-sqlite3');
  for (;;) {
    ensureFile(path);
    const file = fileId(path);
    const db = await openOnce(Driver, path, synchronous);
    // A backup may have been restored to its place in between.
    if (isSameFile(file, fileId(path))) return db;
    db.close();
  }
}

function openOnce(Driver: typeof BetterSqlite3, path: string, synchronous: 'FULL' | 'NORMAL'): Promise<Database> {
  return withBusyRetry(path, () => {
    const db = new Driver(path, { timeout: 0 });
    try {
      claimFile(db, path);
      if (db.pragma('journal_mode', { simple: true }) !== 'wal') db.pragma('journal_mode = WAL');
      db.pragma(`synchronous = ${synchronous}`);
      db.pragma('wal_autocheckpoint = 0');
      db.pragma(`journal_size_limit = ${WAL_KEPT_BYTES}`);
      // Statements and results are gone with their job, not left in pages that are free.
      db.pragma('secure_delete = ON');
      db.pragma('temp_store = MEMORY');
      db.pragma('cache_size = -16384');
      return db;
    } catch (failure) {
      db.close();
      throw failure;
    }
  });
}

/** Refuses a database that belongs to another program, marks an empty one as ours. */
function claimFile(db: Database, path: string): void {
  const id = db.pragma('application_id', { simple: true });
  if (id === APPLICATION_ID) return;
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  if (id !== 0 || tables !== 0) {
    throw new SnowError({
      code: 'STORE_UNAVAILABLE',
      message: `${path} is the database of another program.`,
      hint: 'Name another file with --db.',
    });
  }
  db.pragma(`application_id = ${APPLICATION_ID}`);
}
