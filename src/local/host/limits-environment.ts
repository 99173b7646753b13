import type { EngineLimits } from '../engine/engine-limits.js';

const MIB = 1024 ** 2;

/** The variable of each limit, and by how much its number is multiplied. */
export const LIMIT_VARIABLES: Readonly<Record<keyof EngineLimits, readonly [variable: string, unit: number]>> = {
  sessions: ['MCP_SNOW_LOCAL_SESSIONS', 1],
  statements: ['MCP_SNOW_LOCAL_STATEMENTS', 1],
  statementSeconds: ['MCP_SNOW_LOCAL_STATEMENT_S', 1],
  mostStatementSeconds: ['MCP_SNOW_LOCAL_MOST_STATEMENT_S', 1],
  memoryBytes: ['MCP_SNOW_LOCAL_MEMORY_MIB', MIB],
  temporaryDiskBytes: ['MCP_SNOW_LOCAL_TEMPORARY_DISK_MIB', MIB],
  resultDiskBytes: ['MCP_SNOW_LOCAL_RESULT_DISK_MIB', MIB],
  reusedResultBytes: ['MCP_SNOW_LOCAL_REUSED_RESULT_MIB', MIB],
  historyRows: ['MCP_SNOW_LOCAL_HISTORY_ROWS', 1],
  historyDays: ['MCP_SNOW_LOCAL_HISTORY_DAYS', 1],
};

/** What these variables say; nothing where they say nothing that makes sense. */
export function limitsFrom(env: NodeJS.ProcessEnv): Partial<EngineLimits> {
  const limits: Partial<Record<keyof EngineLimits, number>> = {};
  for (const name of Object.keys(LIMIT_VARIABLES) as (keyof EngineLimits)[]) {
    const [variable, unit] = LIMIT_VARIABLES[name];
    const given = Math.floor(Number(env[variable]) * unit);
    if (given > 0) limits[name] = given;
  }
  return limits;
}
