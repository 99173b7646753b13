import { hostState } from '../local/host/health.js';
import { readHostFile } from '../local/host/host-file.js';

/** The local Snowflake's process as `stats` and `doctor` tell of it; its token stays where it is. */
export interface LocalHostState {
  readonly state: 'alive' | 'dead' | 'stopped' | 'silent';
  readonly url: string;
  readonly pid: number;
  readonly started_at: string;
  readonly version: string;
}

/** How long a process may take to answer before it counts as silent (ms). */
const PATIENCE_MS = 1_000;

/** `undefined` when there is no host file: none was started there, or it ended in order. */
export async function localHostState(dataDir: string): Promise<LocalHostState | undefined> {
  const info = readHostFile(dataDir);
  if (info === undefined) return undefined;
  return {
    state: await hostState(info, PATIENCE_MS),
    url: info.url,
    pid: info.pid,
    started_at: new Date(info.startedAt).toISOString(),
    version: info.version,
  };
}
