import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { startClaimPath } from './data-dir.js';
import { isProcessAlive } from './health.js';

/** No start takes longer; a claim that is older was left behind. */
const CLAIM_MS = 90_000;

/**
 * Says that this process is starting the host, so that ten clients starting at once don't start ten engines to see nine
 * fail. A courtesy only: the lock on the database file decides. Gives what withdraws the claim, or undefined when
 * another live process has it.
 */
export function claimStart(dataDir: string): (() => void) | undefined {
  const path = startClaimPath(dataDir);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const file = openSync(path, 'wx', 0o600);
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isHeld(path)) return undefined;
      rmSync(path, { force: true });
    }
  }
  return undefined;
}

function isHeld(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    const age = Date.now() - statSync(path).mtimeMs;
    // Another call in this process is as good as another process; an empty file is being written right now.
    return age < CLAIM_MS && (pid === 0 || isProcessAlive(pid));
  } catch {
    return false;
  }
}
