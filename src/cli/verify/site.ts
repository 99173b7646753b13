import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ErrorData, SnowError } from '../../errors/snow-error.js';
import { localDataDir } from '../../local/host/data-dir.js';
import { HOST_USER } from '../../local/host/host-file.js';
import { ensureLocalHost, stopLocalHost } from '../../local/host/launcher.js';
import type { FlagSetting } from '../../store/flag-store.js';
import { openSqliteStore } from '../../store/sqlite/open.js';
import type { Store } from '../../store/store.js';
import { type Backend, openBackend } from '../backend.js';
import { endProcess, McpProcess, startProcess } from '../demo/mcp-process.js';
import type { Stage } from '../demo/stage.js';
import { writeCode } from './code-folder.js';
import { call, waitStatement } from './question.js';
import { Relay } from './relay.js';

const RELAYED = 'relayed';

const FILES = 4_000;

const END_GRACE_MS = 5_000;
const READY_WITHIN_MS = 20_000;

/** Bounds that no verification reaches: what is to be measured is not how the queue refuses. */
const settingsOf = (code: string): string => `connection = "local"
allow = ["read", "ddl"]
log_level = "silent"

[queue]
max_running = 40
max_queued = 10000
max_queued_per_client = 10000

[repositories]
folders = [${JSON.stringify(code)}]
`;

export interface ServerOptions {
  /** The local Snowflake, where nothing else is said. */
  readonly connection?: string;
  /** Statements have run before they are given out (true). */
  readonly warm?: boolean;
}

export interface Relayed {
  /** Its name. */
  readonly connection: string;
  readonly relay: Relay;
}

/** A database and a local Snowflake of a verification's own, in a folder that is gone with its stage. */
export interface Site {
  readonly store: Store;
  /** `serve --stdio` processes, and as many `worker` processes for whatever they queue, each with `concurrency`. */
  servers(count: number, concurrency: number, options?: ServerOptions): Promise<readonly McpProcess[]>;
  /** A connection to the local Snowflake over a line that can be cut. */
  relayed(): Promise<Relayed>;
  /** A gateway and a worker in this process, whose locks can be looked at; syncs are left to others. */
  backend(concurrency: number): Promise<Backend>;
  /** A folder of code that may be synced (4,000 files: more than are read in a second). */
  code(files?: number): Promise<string>;
  /** A process that syncs repositories and does nothing else. */
  syncer(): Promise<void>;
}

/** `flags` apply to all that runs on it; no other setting of the user has a part in it. */
export async function openSite(stage: Stage, flags: readonly FlagSetting[]): Promise<Site> {
  for (const name of Object.keys(process.env)) if (name.startsWith('MCP_SNOW_')) delete process.env[name];
  const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-verify-'));
  stage.atEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const db = join(folder, 'verify.db');
  const config = join(folder, 'verify.toml');
  const code = join(folder, 'code');
  await writeFile(config, settingsOf(code));
  stage.atEnd(() => stopLocalHost(localDataDir(db)));
  const store = await openSqliteStore({ path: db });
  stage.atEnd(() => store.close());
  for (const { flag, scope, on, setBy } of flags) await store.setFlag(flag, scope, on, setBy);
  return {
    store,
    async servers(count, concurrency, { connection, warm = true } = {}) {
      const common = [
        '--db',
        db,
        '--config',
        config,
        ...(connection === undefined ? [] : ['--connection', connection]),
      ];
      const workers = Array.from({ length: count }, () =>
        startProcess(['worker', ...common, '--concurrency', String(concurrency)], ['ignore', 'ignore', 'ignore']),
      );
      const servers = Array.from(
        { length: count },
        () => new McpProcess([...common, '--no-worker', '--toolsets', 'core,memory,code']),
      );
      for (const child of [...workers, ...servers.map((server) => server.child)])
        stage.atEnd(() => endProcess(child, END_GRACE_MS));
      await allWork(store, count);
      if (!warm) return servers;
      // The first statement starts the local Snowflake, and connections that are open make the measured ones comparable.
      const warmUp = servers.flatMap((server) =>
        Array.from({ length: concurrency }, (_, at) =>
          call(server, `warm-up-${at}`, 'query', { sql: waitStatement(50) }),
        ),
      );
      for (const { code, content } of await Promise.all(warmUp))
        if (code !== undefined) throw new SnowError((content.error ?? content) as unknown as ErrorData);
      return servers;
    },
    async relayed() {
      const { url, token } = await ensureLocalHost({ dataDir: localDataDir(db) });
      const relay = new Relay(new URL(url));
      await relay.open();
      stage.atEnd(() => relay.cut());
      const lines = [
        `[${RELAYED}]`,
        'account = "local"',
        `user = "${HOST_USER}"`,
        `password = "${token}"`,
        'host = "127.0.0.1"',
        `port = ${relay.port}`,
        'protocol = "http"',
      ];
      await writeFile(join(folder, 'connections.toml'), `${lines.join('\n')}\n`, { mode: 0o600 });
      for (const name of Object.keys(process.env)) if (name.startsWith('SNOWFLAKE_')) delete process.env[name];
      process.env.SNOWFLAKE_HOME = folder;
      return { connection: RELAYED, relay };
    },
    async backend(concurrency) {
      const backend = await openBackend({ db, config, color: false });
      stage.atEnd(() => backend.close(END_GRACE_MS));
      await backend.startWorker({ pools: backend.pools({ concurrency, lanes: ['query', 'memory'] }) });
      return backend;
    },
    async code(files = FILES) {
      await writeCode(code, files);
      return code;
    },
    async syncer() {
      const before = (await store.listWorkers()).length;
      const args = ['worker', '--db', db, '--config', config, '--lanes', 'code:1'];
      const child = startProcess(args, ['ignore', 'ignore', 'ignore']);
      stage.atEnd(() => endProcess(child, END_GRACE_MS));
      await allWork(store, before + 1);
    },
  };
}

async function allWork(store: Store, count: number): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  while ((await store.listWorkers()).length < count) {
    if (performance.now() > until)
      throw new SnowError({ code: 'INTERNAL', message: 'The worker processes of the verification do not start.' });
    await delay(20);
  }
}
