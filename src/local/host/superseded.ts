import { readFileSync } from 'node:fs';
import type { HostInfo } from './host-file.js';

const PATIENCE_MS = 1_000;

/** The version in package.json: this program's. */
function programVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Whether version `one` is newer than `other`, by its numbers; what follows a hyphen does not count. */
function isNewerVersion(one: string, other: string): boolean {
  const numbers = (version: string) => (version.split('-')[0] ?? '').split('.').map(Number);
  const theirs = numbers(other);
  for (const [n, number] of numbers(one).entries()) {
    const than = theirs[n] ?? 0;
    if (number !== than) return number > than;
  }
  return false;
}

/**
 * Whether the process was started by an older version of this program and has no session: then the next one may be of this
 * version without anybody losing anything. One that somebody runs in the foreground is never superseded.
 */
export async function isSuperseded(info: HostInfo): Promise<boolean> {
  if (info.managed !== true || !isNewerVersion(programVersion(), info.version)) return false;
  try {
    const answer = await fetch(`${info.url}/api/v1/health`, {
      headers: { Authorization: `Bearer ${info.token}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { sessions, running } = (await answer.json()) as { sessions?: unknown; running?: unknown };
    return sessions === 0 && running === 0;
  } catch {
    return false;
  }
}
