import type { ErrorData } from '../errors/snow-error.js';
import type { JobProgress, Json } from './job.js';
import type { HoldVerdict, JobHold } from './job-store.js';
import type { MemoryAsker, NamespaceChoice } from './memory-store.js';

/** What a published index holds. */
export interface RepositoryFacts {
  readonly files: number;
  readonly chunks: number;
  /** Of the files. */
  readonly bytes: number;
  readonly indexBytes: number;
  /** Files by language. */
  readonly languages: Readonly<Record<string, number>>;
}

/** Times are ms since the epoch. */
export interface RepositoryRecord {
  /** Names the folder of its index; not to be shown to anybody. */
  readonly key: string;
  readonly name: string;
  /** Name of the shared namespace it is in; absent for the asker's own. */
  readonly namespace?: string;
  readonly folder: string;
  readonly createdAt: number;
  readonly mayWrite: boolean;
  /** The published index; 0 before there is one. */
  readonly generation: number;
  readonly facts?: RepositoryFacts;
  readonly syncedAt?: number;
  /** Why the last sync failed, or was cancelled. */
  readonly failure?: ErrorData;
  readonly failedAt?: number;
  readonly syncing?: { readonly since: number; readonly progress?: JobProgress };
  readonly watch?: { readonly everyMs: number; readonly nextAt: number; readonly client: string };
}

export type SyncStart =
  /** The caller's job is the one that syncs it; whoever asks again is told so again. */
  | { readonly outcome: 'begun'; readonly repository: RepositoryRecord }
  /** Another job does so: the caller's is to be set back, and is due again when that one has ended. */
  | { readonly outcome: 'joined' }
  /** The job it waited for has succeeded, with this answer. */
  | { readonly outcome: 'answered'; readonly answer: Json }
  | { readonly outcome: 'lost' };

export interface WatchDue {
  /** In whose name it is synced. */
  readonly client: string;
  readonly name: string;
  /** Of a shared one; absent for the client's own. */
  readonly namespace?: string;
}

/**
 * Repositories in the namespaces of memories: who may read one may search it, who may write may sync it. What is not there
 * and what may not be read answer the same `NOT_FOUND`; writing where one may only read throws `NOT_PERMITTED`.
 */
export interface RepositoryStore {
  /**
   * Begins a sync for the job that is held, or joins the one that runs: there is never more than one of a repository. The
   * repository is made when it is not there. Throws `INVALID_ARGUMENT` when it is there with another folder, `NOT_FOUND` when no folder is given
   * and it is not there.
   */
  beginSync(
    hold: JobHold,
    asker: MemoryAsker,
    where: NamespaceChoice,
    sync: { readonly name: string; readonly folder?: string; readonly full: boolean },
  ): Promise<SyncStart>;
  /** To be published in the transaction in which the job succeeds. `lost`: it is not this job's sync (any more). */
  stageSync(
    hold: JobHold,
    staged: { readonly generation: number; readonly facts?: RepositoryFacts; readonly answer: Json },
  ): Promise<HoldVerdict>;
  /** Throws `NOT_FOUND`; `INVALID_ARGUMENT` when several namespaces have one of the name. */
  findRepository(asker: MemoryAsker, where: NamespaceChoice, name: string): Promise<RepositoryRecord>;
  /** By namespace, own first, and name. */
  listRepositories(asker: MemoryAsker, where: NamespaceChoice): Promise<readonly RepositoryRecord[]>;
  /** Nobody finds it from now on; its index is the caller's to delete. A sync that runs is not published. */
  removeRepository(asker: MemoryAsker, where: NamespaceChoice, name: string): Promise<RepositoryRecord>;
  /** Has it synced every so many ms from now on, in the asker's name; not any more without `everyMs`. */
  watchRepository(
    asker: MemoryAsker,
    where: NamespaceChoice,
    name: string,
    everyMs: number | undefined,
  ): Promise<RepositoryRecord>;
  /**
   * A repository whose sync is due, if any: the caller queues it under this idempotency key. Nobody else is given it before
   * the next time, and that not while this job has not ended.
   */
  takeDueWatch(key: string, client?: string): Promise<WatchDue | undefined>;
  /** When the next sync of a watched repository is due, ms since the epoch. */
  nextWatchAt(client?: string): Promise<number | undefined>;
  /** Of the repository with this key, if it is there. */
  publishedGeneration(key: string): Promise<number | undefined>;
  /** Of all repositories: what else lies among the indexes belongs to nobody. */
  repositoryKeys(): Promise<ReadonlySet<string>>;
}
