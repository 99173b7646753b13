import { delimiter } from 'node:path';

/** Set by the launcher to `1`: the process asks for its token, and ends when nobody needs it. */
export const MANAGED = 'MCP_SNOW_LOCAL_MANAGED';

/** Milliseconds after which a process that nobody needs ends. Anybody may set it; default 10 min. */
export const IDLE_EXIT_MS = 'MCP_SNOW_LOCAL_IDLE_EXIT_MS';

/** What `IDLE_EXIT_MS` says; the default where it says nothing that makes sense. */
export function idleExitFrom(env: NodeJS.ProcessEnv): number {
  const ms = Number(env[IDLE_EXIT_MS]);
  return ms > 0 ? ms : 600_000;
}

/** Seconds that tokens and abandoned statements live, for who develops against their end; Snowflake's 3600, 14400 and 300. */
const SESSION_TOKEN_S = 'MCP_SNOW_LOCAL_SESSION_TOKEN_S';
const MASTER_TOKEN_S = 'MCP_SNOW_LOCAL_MASTER_TOKEN_S';
const DETACHED_S = 'MCP_SNOW_LOCAL_DETACHED_S';

export interface Lifetimes {
  readonly tokens: { readonly sessionSeconds: number; readonly masterSeconds: number };
  readonly queryLimits: { readonly detachedMs: number };
}

/** What these variables say; Snowflake's own where they say nothing that makes sense. */
export function lifetimesFrom(env: NodeJS.ProcessEnv): Lifetimes {
  const seconds = (name: string, otherwise: number) => (Number(env[name]) > 0 ? Number(env[name]) : otherwise);
  return {
    tokens: { sessionSeconds: seconds(SESSION_TOKEN_S, 3_600), masterSeconds: seconds(MASTER_TOKEN_S, 14_400) },
    queryLimits: { detachedMs: seconds(DETACHED_S, 300) * 1_000 },
  };
}

/** Sites whose pages may ask the REST APIs, separated by commas; `*` for all of them. */
export const ORIGINS = 'MCP_SNOW_LOCAL_ORIGINS';

export function originsFrom(env: NodeJS.ProcessEnv): readonly string[] {
  return (env[ORIGINS] ?? '').split(',').flatMap((origin) => origin.trim() || []);
}

/** Folders, separated as in PATH, that stages with a `file://` URL may read and write. */
const STAGE_FOLDERS = 'MCP_SNOW_LOCAL_STAGE_FOLDERS';

export function stageFoldersFrom(env: NodeJS.ProcessEnv): readonly string[] {
  return (env[STAGE_FOLDERS] ?? '').split(delimiter).filter((folder) => folder !== '');
}
