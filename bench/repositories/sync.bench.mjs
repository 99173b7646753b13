// A repository of 5,000 files (MCP_SNOW_BENCH=full: 50,000): synced, synced again, searched; against reading the same files.
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { indexPath } from '../../dist/memory/repositories/index-path.js';
import { runSync } from '../../dist/memory/repositories/run-sync.js';
import { SearchPool } from '../../dist/memory/repositories/search-pool.js';
import { generateCode, searches } from './generate-code.mjs';

const FILES = process.env.MCP_SNOW_BENCH === 'full' ? 50_000 : 5_000;
const SEARCHES = 300;
const LIMITS = { files: 200_000, bytes: 2 ** 31, fileBytes: 2 ** 20 };

/** As `git grep` reads: every file once, looking for a word that is not there. */
function grep(root) {
  const buffer = Buffer.allocUnsafe(1 << 20);
  let files = 0;
  let lines = 0;
  for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const fd = openSync(join(entry.parentPath, entry.name), 'r');
    const length = readSync(fd, buffer, 0, fstatSync(fd).size, 0);
    closeSync(fd);
    files += 1;
    const text = buffer.latin1Slice(0, length);
    if (text.includes('a word that is nowhere')) lines += 1;
  }
  return files + lines;
}

/** Processor time is of all threads of this process; on a busy machine it says more than the clock. */
async function timed(work) {
  const cpu = process.cpuUsage();
  const since = performance.now();
  const result = await work();
  const ms = performance.now() - since;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1_000, result };
}

export async function run() {
  const scratch = await realpath(await mkdtemp(join(tmpdir(), 'mcp-snow-bench-')));
  const folder = join(scratch, 'code');
  const indexFolder = join(scratch, 'index');
  await mkdir(indexFolder);
  try {
    const bytes = generateCode(folder, FILES);
    grep(folder);
    const read = await timed(() => grep(folder));
    let peak = 0;
    const before = process.memoryUsage.rss();
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 20);
    const sync = (generation, fence, full = false) =>
      timed(() =>
        runSync(
          { folder, indexFolder, generation, fence, full, limits: LIMITS },
          { signal: new AbortController().signal, onProgress: () => {} },
        ),
      );
    const first = await sync(0, 1);
    clearInterval(watch);
    const unchanged = await sync(1, 2);
    const rehashed = await sync(1, 3, true);
    const one = join(folder, 'models', 'area_1', 'new_one.sql');
    writeFileSync(one, 'select 1 as brand_new_column\n');
    const changed = await sync(1, 4);
    if (changed.result.generation !== 2 || readFileSync(one).length === 0) throw new Error('the change was not seen');

    const pool = new SearchPool();
    const index = indexPath(indexFolder, 2);
    const times = [];
    let searchCpuMs = 0;
    let found = 0;
    for (const query of searches(SEARCHES)) {
      const { ms, cpuMs, result } = await timed(() => pool.search(index, { limit: 10, offset: 0, ...query }));
      times.push(ms);
      searchCpuMs += cpuMs;
      found += result.hits.length;
    }
    await pool.close();
    times.sort((a, b) => a - b);
    const { counts } = first.result;
    const mb = bytes / 2 ** 20;
    return {
      name: `a repository of ${FILES} files, ${mb.toFixed(0)} MB`,
      rows: [
        {
          figure: 'first sync',
          value: (FILES / first.ms) * 1_000,
          unit: 'files/s',
          note: `${(first.ms / 1_000).toFixed(1)} s`,
        },
        {
          figure: 'first sync over reading the same files',
          value: first.ms / read.ms,
          unit: 'times',
          note: `${(read.ms / 1_000).toFixed(1)} s`,
        },
        {
          figure: 'the same by processor time',
          value: first.cpuMs / read.cpuMs,
          unit: 'times',
          note: `${((FILES / first.cpuMs) * 1_000).toFixed(0)} files per second of a core`,
        },
        { figure: 'sync that finds nothing changed', value: unchanged.ms, unit: 'ms' },
        { figure: 'sync that reads all and finds nothing changed', value: rehashed.ms, unit: 'ms' },
        { figure: 'sync of one new file', value: changed.ms, unit: 'ms' },
        { figure: 'the same against the first sync', value: changed.ms / first.ms, unit: 'of its time' },
        {
          figure: 'the same by processor time',
          value: changed.cpuMs / first.cpuMs,
          unit: 'of its time',
          note: `${changed.cpuMs.toFixed(0)} ms`,
        },
        {
          figure: 'index per MB of code',
          value: counts.indexBytes / bytes,
          unit: 'MB',
          note: `${counts.chunks} pieces`,
        },
        { figure: 'memory at peak above before', value: (peak - before) / 2 ** 20, unit: 'MB' },
        { figure: 'search p50', value: times[Math.floor(times.length * 0.5)], unit: 'ms', note: `${found} hits` },
        { figure: 'search, processor time', value: searchCpuMs / SEARCHES, unit: 'ms' },
        { figure: 'search p95', value: times[Math.floor(times.length * 0.95)], unit: 'ms' },
      ],
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
