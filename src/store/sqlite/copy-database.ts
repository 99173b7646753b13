import { closeSync, fsyncSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { SnowError } from '../../errors/snow-error.js';
import { withBusyRetry } from './busy-retry.js';
import { APPLICATION_ID, type Database } from './connection.js';
import { storeFailure } from './failure.js';

/** Pages of 4 KiB copied in one turn of the event loop. */
const PAGES_AT_ONCE = 500;

export interface CopyReport {
  readonly bytes: number;
  /** Version of the copy's schema. */
  readonly schema: number;
}

export interface CopyOptions {
  /** Share of the pages that are copied, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/**
 * Copies a store's file, which may be in use, into a new one (0600) that is whole by itself: one moment of the database, held
 * by a read transaction, so that writers go on meanwhile and the copy never has to begin again. The copy's integrity is
 * checked; where that or anything else fails there is no copy. Throws `NOT_FOUND`, `INVALID_ARGUMENT`, `STORE_UNAVAILABLE`.
 */
export async function copyDatabase(from: string, to: string, options: CopyOptions = {}): Promise<CopyReport> {
  if (statSync(from, { throwIfNoEntry: false })?.isFile() !== true)
    throw new SnowError({ code: 'NOT_FOUND', message: `There is no database file ${from}.`, hint: 'Check the path.' });
  const { default: Driver } = await import('better-sqlite3');
  try {
    closeSync(openSync(to, 'wx', 0o600));
  } catch (failure) {
    throw storeFailure(failure, to);
  }
  try {
    await copyPages(new Driver(from, { readonly: true, timeout: 0 }), from, to, options);
    return wholeCopy(new Driver(to, { timeout: 0 }), from, to);
  } catch (failure) {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(to + suffix, { force: true });
    throw failure;
  }
}

async function copyPages(source: Database, from: string, to: string, { onProgress }: CopyOptions): Promise<void> {
  try {
    await withBusyRetry(from, () => {
      if (source.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw notOurs(from);
      source.exec('BEGIN');
      source.pragma('schema_version');
    });
    await source
      .backup(to, {
        progress: ({ totalPages, remainingPages }) => {
          if (totalPages > 0) onProgress?.(1 - remainingPages / totalPages);
          return PAGES_AT_ONCE;
        },
      })
      .catch((failure: unknown) => {
        throw storeFailure(failure, to);
      });
  } finally {
    source.close();
  }
}

function wholeCopy(copy: Database, from: string, to: string): CopyReport {
  try {
    copy.pragma('journal_mode = DELETE');
    const found = copy.pragma('integrity_check(1)', { simple: true });
    if (found !== 'ok') throw damaged(from, String(found));
    const schema = Number(copy.prepare('SELECT max(version) FROM schema_migrations').pluck().get());
    return { bytes: statSync(to).size, schema };
  } catch (failure) {
    throw storeFailure(failure, from);
  } finally {
    copy.close();
    syncFolder(to);
  }
}

/** A new name lasts through a power cut once its folder is written. Windows has no such call. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function notOurs(path: string): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `${path} is no database of mcp-snow.`,
    hint: 'Name a file that mcp-snow or mcp-snow backup has written.',
  });
}

function damaged(path: string, found: string): SnowError {
  return new SnowError({
    code: 'STORE_UNAVAILABLE',
    message: `The database ${path} is damaged: ${found.replace(/\s+/g, ' ').slice(0, 200)}.`,
    hint: 'Use an earlier backup; the file was left as it is.',
  });
}
