import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { installMacros } from '../sql/macros/install.js';
import { AccessLog } from './access-log.js';
import { type Catalog, WholeCatalog } from './catalog/catalog.js';
import { compactEntries, createCatalogTables, loadEntries } from './catalog/catalog-storage.js';
import { ensureAccount } from './catalog/ensure-account.js';
import { ACCOUNT } from './catalog/entries.js';
import { purgeDropped } from './catalog/purge-dropped.js';
import type { Engine, EngineSession, QueryHistoryEntry, SessionOptions } from './engine.js';
import { DEFAULT_ENGINE_LIMITS, type EngineLimits } from './engine-limits.js';
import { GrantIndex } from './grants/grant-index.js';
import { rightsAtLogin } from './grants/rights-at-login.js';
import { Housekeeping } from './housekeeping.js';
import { UserFunctions } from './javascript/user-functions.js';
import { LocalError } from './local-error.js';
import { QueryHistory } from './query-history.js';
import { registerFunctions } from './register-functions.js';
import { replayWal } from './replay-wal.js';
import { RequestMemory } from './request-memory.js';
import { ResultMemory } from './result-memory.js';
import { ResultReuse } from './result-reuse.js';
import { LocalSession } from './session.js';
import { StageFiles } from './stages/stage-files.js';
import { TableLocks } from './table-locks.js';
import { beginVersions } from './versions/begin-versions.js';
import { trimVersions } from './versions/trim-versions.js';

export interface EngineOptions {
  /** Where `snowflake.duckdb` lies; made when missing, readable by its owner only. */
  readonly dataDir: string;
  /** Scale of `SNOWFLAKE_SAMPLE_DATA.TPCH_SF1`; 0 leaves it out. Default 0.01. */
  readonly sampleScale?: number;
  /** Folders that stages with a `file://` URL may read and write; none unless given. */
  readonly stageFolders?: readonly string[];
  readonly limits?: Partial<EngineLimits>;
  /** Users who are let in without having been made with SQL: roles can be granted to them. In upper case. */
  readonly users?: readonly string[];
}

/** Opens the database (one process at a time may) and answers an engine that takes sessions. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const file = join(options.dataDir, 'snowflake.duckdb');
  const limits = { ...DEFAULT_ENGINE_LIMITS, ...options.limits };
  const settings = { preserve_insertion_order: 'true', ...duckDbLimits(limits) };
  await replayWal(file, settings);
  const instance = await DuckDBInstance.create(file, settings);
  await chmod(file, 0o600);
  const connection = await instance.connect();
  registerFunctions(connection);
  await createCatalogTables(connection);
  await installMacros((sql) => connection.run(sql));
  await compactEntries(connection);
  const catalog = new WholeCatalog(await loadEntries(connection));
  const functions = new UserFunctions(catalog);
  functions.register(connection);
  const requests = new RequestMemory();
  await requests.load(connection, Date.now());
  await beginVersions(catalog, connection, Date.now());
  await purgeDropped(catalog, connection, Date.now());
  await trimVersions(catalog, connection, Date.now());
  await ensureAccount(catalog, connection, {
    now: Date.now(),
    sampleScale: options.sampleScale ?? 0.01,
    users: options.users ?? [],
  });
  const stages = new StageFiles(join(options.dataDir, 'stages'), options.stageFolders);
  await stages.keepOnly((key) => key.startsWith('u') || catalog.get(Number(key.slice(1))) !== undefined);
  const history = new QueryHistory(await instance.connect(), limits);
  await history.load();
  const accessLog = new AccessLog(await instance.connect());
  await accessLog.load();
  return new LocalEngine(instance, connection, catalog, requests, history, limits, stages, functions, accessLog);
}

function duckDbLimits({ memoryBytes, temporaryDiskBytes }: EngineLimits): Record<string, string> {
  const size = (bytes: number) => `${Math.ceil(bytes / 1024)}KiB`;
  return {
    ...(memoryBytes !== undefined && { memory_limit: size(memoryBytes) }),
    ...(temporaryDiskBytes !== undefined && { max_temp_directory_size: size(temporaryDiskBytes) }),
  };
}

class LocalEngine implements Engine {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #catalog: Catalog;
  readonly #requests: RequestMemory;
  readonly #history: QueryHistory;
  readonly #accessLog: AccessLog;
  readonly #locks = new TableLocks();
  readonly #results = new ResultMemory();
  readonly #reuse: ResultReuse;
  readonly #sessions = new Set<LocalSession>();
  readonly #limits: EngineLimits;
  readonly #grants: GrantIndex;
  readonly #stages: StageFiles;
  readonly #functions: UserFunctions;
  readonly #housekeeping: Housekeeping;

  constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    catalog: Catalog,
    requests: RequestMemory,
    history: QueryHistory,
    limits: EngineLimits,
    stages: StageFiles,
    functions: UserFunctions,
    accessLog: AccessLog,
  ) {
    this.#accessLog = accessLog;
    this.#stages = stages;
    this.#functions = functions;
    this.#instance = instance;
    this.#connection = connection;
    this.#catalog = catalog;
    this.#grants = new GrantIndex(catalog);
    this.#requests = requests;
    this.#history = history;
    this.#limits = limits;
    this.#reuse = new ResultReuse((table) => this.#locks.version(table), limits.reusedResultBytes);
    this.#housekeeping = new Housekeeping({ catalog, connection, requests, history });
    this.#housekeeping.start();
  }

  async openSession(options: SessionOptions): Promise<EngineSession> {
    if (this.#sessions.size >= this.#limits.sessions) throw tooManySessions(this.#limits.sessions);
    const session = await LocalSession.open(
      {
        instance: this.#instance,
        catalog: this.#catalog,
        grants: this.#grants,
        requests: this.#requests,
        history: this.#history,
        accessLog: this.#accessLog,
        locks: this.#locks,
        results: this.#results,
        reuse: this.#reuse,
        stages: this.#stages,
        closed: (closed) => this.#sessions.delete(closed),
        abort: (id, asking) => this.#abort(id, asking),
      },
      options,
    );
    this.#sessions.add(session);
    return session;
  }

  async #abort(id: string, asking: LocalSession): Promise<boolean> {
    const session = [...this.#sessions].find((open) => open.id === id && asking.mayEnd(open));
    const closing = session?.close();
    // Its own end waits for the statement that asks for it.
    if (session !== asking) await closing;
    return session !== undefined;
  }

  monitorsAccount({ user, access }: Pick<SessionOptions, 'user' | 'access'>): boolean {
    if (access === undefined) return true;
    const parts = { catalog: this.#catalog, grants: this.#grants };
    return rightsAtLogin(parts, { user, session: '', wanted: undefined }, access).monitorsAccount;
  }

  get accessLog(): AccessLog {
    return this.#accessLog;
  }

  async history(queryId: string): Promise<QueryHistoryEntry | undefined> {
    return this.#history.find(queryId);
  }

  publicKeysOf(user: string): readonly string[] {
    const { RSA_PUBLIC_KEY: first, RSA_PUBLIC_KEY_2: second } =
      this.#catalog.find(ACCOUNT, 'user', user)?.attributes ?? {};
    return [first ?? '', second ?? ''].filter((key) => key !== '');
  }

  recentQueries(limit: number): readonly QueryHistoryEntry[] {
    return this.#history.latest(limit);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.close()));
    await this.#housekeeping.stop();
    await this.#functions.end();
    await this.#history.flush();
    await this.#accessLog.flush();
    await this.#connection.run('CHECKPOINT').catch(() => undefined);
    this.#history.close();
    this.#accessLog.close();
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

function tooManySessions(limit: number): LocalError {
  return new LocalError(
    '390001',
    '08004',
    `The local Snowflake has reached its limit of ${limit} sessions. Close one and connect again.`,
  );
}
