/** Set by the launcher to `1`: the process asks for its token, and ends when nobody needs it. */
export const MANAGED = 'MCP_SNOW_LOCAL_MANAGED';

/** Milliseconds after which a process that nobody needs ends. Anybody may set it; default 10 min. */
export const IDLE_EXIT_MS = 'MCP_SNOW_LOCAL_IDLE_EXIT_MS';

/** What `IDLE_EXIT_MS` says; the default where it says nothing that makes sense. */
export function idleExitFrom(env: NodeJS.ProcessEnv): number {
  const ms = Number(env[IDLE_EXIT_MS]);
  return ms > 0 ? ms : 600_000;
}
