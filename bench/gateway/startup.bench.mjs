// How long a client waits for its tools: `serve --stdio` to the first answer of tools/list, against Node starting at all.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, residentMb, StdioClient } from './stdio-client.mjs';

const RUNS = 15;

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-snow-bench-'));
  const bare = [];
  const serve = [];
  const memory = [];
  try {
    for (let turn = 0; turn < RUNS; turn += 1) {
      let began = performance.now();
      spawnSync(process.execPath, ['-e', '0']);
      bare.push(performance.now() - began);
      began = performance.now();
      const client = new StdioClient(['--db', join(folder, 'queue.db')]);
      await client.request('tools/list');
      serve.push(performance.now() - began);
      memory.push(residentMb(client.child.pid));
      await client.end();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    name: 'serve --stdio to the first tools/list',
    rows: [
      { figure: 'node -e 0', value: median(bare), unit: 'ms' },
      { figure: 'serve --stdio', value: median(serve), unit: 'ms' },
      { figure: 'more than Node alone', value: median(serve) - median(bare), unit: 'ms', note: 'aim: at most 250' },
      { figure: 'resident memory then', value: median(memory), unit: 'MB' },
    ],
  };
}
