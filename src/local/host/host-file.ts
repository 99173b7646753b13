import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostFilePath } from './data-dir.js';

/** The user the engine's process lets in, with the token as the password. */
export const HOST_USER = 'MCP_SNOW';

/** What stands in the host file (0600) beside the store: where the engine's process is and how to be let in. */
export interface HostInfo {
  readonly url: string;
  /** Random; it is the password of the user `mcp_snow` and is asked for on every request that is not a login. */
  readonly token: string;
  readonly pid: number;
  readonly bootId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly version: string;
  /** Started by the launcher, not by a person. */
  readonly managed?: boolean;
}

function isHostInfo(value: unknown): value is HostInfo {
  const info = (value ?? {}) as Record<string, unknown>;
  return (
    typeof info.url === 'string' &&
    typeof info.token === 'string' &&
    Number.isSafeInteger(info.pid) &&
    typeof info.bootId === 'string' &&
    typeof info.startedAt === 'number' &&
    typeof info.version === 'string'
  );
}

/** Undefined when there is none, or when it is no host file. */
export function readHostFile(dataDir: string): HostInfo | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(hostFilePath(dataDir), 'utf8'));
    return isHostInfo(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Readers see the old file or the new one, never a part. */
export function writeHostFile(dataDir: string, info: HostInfo): void {
  const path = hostFilePath(dataDir);
  const draft = `${path}.${info.pid}`;
  writeFileSync(draft, `${JSON.stringify(info, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

/** Removes the file if it is still about this process. */
export function removeHostFile(dataDir: string, pid: number): void {
  if (readHostFile(dataDir)?.pid === pid) rmSync(hostFilePath(dataDir), { force: true });
}
