import { existsSync, linkSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { SnowError } from '../../errors/snow-error.js';
import { type CopyOptions, copyDatabase, syncFolder } from './copy-database.js';
import { lockWhole, refuseInUse } from './exclusive-file.js';
import { storeFailure } from './failure.js';
import { applyMigrations } from './migrator.js';
import { endWhatMayHaveRun, type RestoredJobs } from './restored-jobs.js';

export interface RestoreReport extends RestoredJobs {
  readonly bytes: number;
  /** Version of the backup's schema; the restored file has this program's. */
  readonly schema: number;
  /** Where the file lies that was there before. */
  readonly kept?: string;
}

const END_THEM = 'End all mcp-snow processes that use it (workers, servers, MCP clients), then try again.';

/**
 * Puts a backup at the place of the store, for processes that start from now on. The file that was there is kept beside it.
 * Throws `STORE_UNAVAILABLE` while a process has the store open, for a damaged backup and for one of a newer version; the
 * store is then as it was.
 */
export async function restoreStore(path: string, file: string, options: CopyOptions = {}): Promise<RestoreReport> {
  if (existsSync(path) && existsSync(file) && realpathSync(path) === realpathSync(file))
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `${file} is the database itself.`,
      hint: 'Name a file that mcp-snow backup has written.',
    });
  await refuseInUse(path, END_THEM);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.part`;
  const { bytes, schema } = await copyDatabase(file, draft, options);
  try {
    const jobs = await presentState(draft);
    const kept = await swap(draft, path);
    return { bytes, schema, ...jobs, ...(kept !== undefined && { kept }) };
  } catch (failure) {
    throw storeFailure(failure, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

async function presentState(draft: string): Promise<RestoredJobs> {
  const { default: Driver } = await import('better-sqlite3');
  const db = new Driver(draft, { timeout: 0 });
  try {
    await applyMigrations(db, draft);
    return endWhatMayHaveRun(db, Date.now());
  } finally {
    db.close();
  }
}

/** Under the old file's lock, which keeps out whoever starts in between. */
async function swap(draft: string, path: string): Promise<string | undefined> {
  const old = await lockWhole(path, END_THEM);
  try {
    const kept = existsSync(path) ? `${path}.before-${new Date().toISOString().replaceAll(/[:.]/g, '-')}` : undefined;
    if (kept !== undefined) keep(path, kept);
    renameSync(draft, path);
    syncFolder(path);
    return kept;
  } finally {
    old?.close();
  }
}

/** The name is never without a file, or a process that starts now would make a new one there. */
function keep(path: string, kept: string): void {
  for (const suffix of ['-wal', '-shm']) if (existsSync(path + suffix)) renameSync(path + suffix, kept + suffix);
  try {
    linkSync(path, kept);
  } catch {
    // Not every file system has links.
    renameSync(path, kept);
  }
}
