import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..', '..');
const depcruise = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
const scratch: string[] = [];

interface Cruise {
  modules: { source: string }[];
  summary: { violations: { from: string; to: string; rule: { name: string } }[] };
}

/** dependency-cruiser as a process of its own, as `npx depcruise` would run it. */
function cruise(folder: string): Cruise {
  const run = spawnSync(
    process.execPath,
    [depcruise, 'src', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'],
    {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  if (run.stdout === '') throw new Error(`dependency-cruiser did not run: ${run.stderr}`);
  return JSON.parse(run.stdout) as Cruise;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(folder, 'src'), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** A house with the same rules and rooms that are empty but for what is planted in them. */
function smallHouse(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-snow-walls-'));
  scratch.push(folder);
  for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs'])
    cpSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

function plant(folder: string, file: string, text: string): void {
  mkdirSync(join(folder, file, '..'), { recursive: true });
  writeFileSync(join(folder, file), text);
}

afterAll(() => {
  for (const folder of scratch) rmSync(folder, { recursive: true, force: true });
});

describe('the walls', () => {
  it('stand: every source file was seen, and no arrow points up', { timeout: 60_000 }, () => {
    const { modules, summary } = cruise(root);
    const seen = modules
      .map((module) => module.source)
      .filter((source) => source.startsWith('src/') && source.endsWith('.ts'));
    expect(seen.sort()).toEqual(sourceFiles(root));
    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
  });

  it('are noticed when they are broken', { timeout: 60_000 }, () => {
    const folder = smallHouse();
    plant(folder, 'src/gateway/requests.ts', 'export type Gateway = string;\n');
    plant(folder, 'src/errors/snow-error.ts', 'export class SnowError extends Error {}\n');
    plant(folder, 'src/worker/handler.ts', 'export type JobHandler = string;\n');
    plant(folder, 'src/store/planted.ts', "export type { Gateway } from '../gateway/requests.js';\n");
    plant(folder, 'src/local/planted.ts', "export { SnowError } from '../errors/snow-error.js';\n");
    plant(folder, 'src/gateway/planted.ts', "export type { JobHandler } from '../worker/handler.js';\n");
    plant(
      folder,
      'src/warehouse/planted.ts',
      "import { DuckDBInstance } from '@duckdb/node-api';\nexport const heavy = DuckDBInstance;\n",
    );
    plant(folder, 'src/errors/planted-a.ts', "import { b } from './planted-b.js';\nexport const a: number = b + 1;\n");
    plant(folder, 'src/errors/planted-b.ts', "import { a } from './planted-a.js';\nexport const b: number = a + 1;\n");
    plant(folder, 'src/config/planted.ts', "import fc from 'fast-check';\nexport const dev = fc;\n");

    const broken = cruise(folder).summary.violations.filter((violation) => violation.from.includes('planted'));
    expect(new Set(broken.map((violation) => violation.rule.name))).toEqual(
      new Set([
        'store-looks-down-only',
        'local-stands-apart',
        'gateway-looks-down-only',
        'heavy-parts-load-late',
        'no-cycles',
        'no-dev-dependencies',
      ]),
    );
  });
});
