import { closeSync, constants, fstatSync, openSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';

/** A place under the folder of a repository. */
export interface Place {
  /** Relative to the folder, with forward slashes; bytes that are no UTF-8 are written `\xE9`. Empty for the folder itself. */
  readonly path: string;
  /** The path's own bytes, where `path` is not what the file system knows it by. */
  readonly raw?: Buffer;
}

/** Why something under the folder was not opened. */
export type Refused = 'vanished' | 'link' | 'outside' | 'special' | 'unreadable' | 'too-deep';

export interface Opened {
  readonly fd: number;
  readonly stats: Stats;
}

const REFUSED_BY_CODE: Readonly<Record<string, Refused>> = {
  ENOENT: 'vanished',
  ENOTDIR: 'vanished',
  ELOOP: 'link',
  EMLINK: 'link',
  ENAMETOOLONG: 'too-deep',
  ENXIO: 'special',
  ENODEV: 'special',
};

/**
 * Opens a file or folder for reading, if it is what it seems: nothing is opened through a symbolic link, and what was opened
 * lies where its path says, inside the folder, even when somebody exchanges folders for links meanwhile. Never waits for the
 * other end of a pipe.
 */
export function openInside(root: string, place: Place, kind: 'file' | 'folder'): Opened | Refused {
  const at = absolute(root, place);
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let fd: number;
  try {
    fd = openSync(at, kind === 'folder' ? flags | constants.O_DIRECTORY : flags);
  } catch (failure) {
    return refusedBy(failure);
  }
  try {
    const stats = fstatSync(fd);
    const refused = isWhere(fd, at, stats) ? kindRefused(stats, kind) : 'outside';
    if (refused === undefined) return { fd, stats };
    closeSync(fd);
    return refused;
  } catch (failure) {
    closeSync(fd);
    return refusedBy(failure);
  }
}

export function refusedBy(failure: unknown): Refused {
  return REFUSED_BY_CODE[(failure as NodeJS.ErrnoException).code ?? ''] ?? 'unreadable';
}

export function absolute(root: string, { path, raw }: Place): string | Buffer {
  if (raw !== undefined) return Buffer.concat([Buffer.from(`${root}/`), raw]);
  return path === '' ? root : `${root}/${path}`;
}

function kindRefused(stats: Stats, kind: 'file' | 'folder'): Refused | undefined {
  return (kind === 'folder' ? stats.isDirectory() : stats.isFile()) ? undefined : 'special';
}

/** The kernel knows by which path the descriptor was opened; elsewhere than on Linux the path is resolved once more. */
function isWhere(fd: number, at: string | Buffer, stats: Stats): boolean {
  const expected = Buffer.from(at as string);
  if (process.platform === 'linux') return readlinkSync(`/proc/self/fd/${fd}`, { encoding: 'buffer' }).equals(expected);
  if (!realpathSync(at, { encoding: 'buffer' }).equals(expected)) return false;
  const named = statSync(at);
  return named.ino === stats.ino && named.dev === stats.dev;
}
