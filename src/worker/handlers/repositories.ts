import { mkdir } from 'node:fs/promises';
import { SnowError } from '../../errors/snow-error.js';
import type { OperationArguments } from '../../memory/operation-payload.js';
import { allowedFolder } from '../../memory/repositories/allowed-folder.js';
import {
  listAnswer,
  repositoryItem,
  searchAnswer,
  syncAnswer,
  syncMessage,
} from '../../memory/repositories/answers.js';
import { CodeSearch } from '../../memory/repositories/code-search.js';
import { removeOtherIndexes } from '../../memory/repositories/index-files.js';
import { type RepositoryOperation, repositoryOperationOf } from '../../memory/repositories/operations.js';
import { runSync } from '../../memory/repositories/run-sync.js';
import type { SyncProgress, SyncReport } from '../../memory/repositories/sync.js';
import { isTakenOver } from '../../memory/repositories/taken-over.js';
import type { JobRecord, Json } from '../../store/job.js';
import type { MemoryAsker, NamespaceChoice } from '../../store/memory-store.js';
import type { RepositoryRecord } from '../../store/repository-store.js';
import { sessionOwner } from '../../store/session-owner.js';
import type { Store } from '../../store/store.js';
import { type OperationContext, type OperationHandler, SetBack } from '../operation-handler.js';

export interface RepositoriesOptions {
  readonly store: Store;
  /** Path of the database; the indexes lie beside it. */
  readonly db: string;
  /** What lies in them may be indexed. */
  readonly folders: readonly string[];
  readonly limits: { readonly files: number; readonly bytes: number; readonly fileBytes: number };
}

/** A sync that joined another looks for itself after so long, in ms, should nobody have told it of that one's end. */
const JOINED_MS = 60_000;

/** How long the index of the generation before may still be wanted by a search that has just begun, in ms. */
const LINGER_MS = 2_000;

/** Syncs, searches and lists repositories. */
export class RepositoryOperations implements OperationHandler {
  readonly #options: RepositoriesOptions;
  readonly #search: CodeSearch;
  /** What is to be tidied up, by the timer that will. */
  readonly #tidying = new Map<NodeJS.Timeout, () => Promise<void>>();

  constructor(options: RepositoriesOptions) {
    this.#options = options;
    this.#search = new CodeSearch(options.db);
  }

  async run(name: string, given: OperationArguments, context: OperationContext): Promise<Json> {
    const operation = repositoryOperationOf(name, given);
    const asker = askerOf(context.job);
    const { store } = this.#options;
    switch (operation.name) {
      case 'repo_sync':
        return await this.#sync(operation, asker, context);
      case 'repo_search':
        return await this.#find(operation, asker, context);
      case 'repo_list':
        return await this.#list(asker, operation.where);
      case 'repo_watch': {
        const { where, repository, everyMs } = operation;
        const watched = await store.watchRepository(asker, where, repository, everyMs);
        return repositoryItem(watched, (await this.#search.missing([watched])).size > 0, Date.now());
      }
      case 'repo_remove': {
        const removed = await store.removeRepository(asker, operation.where, operation.repository);
        await this.#search.remove(removed);
        return { repository: removed.name, removed: true };
      }
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#tidying.keys()) clearTimeout(timer);
    await Promise.all([...this.#tidying.values()].map((tidy) => tidy()));
    await this.#search.close();
  }

  async #sync(
    { where, repository: name, folder: given, full }: Extract<RepositoryOperation, { name: 'repo_sync' }>,
    asker: MemoryAsker,
    context: OperationContext,
  ): Promise<Json> {
    const { store, folders, limits } = this.#options;
    const { hold, signal } = context;
    const folder = given === undefined ? undefined : await allowedFolder(given, folders);
    const start = await store.beginSync(hold, asker, where, { name, full, ...(folder !== undefined && { folder }) });
    if (start.outcome === 'joined') throw new SetBack(Date.now() + JOINED_MS);
    if (start.outcome === 'answered') return start.answer;
    if (start.outcome === 'lost') throw lost();
    const { repository } = start;
    const startedAt = performance.now();
    await this.#checkFolder(repository);
    const indexFolder = this.#search.folderOf(repository);
    await mkdir(indexFolder, { recursive: true, mode: 0o700 });
    const { generation } = repository;
    removeOtherIndexes(indexFolder, [generation, generation + 1]);
    const request = { folder: repository.folder, indexFolder, generation, fence: hold.fence, limits, full };
    const onProgress = (progress: SyncProgress): void => context.progress(syncMessage(progress));
    const report = await runSync(request, { signal, onProgress }).catch(async (failure: unknown) => {
      if (!isTakenOver(failure) || signal.aborted) throw failure;
      const again = await store.beginSync(hold, asker, where, { name, full });
      if (again.outcome !== 'begun') throw failure;
      // By an attempt that the store knows nothing of: it is an older one, restored from a backup.
      removeOtherIndexes(indexFolder, [generation]);
      return await runSync(request, { signal, onProgress });
    });
    return await this.#publish(repository, report, context, performance.now() - startedAt);
  }

  /** The settings of this worker may be others than those under which it was asked for, and the folder another one than then. */
  async #checkFolder({ folder }: RepositoryRecord): Promise<void> {
    if ((await allowedFolder(folder, this.#options.folders)) === folder) return;
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `${folder} has become a symbolic link.`,
      hint: 'Remove the repository and sync the folder that it leads to: mcp-snow repo remove.',
    });
  }

  /** What is staged here becomes true when the job succeeds. */
  async #publish(
    repository: RepositoryRecord,
    report: SyncReport,
    { hold }: OperationContext,
    tookMs: number,
  ): Promise<Json> {
    const { store } = this.#options;
    const facts = report.counts ?? repository.facts;
    const answer = syncAnswer(repository, report, facts, tookMs);
    const { generation } = report;
    const verdict = await store.stageSync(hold, { generation, answer, ...(facts !== undefined && { facts }) });
    if (verdict === 'lost') throw lost();
    this.#tidyLater(repository, generation);
    return answer;
  }

  /** What was published before goes once the new one is, and nobody can be about to open it. */
  #tidyLater(repository: RepositoryRecord, generation: number): void {
    const tidy = async (): Promise<void> => {
      this.#tidying.delete(timer);
      // What is left now is left to the next sync.
      await this.#tidy(repository, generation).catch(() => undefined);
    };
    const timer = setTimeout(() => void tidy(), LINGER_MS).unref();
    this.#tidying.set(timer, tidy);
  }

  async #tidy({ key }: RepositoryRecord, generation: number): Promise<void> {
    const { store } = this.#options;
    await this.#search.removeOrphans(() => store.repositoryKeys());
    if ((await store.publishedGeneration(key)) !== generation) return;
    removeOtherIndexes(this.#search.folderOf({ key }), [generation, generation + 1]);
  }

  async #find(
    { where, repository, query }: Extract<RepositoryOperation, { name: 'repo_search' }>,
    asker: MemoryAsker,
    { signal }: OperationContext,
  ): Promise<Json> {
    for (let tries = 1; ; tries += 1) {
      const repositories = await this.#readable(asker, where, repository);
      const found = await this.#search.search(repositories, query, signal);
      // Published anew between the look at the list and at the index.
      if (found.missing.length > 0 && tries === 1) continue;
      return searchAnswer(repositories, found, query);
    }
  }

  async #list(asker: MemoryAsker, where: NamespaceChoice): Promise<Json> {
    const repositories = await this.#options.store.listRepositories(asker, where);
    return listAnswer(repositories, await this.#search.missing(repositories), Date.now());
  }

  async #readable(
    asker: MemoryAsker,
    where: NamespaceChoice,
    name: string | undefined,
  ): Promise<readonly RepositoryRecord[]> {
    const { store } = this.#options;
    return name === undefined
      ? await store.listRepositories(asker, where)
      : [await store.findRepository(asker, where, name)];
  }
}

function askerOf({ client, flags }: JobRecord): MemoryAsker {
  return { client, owner: sessionOwner(client, flags), quotas: flags.quotas !== false };
}

function lost(): SnowError {
  return new SnowError({ code: 'CANCELLED', message: 'The sync was taken over, or its repository removed.' });
}
