// One `serve --http` without a worker, `worker` processes, a local Snowflake, and clients with a token each, in a folder of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { issueToken } from '../../dist/gateway/tokens.js';
import { localDataDir } from '../../dist/local/host/data-dir.js';
import { ensureLocalHost, stopLocalHost } from '../../dist/local/host/launcher.js';
import { openSqliteStore } from '../../dist/store/sqlite/open.js';

const EXECUTABLE = fileURLToPath(new URL('../../bin/mcp-snow.js', import.meta.url));
/** Of the kernel's processor times: `getconf CLK_TCK`. */
const TICKS_PER_S = 100;
const READY = 'line';

export class HttpSite {
  #processes = [];

  /** @param queue members of `[queue]` in the settings file */
  static async open({ queue = {}, concurrency = 20, workers = 2, clients = [], nodeArgs = {} }) {
    const site = new HttpSite();
    site.folder = await mkdtemp(join(tmpdir(), 'mcp-snow-bench-http-'));
    site.db = join(site.folder, 'queue.db');
    const config = join(site.folder, 'bench.toml');
    const bounds = Object.entries(queue).map(([key, value]) => `${key} = ${value}`);
    await writeFile(config, ['connection = "local"', 'log_level = "error"', '[queue]', ...bounds, ''].join('\n'));
    try {
      const store = await openSqliteStore({ path: site.db });
      site.clients = await Promise.all(
        clients.map(async ({ name, weight, era }) => {
          await store.saveClient(name, weight === undefined ? {} : { weight });
          const { token } = await issueToken(store, { client: name });
          return { name, era, token };
        }),
      );
      await store.close();
      const host = await ensureLocalHost({ dataDir: localDataDir(site.db) });
      site.pids = { 'local Snowflake': host.pid };
      const common = ['--db', site.db, '--config', config, '--json'];
      const [server] = await Promise.all([
        site.#start('server', ['serve', '--http', '--port', '0', '--no-worker', ...common], nodeArgs.server),
        ...Array.from({ length: workers }, (_, at) =>
          site.#start(`worker ${at + 1}`, ['worker', '--concurrency', String(concurrency), ...common], nodeArgs.worker),
        ),
      ]);
      site.url = server.url;
      return site;
    } catch (failure) {
      await site.close();
      throw failure;
    }
  }

  /** Processor time of each process so far, in ms. */
  cpuMs() {
    return Object.fromEntries(Object.entries(this.pids).map(([name, pid]) => [name, cpuMsOf(pid)]));
  }

  async close() {
    await Promise.all(
      this.#processes.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exit = once(child, 'exit');
        child.kill('SIGTERM');
        // The second one says: at once.
        const hurry = setTimeout(() => child.kill('SIGTERM'), 3_000);
        await exit;
        clearTimeout(hurry);
      }),
    );
    if (this.db !== undefined) await stopLocalHost(localDataDir(this.db)).catch(() => {});
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async #start(name, args, nodeArgs = []) {
    const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('MCP_SNOW_')));
    const child = spawn(process.execPath, [...nodeArgs, EXECUTABLE, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...env, NO_COLOR: '1' },
    });
    this.#processes.push(child);
    this.pids[name] = child.pid;
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${name} ended with ${code}`);
    });
    const [line] = await Promise.race([once(createInterface({ input: child.stdout }), READY), ended]);
    ended.catch(() => {});
    return JSON.parse(line);
  }
}

function cpuMsOf(pid) {
  // Its name, which may hold anything, is in parentheses; the times are the 14th and 15th members.
  const members = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return ((Number(members[11]) + Number(members[12])) * 1_000) / TICKS_PER_S;
}
