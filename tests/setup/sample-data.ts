import { spawnSync } from 'node:child_process';
import { chmodSync, constants, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const KEPT = resolve('.mcp-snow', 'sample-data');
const FILE = 'snowflake.duckdb';
const BUILT = join('dist', '.tsbuildinfo');

/**
 * Gives a local Snowflake that starts in `dataDir` its first data: what it would make itself in a second, made once for all
 * tests by the program as it is built.
 */
export function withSampleData(dataDir: string): string {
  if (!isFresh()) make();
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  copyFileSync(join(KEPT, FILE), join(dataDir, FILE), constants.COPYFILE_FICLONE);
  chmodSync(join(dataDir, FILE), 0o600);
  return dataDir;
}

function isFresh(): boolean {
  const modified = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return modified(join(KEPT, FILE)) > modified(BUILT);
}

function make(): void {
  mkdirSync('.mcp-snow', { recursive: true });
  const draft = mkdtempSync(join('.mcp-snow', 'sample-data-'));
  const script = `
    const { openEngine } = await import('./dist/local/engine/open.js');
    await (await openEngine({ dataDir: ${JSON.stringify(draft)} })).close();
  `;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the sample data could not be made');
  // Files of tests run beside each other: whoever is second replaces the same by the same.
  mkdirSync(KEPT, { recursive: true });
  renameSync(join(draft, FILE), join(KEPT, FILE));
  rmSync(draft, { recursive: true, force: true });
}
