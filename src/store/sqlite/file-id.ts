import { statSync } from 'node:fs';

/** What tells a file from another one that has its name later. */
export interface FileId {
  readonly device: number;
  readonly inode: number;
}

/** `undefined` when there is no such file. */
export function fileId(path: string): FileId | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && { device: found.dev, inode: found.ino };
}

export function isSameFile(one: FileId | undefined, other: FileId | undefined): boolean {
  return one?.inode === other?.inode && one?.device === other?.device;
}
