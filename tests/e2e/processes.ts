import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { localDataDir } from '../../src/local/host/data-dir.js';
import { stopLocalHost } from '../../src/local/host/launcher.js';
import type { JobRecord } from '../../src/store/job.js';
import type { Store } from '../../src/store/store.js';
import { withSampleData } from '../setup/sample-data.js';

export const EXECUTABLE = resolve('bin/mcp-snow.js');

/** Settings and connections of whoever runs the tests have no part in them. */
export function cleanEnvironment(home: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(MCP_SNOW_|SNOWFLAKE_|XDG_|NO_COLOR|FORCE_COLOR|NODE_OPTIONS|VITEST)/.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), HOME: home, ...more };
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with a database of its own, the processes started on it, and the local Snowflake they started. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'mcp-snow-e2e-'));
  readonly db = join(this.folder, 'queue.db');
  readonly #children = new Set<ChildProcess>();
  #store: Promise<Store> | undefined;

  constructor() {
    withSampleData(localDataDir(this.db));
  }

  /** Runs the command line to its end. */
  async run(args: readonly string[], options: { input?: string; env?: Record<string, string> } = {}): Promise<Ended> {
    const child = this.start(args, options);
    child.stdin?.end(options.input ?? '');
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout ?? process.stdin),
      text(child.stderr ?? process.stdin),
      once(child, 'exit') as Promise<[number | null]>,
    ]);
    return { code, stdout, stderr };
  }

  /** As `run`, with --db and --json; the answer as an object. */
  async json<Answer>(...args: string[]): Promise<Answer> {
    const ended = await this.run([...args, '--db', this.db, '--json']);
    if (ended.code !== 0) throw new Error(`mcp-snow ${args.join(' ')} ended with ${ended.code}: ${ended.stderr}`);
    return JSON.parse(ended.stdout) as Answer;
  }

  /** The jobs as the database has them: who looks again and again would start a process each time. */
  async jobs(client?: string): Promise<readonly JobRecord[]> {
    this.#store ??= import('../../src/store/sqlite/open.js').then(({ openSqliteStore }) =>
      openSqliteStore({ path: this.db }),
    );
    const store = await this.#store;
    return (await store.list({ limit: 1_000, ...(client !== undefined && { client }) })).jobs;
  }

  /** The first job of which that holds, as soon as there is one. */
  async job(holds: (job: JobRecord) => boolean): Promise<JobRecord> {
    return await eventually(async () => (await this.jobs()).find(holds));
  }

  start(args: readonly string[], options: { env?: Record<string, string> } = {}): ChildProcess {
    const child = spawn(process.execPath, [EXECUTABLE, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: cleanEnvironment(this.folder, options.env),
      cwd: this.folder,
    });
    child.stdin?.on('error', () => undefined);
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** A worker process that has said it is ready. */
  async worker(...args: string[]): Promise<ChildProcess> {
    const child = this.start(['worker', '--db', this.db, '--json', ...args]);
    if (!child.stdout) throw new Error('the worker has no stdout');
    const lines = createInterface({ input: child.stdout });
    await Promise.race([
      once(lines, 'line'),
      once(child, 'exit').then(async () => {
        throw new Error(`the worker ended: ${child.stderr ? await text(child.stderr) : ''}`);
      }),
    ]);
    return child;
  }

  /** A `serve --stdio` process, started by the transport as a client does it. */
  server(...args: string[]): StdioClientTransport {
    return new StdioClientTransport({
      command: process.execPath,
      args: [EXECUTABLE, 'serve', '--stdio', '--db', this.db, ...args],
      env: cleanEnvironment(this.folder),
      cwd: this.folder,
      stderr: 'ignore',
    });
  }

  async end(): Promise<void> {
    await Promise.all([...this.#children].map((child) => endChild(child)));
    await (await this.#store)?.close();
    await stopLocalHost(localDataDir(this.db)).catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

export async function endChild(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, 'exit') as Promise<[number | null]>;
  child.kill(signal);
  const killer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const [code] = await exit;
  clearTimeout(killer);
  return code;
}

/** Asks again until there is an answer; fails after `withinMs`. */
export async function eventually<Answer>(
  ask: () => Promise<Answer | undefined> | Answer | undefined,
  withinMs = 20_000,
): Promise<Answer> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${ask}`);
    await delay(20);
  }
}
