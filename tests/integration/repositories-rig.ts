import { mkdirSync, mkdtempSync, realpathSync, utimesSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createGateway } from '../../src/gateway/gateway.js';
import { repositoryRequest, syncRequest } from '../../src/gateway/repository-requests.js';
import type { Caller, Gateway } from '../../src/gateway/requests.js';
import type { OperationArguments } from '../../src/memory/operation-payload.js';
import type { Json } from '../../src/store/job.js';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import type { Store } from '../../src/store/store.js';
import { operationHandler } from '../../src/worker/handlers/operation.js';
import { RepositoryOperations } from '../../src/worker/handlers/repositories.js';
import { OperationHandlers } from '../../src/worker/operation-handler.js';
import { startWorker, type Worker } from '../../src/worker/worker.js';

type Answer = { readonly [key: string]: Json };

/** Ages ago, so that times of change can be trusted. */
const THEN = new Date('2020-01-01');

export const ADA: Caller = { client: 'ada' };

/** A store, a gateway and workers for repositories; `another` is what another process would have. */
export class RepositoriesRig {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'mcp-snow-repositories-')));
  readonly code = join(this.folder, 'code');
  readonly db = join(this.folder, 'store.db');
  readonly #ends: (() => Promise<void>)[] = [];
  store!: Store;
  gateway!: Gateway;

  static async open(): Promise<RepositoriesRig> {
    const rig = new RepositoriesRig();
    rig.store = await openSqliteStore({ path: rig.db });
    await rig.store.setFlag('rate-limits', 'all', false, 'test');
    rig.gateway = createGateway({ store: rig.store, connection: 'local', allow: ['read'], version: 'test' });
    return rig;
  }

  /** A worker with a store of its own. */
  async work(folders: readonly string[] = [this.code]): Promise<Worker> {
    const store = await openSqliteStore({ path: this.db });
    const limits = { files: 10_000, bytes: 1e9, fileBytes: 1_048_576 };
    const operations = new OperationHandlers({
      repo: async () => new RepositoryOperations({ store, db: this.db, folders, limits }),
    });
    const handler = operationHandler(operations);
    const worker = await startWorker({
      store,
      lanes: ['code'],
      concurrency: 1,
      pools: [{ lanes: ['memory'], slots: 2 }],
      handlers: { memory: handler, 'repo-sync': handler },
    });
    this.#ends.push(async () => {
      await worker.stop();
      await operations.close();
      await store.close();
    });
    return worker;
  }

  put(path: string, text: string): void {
    const file = join(this.code, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    utimesSync(file, THEN, THEN);
  }

  async sync(given: OperationArguments, caller = ADA): Promise<Answer> {
    return (await this.gateway.operate(caller, syncRequest(given))).answer as Answer;
  }

  async ask(
    name: Parameters<typeof repositoryRequest>[0],
    given: OperationArguments = {},
    caller = ADA,
  ): Promise<Answer> {
    return (await this.gateway.operate(caller, repositoryRequest(name, given))).answer as Answer;
  }

  async found(given: OperationArguments, caller = ADA): Promise<readonly string[]> {
    const { hits } = await this.ask('repo_search', given, caller);
    return (hits as readonly Answer[]).map(({ path }) => String(path));
  }

  async close(): Promise<void> {
    await this.gateway.close();
    for (const end of this.#ends.reverse()) await end();
    await this.store.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
