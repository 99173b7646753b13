import { existsSync, linkSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { SnowError } from '../../errors/snow-error.js';
import { type CopyOptions, type CopyReport, copyDatabase, syncFolder } from './copy-database.js';
import { refuseInUse } from './exclusive-file.js';
import { storeFailure } from './failure.js';

export interface BackupOptions extends CopyOptions {
  /** Overwrite a file that is there. */
  readonly force?: boolean;
}

/**
 * Writes a checked copy of the store at `path`, which may be in use, to `file`. It appears there whole or not at all.
 * Throws `INVALID_ARGUMENT` when there is a file already, or a store in use.
 */
export async function backupStore(path: string, file: string, options: BackupOptions = {}): Promise<CopyReport> {
  if (!existsSync(dirname(file)))
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `There is no folder ${dirname(file)}.`,
      hint: 'Make it first, or name a file in another one.',
    });
  if (existsSync(file)) {
    if (existsSync(path) && realpathSync(file) === realpathSync(path))
      throw new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `${file} is the database itself.`,
        hint: 'Name another file for the backup.',
      });
    if (options.force !== true) throw isThere(file);
    await refuseInUse(file, 'Name another file for the backup.');
  }
  const draft = `${file}.${process.pid}.part`;
  rmSync(draft, { force: true });
  const report = await copyDatabase(path, draft, options);
  try {
    if (options.force === true) renameSync(draft, file);
    else linkSync(draft, file);
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'EEXIST') throw isThere(file);
    throw storeFailure(failure, file);
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(file);
  return report;
}

function isThere(file: string): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `${file} is there already; nothing was changed.`,
    hint: 'Use --force to overwrite it.',
  });
}
