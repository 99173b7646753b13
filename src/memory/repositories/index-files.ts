import { readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { indexPath } from './index-path.js';

/** Deletes an index's file and what is kept beside it. */
export function removeIndex(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal', '.copy']) rmSync(`${path}${suffix}`, { force: true });
}

/** Deletes the index files of all generations but those given. */
export function removeOtherIndexes(indexFolder: string, keep: readonly number[]): void {
  const kept = new Set(keep.map((generation) => basename(indexPath(indexFolder, generation))));
  for (const name of readdirSync(indexFolder)) {
    const [, owner] = /^(\d+\.db)(?:-wal|-shm|-journal|\.copy)?$/.exec(name) ?? [];
    if (owner !== undefined && !kept.has(owner)) removeIndex(join(indexFolder, owner));
  }
}
