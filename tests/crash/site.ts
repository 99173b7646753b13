import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { createGateway } from '../../src/gateway/gateway.js';
import type { Gateway } from '../../src/gateway/requests.js';
import { localDataDir } from '../../src/local/host/data-dir.js';
import { stopLocalHost } from '../../src/local/host/launcher.js';
import type { JobRecord } from '../../src/store/job.js';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import type { Store } from '../../src/store/store.js';
import { withSampleData } from '../setup/sample-data.js';

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'mcp-snow.js');
const READY_MS = 30_000;

/** A subquery that keeps a core busy for some 20 to 50 ms for each of up to 100 suppliers. */
export function busy(suppliers: number): string {
  return `(select count(*) as c from (
    select a.l_comment || b.l_comment as text
    from snowflake_sample_data.tpch_sf1.lineitem as a, snowflake_sample_data.tpch_sf1.lineitem as b
    where a.l_suppkey = b.l_suppkey and a.l_suppkey <= ${suppliers}) as pairs
    where text like '%a%b%') as busy`;
}

/** One `mcp-snow worker` process. */
export interface WorkerProcess {
  readonly child: ChildProcess;
  /** As it names itself in the store. */
  readonly id: string;
  readonly errors: () => string;
  /** Resolves to how it ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** A database file with a gateway on it in this process; workers and the local Snowflake are processes of their own. */
export class Site {
  readonly folder: string;
  readonly store: Store;
  readonly gateway: Gateway;
  readonly #workers = new Set<WorkerProcess>();

  static async open(): Promise<Site> {
    const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-crash-'));
    withSampleData(localDataDir(join(folder, 'mcp-snow.db')));
    return new Site(
      folder,
      await openSqliteStore({
        path: join(folder, 'mcp-snow.db'),
        bounds: { maxQueued: 2_000, maxQueuedPerClient: 2_000 },
      }),
    );
  }

  constructor(folder: string, store: Store) {
    this.folder = folder;
    this.store = store;
    this.gateway = createGateway({ store, connection: 'local', allow: ['read', 'dml', 'ddl'], version: 'test' });
  }

  get db(): string {
    return join(this.folder, 'mcp-snow.db');
  }

  async startWorker(options: { leaseMs: number; concurrency: number }): Promise<WorkerProcess> {
    const child = spawn(
      process.execPath,
      [
        BIN,
        '--db',
        this.db,
        '--json',
        'worker',
        '--lease-ms',
        String(options.leaseMs),
        '--concurrency',
        String(options.concurrency),
      ],
      { cwd: this.folder, env: this.#environment(), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
    const ready = once(createInterface({ input: child.stdout }), 'line').then(
      ([line]) => JSON.parse(String(line)) as { worker: string },
    );
    const first = await Promise.race([ready, ended, delay(READY_MS, undefined, { ref: false })]);
    if (first === undefined || !('worker' in first)) {
      child.kill('SIGKILL');
      throw new Error(`the worker did not start: ${errors || JSON.stringify(first)}`);
    }
    const worker = { child, id: first.worker, errors: () => errors, ended };
    this.#workers.add(worker);
    void ended.then(() => this.#workers.delete(worker));
    return worker;
  }

  /** Waits for a condition, looking every few milliseconds. */
  async until(
    condition: () => Promise<boolean>,
    withinMs = 30_000,
    otherwise: () => string = () => 'the condition did not come true',
  ): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`${otherwise()} within ${withinMs} ms`);
      await delay(10);
    }
  }

  /** The job once it is as wanted. */
  async jobWhen(id: string, wanted: (job: JobRecord) => boolean, withinMs = 30_000): Promise<JobRecord> {
    let job: JobRecord | undefined;
    const look = async (): Promise<boolean> => {
      job = await this.store.find(id);
      return job !== undefined && wanted(job);
    };
    await this.until(look, withinMs, () => `job ${id} is ${JSON.stringify(job)}, and not otherwise`);
    return job as unknown as JobRecord;
  }

  async endWorkers(signal: NodeJS.Signals): Promise<void> {
    for (const { child, ended } of [...this.#workers]) {
      child.kill('SIGCONT');
      child.kill(signal);
      await ended;
    }
  }

  async close(): Promise<void> {
    await this.gateway.close();
    await this.endWorkers('SIGKILL');
    await this.store.close();
    await stopLocalHost(localDataDir(this.db));
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Nothing of the machine's own configuration may lead these processes elsewhere. */
  #environment(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(([name]) => !/^(SNOWFLAKE|MCP_SNOW|XDG)_/.test(name));
    return { ...Object.fromEntries(own), HOME: this.folder };
  }
}
