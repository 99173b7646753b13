import { readdirSync, statSync } from 'node:fs';

/**
 * Ids of the other processes that have a file open, as far as the system tells: Linux, of processes of the same user (all
 * for root). Empty elsewhere.
 */
export function holdersOf(path: string): readonly number[] {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined || process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => descriptorsOf(pid).some((found) => found?.ino === file.ino && found.dev === file.dev))
    .map(Number);
}

function descriptorsOf(pid: string): readonly ({ readonly ino: number; readonly dev: number } | undefined)[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).map((name) => {
      try {
        return statSync(`${folder}/${name}`);
      } catch {
        return undefined;
      }
    });
  } catch {
    return [];
  }
}
