import { statSync } from 'node:fs';
import { SnowError } from '../../errors/snow-error.js';
import type { Database } from './connection.js';
import { isBusy, storeFailure } from './failure.js';
import { holdersOf } from './file-holders.js';

function inUse(path: string, hint: string): SnowError {
  const pids = holdersOf(path);
  const who = pids.length === 0 ? 'another process' : `process ${pids.join(', ')}`;
  return new SnowError({
    code: 'STORE_UNAVAILABLE',
    message: `${path} is in use by ${who}; nothing was changed.`,
    hint,
  });
}

/**
 * The database of a file that nobody else has open, locked against everybody until it is closed, and out of WAL mode: whole
 * without files beside it. `undefined` when there is no file, or it is too damaged for SQLite. Throws `STORE_UNAVAILABLE`
 * when another process has it open: in WAL mode SQLite's shared lock is held for as long as a connection is.
 */
export async function lockWhole(path: string, hint: string): Promise<Database | undefined> {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  const { default: Driver } = await import('better-sqlite3');
  let db: Database | undefined;
  try {
    db = new Driver(path, { timeout: 0 });
    if (db.pragma('journal_mode = DELETE', { simple: true }) !== 'delete') throw inUse(path, hint);
    db.exec('BEGIN EXCLUSIVE');
    return db;
  } catch (failure) {
    db?.close();
    if (isBusy(failure)) throw inUse(path, hint);
    if (failure instanceof SnowError) throw failure;
    const { code = '' } = failure as { code?: string };
    if (!/^SQLITE_(NOTADB|CORRUPT|IOERR)/.test(code)) throw storeFailure(failure, path);
    if (holdersOf(path).length > 0) throw inUse(path, hint);
    return undefined;
  }
}

/** Throws `STORE_UNAVAILABLE` when a process has the file open as a database. */
export async function refuseInUse(path: string, hint: string): Promise<void> {
  (await lockWhole(path, hint))?.close();
}
