import { join } from 'node:path';

/**
 * Where the local Snowflake of a store lies: `<db>-local/` beside the database file. In it: `snowflake.duckdb`, the
 * data; `host.json`, the host file; `host.log`, what the process had to say; `results/`, rows waiting to be fetched.
 */
export function localDataDir(storePath: string): string {
  return `${storePath}-local`;
}

export const hostFilePath = (dataDir: string) => join(dataDir, 'host.json');
export const hostLogPath = (dataDir: string) => join(dataDir, 'host.log');
export const startClaimPath = (dataDir: string) => join(dataDir, 'host.starting');
export const resultSpoolDir = (dataDir: string) => join(dataDir, 'results');
