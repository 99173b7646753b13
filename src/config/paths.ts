import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the rules for places depend on; tests give their own. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
}

export function surroundings(): Surroundings {
  return { env: process.env, home: homedir(), cwd: process.cwd(), platform: process.platform };
}

/** Where the database and the local Snowflake's files lie by default (XDG_DATA_HOME respected). */
export function dataFolder({ env, home }: Surroundings): string {
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'mcp-snow');
}

/** Where our own settings file is looked for after the working directory (XDG_CONFIG_HOME respected). */
export function configFolder({ env, home }: Surroundings): string {
  return join(env.XDG_CONFIG_HOME || join(home, '.config'), 'mcp-snow');
}

/** Where lies what can be made anew (XDG_CACHE_HOME respected). */
export function cacheFolder({ env, home }: Surroundings): string {
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'mcp-snow');
}

/** `~` and `~/…` as a shell reads them. */
export function expandHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;
}
