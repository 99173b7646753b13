import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGateway, type GatewayOptions } from '../../src/gateway/gateway.js';
import type { Gateway } from '../../src/gateway/requests.js';
import { localDataDir } from '../../src/local/host/data-dir.js';
import { HOST_USER } from '../../src/local/host/host-file.js';
import { ensureLocalHost, stopLocalHost } from '../../src/local/host/launcher.js';
import { LockTable } from '../../src/locks/lock-table.js';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import type { Store } from '../../src/store/store.js';
import { sqlLane } from '../../src/warehouse/job-payload.js';
import { createPool } from '../../src/warehouse/pool.js';
import { openConnection } from '../../src/warehouse/snowflake/connection.js';
import { metadataHandler } from '../../src/worker/handlers/metadata.js';
import { queryHandler } from '../../src/worker/handlers/query.js';
import { PinnedSessions } from '../../src/worker/pinned-sessions.js';
import { Warehouses } from '../../src/worker/warehouses.js';
import { startWorker, type Worker } from '../../src/worker/worker.js';
import { withSampleData } from '../setup/sample-data.js';

/** Gateways and workers of one process on a real store and a local Snowflake of their own. */
export class GatewayRig {
  readonly store: Store;
  readonly #folder: string;
  readonly #warehouses: Warehouses;
  readonly #gateways: Gateway[] = [];
  readonly #workers: Worker[] = [];

  static async open(): Promise<GatewayRig> {
    const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-gateway-'));
    withSampleData(localDataDir(join(folder, 'mcp-snow.db')));
    return new GatewayRig(folder, await openSqliteStore({ path: join(folder, 'mcp-snow.db') }));
  }

  constructor(folder: string, store: Store) {
    this.#folder = folder;
    this.store = store;
    this.#warehouses = new Warehouses({
      resolve: async (name) => {
        const host = await ensureLocalHost({ dataDir: this.dataDir });
        const login = { accessUrl: host.url, account: 'local', username: HOST_USER, password: host.token };
        return { name, local: true, options: login };
      },
      connect: openConnection,
      createPool: (open) => createPool(open, {}),
    });
  }

  get db(): string {
    return join(this.#folder, 'mcp-snow.db');
  }

  get dataDir(): string {
    return localDataDir(this.db);
  }

  /** The same file as another process would have it. */
  async another(): Promise<Store> {
    return await openSqliteStore({ path: join(this.#folder, 'mcp-snow.db') });
  }

  gateway(options: Partial<GatewayOptions> = {}): Gateway {
    const gateway = createGateway({
      store: this.store,
      connection: 'local',
      allow: ['read', 'dml', 'ddl'],
      version: 'test',
      ...options,
    });
    this.#gateways.push(gateway);
    return gateway;
  }

  async work(
    concurrency = 4,
    pins: { readonly idleMs?: number; readonly most?: number } = {},
    options: { readonly leaseMs?: number } = {},
  ): Promise<Worker> {
    const open = (profile: string) => this.#warehouses.open(profile);
    const pinned = new PinnedSessions({ store: this.store, open, ...pins });
    const worker = await startWorker({
      store: this.store,
      lanes: [sqlLane('local')],
      concurrency,
      ...options,
      pinned,
      handlers: {
        query: queryHandler({
          store: this.store,
          warehouses: this.#warehouses,
          pinned,
          sessionLocks: new LockTable(),
        }),
        metadata: metadataHandler({ warehouses: this.#warehouses }),
      },
    });
    this.#workers.push(worker);
    return worker;
  }

  async close(): Promise<void> {
    await Promise.all(this.#gateways.map((gateway) => gateway.close()));
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await this.#warehouses.close();
    await this.store.close();
    await stopLocalHost(this.dataDir);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
