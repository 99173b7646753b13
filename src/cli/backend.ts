import type { Settings } from '../config/settings.js';
import { errorDataOf, type SnowError } from '../errors/snow-error.js';
import { createGateway } from '../gateway/gateway.js';
import type { GatewayLimits } from '../gateway/limits.js';
import { syncRequest } from '../gateway/repository-requests.js';
import type { Gateway } from '../gateway/requests.js';
import { LockTable } from '../locks/lock-table.js';
import type { LockStats } from '../locks/read-write-lock.js';
import { CodeSearch } from '../memory/repositories/code-search.js';
import { CODE_LANE } from '../store/lane.js';
import type { Store } from '../store/store.js';
import { createLogger, type Logger } from '../telemetry/logger.js';
import { sqlLane } from '../warehouse/job-payload.js';
import { createPool } from '../warehouse/pool.js';
import { SharedLogins } from '../warehouse/shared-logins.js';
import { openConnection } from '../warehouse/snowflake/connection.js';
import { endAbandonedConnections } from '../worker/abandoned-connections.js';
import type { WorkerPool } from '../worker/claim-pool.js';
import { failureRateOf } from '../worker/failure-rate.js';
import { metadataHandler } from '../worker/handlers/metadata.js';
import { operationHandler } from '../worker/handlers/operation.js';
import { queryHandler } from '../worker/handlers/query.js';
import { OperationHandlers } from '../worker/operation-handler.js';
import { PinnedSessions } from '../worker/pinned-sessions.js';
import { RepositoryWatcher } from '../worker/repository-watcher.js';
import { Warehouses } from '../worker/warehouses.js';
import { startWorker, type Worker } from '../worker/worker.js';
import { openStoreOf } from './open-store.js';
import { profileResolver } from './profiles.js';
import { type ConnectionChoice, chooseConnection, loadSettings, localDataOf, type SettingOptions } from './settings.js';
import { version } from './version.js';
import { connectionsOf, workerPools } from './worker-pools.js';

export interface WorkerRequest {
  /** What it takes, and how much of it at once: see `Backend.pools`. */
  readonly pools: readonly WorkerPool[];
  /** Only this client's jobs. */
  readonly client?: string;
  readonly leaseMs?: number;
}

/** What stands behind `serve`, `worker` and `enqueue` in one process: the store, a gateway on it, workers, connections. */
export class Backend {
  readonly settings: Settings;
  /** The connection profile in use. */
  readonly connection: string;
  readonly store: Store;
  readonly log: Logger;
  /** Resolves when this process cannot use the store any more (deleted file, newer schema); its workers have ended by then. */
  readonly unusable: Promise<SnowError>;
  readonly #warehouses: Warehouses;
  readonly #operations: OperationHandlers;
  readonly #code: CodeSearch;
  /** Held while a call looks up its session, and while a statement that changes one runs. */
  readonly #callLocks = new LockTable();
  /** Held while a statement's context is written back; a call may hold the session's other lock meanwhile. */
  readonly #sessionLocks = new LockTable();
  /** By client; '' takes everybody's jobs. */
  readonly #workers = new Map<string, Promise<Worker>>();
  /** Jobs that the largest worker of this process runs at once. */
  #mostAtOnce = 0;
  readonly #watchers = new Map<string, RepositoryWatcher>();
  #gateway: Gateway | undefined;
  #closed: Promise<void> | undefined;

  constructor(settings: Settings, choice: ConnectionChoice, store: Store, log: Logger) {
    this.settings = settings;
    this.connection = choice.profile.name;
    this.store = store;
    this.log = log;
    this.unusable = new Promise((resolve) => {
      store.onUnusable(async (failure) => {
        this.log.error({ error: failure.data }, 'the store cannot be used any more');
        await this.#drainWorkers(0);
        resolve(failure);
      });
    });
    this.#code = new CodeSearch(settings.db);
    this.#operations = new OperationHandlers({
      memory: async () => {
        const { memoryHandler } = await import('../worker/handlers/memory.js');
        return memoryHandler({ store, timeZone: settings.limits.timeZone });
      },
      repo: async () => {
        const { RepositoryOperations } = await import('../worker/handlers/repositories.js');
        const { folders, maxFileBytes, maxFiles, maxBytes } = settings.repositories;
        const limits = { files: maxFiles, bytes: maxBytes, fileBytes: maxFileBytes };
        return new RepositoryOperations({ store, db: settings.db, folders, limits });
      },
    });
    this.#warehouses = new Warehouses({
      resolve: profileResolver(choice.connections, localDataOf(settings), settings.local.variables),
      connect: openConnection,
      logins: new SharedLogins(store),
      createPool: (open) =>
        createPool(open, {
          ...settings.pool,
          // Fewer connections than jobs would only let claimed jobs wait for one another.
          maxConnections: Math.max(settings.pool.maxConnections, this.#mostAtOnce),
        }),
    });
  }

  /** What a worker of this process takes: as the options say (`memory:10`, …), else the settings, else everything. */
  pools(options: { readonly lanes?: readonly string[] | undefined; readonly concurrency?: number | undefined } = {}) {
    const { worker } = this.settings;
    return workerPools({
      lanes: options.lanes ?? worker.lanes,
      concurrency: options.concurrency ?? worker.concurrency,
      queryLane: sqlLane(this.connection),
    });
  }

  /** What the locks of this process were waited for: those of sessions, and the one in front of the single connection. */
  lockStats(): { readonly sessions: LockStats; readonly connection: LockStats } {
    return { sessions: this.#callLocks.stats(), connection: this.#warehouses.lockStats() };
  }

  gateway(): Gateway {
    this.#gateway ??= createGateway({
      store: this.store,
      connection: this.connection,
      allow: this.settings.allow,
      version: version(),
      limits: limitsOf(this.settings),
      auditText: this.settings.audit.text,
      sessionLocks: this.#callLocks,
      code: this.#code,
      ownWorker: async (client) => (await (this.#workers.get(client) ?? this.#workers.get('')))?.id,
      onTrouble: (what, failure) => this.log.warn({ error: errorDataOf(failure) }, what),
    });
    return this.#gateway;
  }

  /** Starts a worker in this process; a second call for the same client gives the first one's. */
  async startWorker(request: WorkerRequest): Promise<Worker> {
    const key = request.client ?? '';
    let worker = this.#workers.get(key);
    if (worker === undefined) {
      const [first = { lanes: [], slots: 0 }, ...pools] = request.pools;
      const lanes = request.pools.flatMap((pool) => pool.lanes);
      this.#mostAtOnce = Math.max(this.#mostAtOnce, connectionsOf(request.pools));
      const lease = request.leaseMs === undefined ? {} : { leaseMs: request.leaseMs };
      const open = (profile: string) => this.#warehouses.open(profile);
      const pinned = new PinnedSessions({ store: this.store, open, ...lease });
      const failureRate = failureRateOf(this.store);
      worker = startWorker({
        pinned,
        store: this.store,
        lanes: first.lanes,
        concurrency: first.slots,
        pools,
        probe: (profile) => this.#warehouses.probe(profile),
        handlers: {
          query: queryHandler({
            store: this.store,
            warehouses: this.#warehouses,
            pinned,
            sessionLocks: this.#sessionLocks,
            failureRate,
          }),
          metadata: metadataHandler({ warehouses: this.#warehouses, failureRate }),
          memory: operationHandler(this.#operations),
          'repo-sync': operationHandler(this.#operations),
        },
        onTrouble: (what, failure) => this.log.warn({ error: errorDataOf(failure) }, what),
        endAbandoned: (id) => endAbandonedConnections({ store: this.store, warehouses: this.#warehouses, lanes }, id),
        ...(request.client !== undefined && { client: request.client }),
        ...lease,
      });
      this.#workers.set(key, worker);
      worker.catch(() => this.#workers.delete(key));
      if (lanes.includes(CODE_LANE)) this.#watchRepositories(request.client);
    }
    return await worker;
  }

  /** Queues syncs of watched repositories from now on: all, or one client's. */
  #watchRepositories(client: string | undefined): void {
    const watcher = new RepositoryWatcher({
      store: this.store,
      queue: async ({ client: owner, name, namespace }, idempotencyKey) => {
        const given = { name, ...(namespace !== undefined && { namespace }) };
        const sync = { ...syncRequest(given), idempotencyKey, timed: true };
        await this.gateway().startOperation({ client: owner, via: 'repo_watch' }, sync);
      },
      onFailure: (failure) => this.log.warn({ error: errorDataOf(failure) }, 'a watched repository was not synced'),
      ...(client !== undefined && { client }),
    });
    this.#watchers.set(client ?? '', watcher);
    watcher.start();
  }

  /**
   * Lets running jobs end, at most `graceMs` long, and answers everybody who waits: with the rows, or with the id of the job,
   * which lives on in the queue.
   */
  async endCalls(graceMs: number): Promise<void> {
    await Promise.all([this.#gateway?.drain(graceMs), this.#drainWorkers(graceMs)]);
  }

  /** Cancels what is still waited for, gives running jobs `graceMs` to end, and closes everything; the first call counts. */
  async close(graceMs: number): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    await this.#closed;
  }

  async #close(graceMs: number): Promise<void> {
    await Promise.allSettled(this.#workers.values());
    await Promise.all([...this.#watchers.values()].map((watcher) => watcher.stop()));
    await this.#gateway?.close();
    await this.#drainWorkers(graceMs);
    await this.#operations.close();
    await this.#code.close();
    await this.#warehouses.close();
    await this.store.close();
  }

  async #drainWorkers(graceMs: number): Promise<void> {
    const workers = await Promise.allSettled(this.#workers.values());
    await Promise.all(
      workers.map((worker) => (worker.status === 'fulfilled' ? worker.value.drain(graceMs) : undefined)),
    );
  }
}

function limitsOf({ query, queue, results }: Settings): Partial<GatewayLimits> {
  return {
    answerRows: results.maxRows,
    storedRows: results.storedRows,
    storedBytes: results.storedBytes,
    resultTtlMs: results.ttlMs,
    waitMs: query.waitS * 1000,
    statementTimeoutMs: query.timeoutMs,
    queueTimeoutMs: queue.timeoutMs,
  };
}

export async function openBackend(options: SettingOptions): Promise<Backend> {
  const settings = await loadSettings(options);
  const choice = await chooseConnection(settings);
  const [log, store] = await Promise.all([createLogger(settings.logLevel, 'mcp-snow'), openStoreOf(settings)]);
  for (const warning of choice.connections.warnings) log.warn({}, warning);
  process.on('unhandledRejection', (failure) =>
    log.error({ error: errorDataOf(failure) }, 'a promise was not waited for'),
  );
  return new Backend(settings, choice, store, log);
}
