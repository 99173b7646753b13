import { SnowError } from '../../errors/snow-error.js';

function codeOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Another connection holds the lock that is needed; trying again helps. */
export function isBusy(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
}

/** A unique key is there already. */
export function isDuplicate(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

function unavailable(message: string, hint: string, cause: unknown): SnowError {
  return new SnowError({ code: 'STORE_UNAVAILABLE', message, hint }, { cause });
}

/** What SQLite or the file system said about the store's file, as an error that tells what to do. Others stay as they are. */
export function storeFailure(thrown: unknown, path: string): unknown {
  const code = codeOf(thrown);
  if (code.startsWith('SQLITE_NOTADB'))
    return unavailable(
      `${path} is not an SQLite database.`,
      'Name another file with --db, or move this one away.',
      thrown,
    );
  if (code.startsWith('SQLITE_CORRUPT'))
    return unavailable(
      `The database ${path} is damaged.`,
      'Restore it from a backup, or move it away to begin with a new one.',
      thrown,
    );
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT')
    return unavailable(
      `The disk that holds ${path} is full.`,
      'Free some space and try again; nothing was changed.',
      thrown,
    );
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS')
    return unavailable(
      `${path} cannot be written.`,
      'Check the permissions of the file and its folder, or name another with --db.',
      thrown,
    );
  if (code.startsWith('SQLITE_CANTOPEN') || code === 'EISDIR')
    return unavailable(
      `${path} cannot be opened as a database.`,
      'Check that it is a file, and its folder can be written; or name another with --db.',
      thrown,
    );
  if (code === 'EACCES' || code === 'EPERM' || code.startsWith('SQLITE_PERM') || code.startsWith('SQLITE_AUTH'))
    return unavailable(
      `No permission for ${path}.`,
      'Check the permissions of the file and its folder, or name another with --db.',
      thrown,
    );
  if (code === 'ENOTDIR' || code === 'ENOENT' || code === 'EEXIST')
    return unavailable(
      `The folder of ${path} cannot be made.`,
      'A part of this path is not a folder; name another with --db.',
      thrown,
    );
  if (isBusy(thrown))
    return unavailable(
      `Another process keeps ${path} locked.`,
      'End the program that holds a transaction open (an SQLite shell, a backup), then try again.',
      thrown,
    );
  if (code.startsWith('SQLITE_IOERR'))
    return unavailable(
      `Reading or writing ${path} failed.`,
      'Check the disk (space, health, network file systems are not supported).',
      thrown,
    );
  return thrown;
}

/** The store was closed. */
export function closedFailure(): SnowError {
  return new SnowError({
    code: 'STORE_UNAVAILABLE',
    message: 'The store is closed.',
    hint: 'The process is ending; start it again.',
  });
}
