import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const DIST_STAMP = join('dist', '.tsbuildinfo');
const LOCK = join('.mcp-snow', 'build.lock');

function newestUnder(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((newest, entry) => Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}

function isFresh(): boolean {
  try {
    return statSync(DIST_STAMP).mtimeMs > newestUnder('src');
  } catch {
    return false;
  }
}

async function lock(): Promise<() => void> {
  mkdirSync('.mcp-snow', { recursive: true });
  for (;;) {
    try {
      closeSync(openSync(LOCK, 'wx'));
      return () => rmSync(LOCK, { force: true });
    } catch {
      // A run that was killed leaves its lock behind; no build takes a minute.
      if (Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 60_000)
        rmSync(LOCK, { force: true });
      await delay(100);
    }
  }
}

/** Tests start real processes from `bin/mcp-snow.js`, so what it loads must be what the sources say. */
export default async function buildOnce(): Promise<void> {
  const unlock = await lock();
  try {
    if (isFresh()) return;
    const tsc = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
      stdio: 'inherit',
    });
    if (tsc.status !== 0) throw new Error('the build failed; the tests need it');
  } finally {
    unlock();
  }
}
