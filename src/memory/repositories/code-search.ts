import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepositoryRecord } from '../../store/repository-store.js';
import { indexPath } from './index-path.js';
import type { CodeHit, CodeQuery } from './search-index.js';
import { SearchPool } from './search-pool.js';

export interface FoundCode extends CodeHit {
  readonly repository: string;
  /** Of a shared one; absent for the asker's own. */
  readonly namespace?: string;
}

export interface CodeSearchAnswer {
  /** Best first. */
  readonly hits: readonly FoundCode[];
  /** `any`: nothing has all of the words, so these have at least one. */
  readonly matched: 'all' | 'any';
  readonly more: boolean;
  /** Repositories whose index is not there any more: a sync brings it back. */
  readonly missing: readonly RepositoryRecord[];
}

/** Where the indexes of a store's repositories lie, a folder for each; all of it can be made again. */
function indexesFolder(db: string): string {
  return `${db}-code`;
}

/** Searches the published indexes of repositories. */
export class CodeSearch {
  readonly #root: string;
  readonly #pool = new SearchPool();

  constructor(db: string) {
    this.#root = indexesFolder(db);
  }

  folderOf({ key }: Pick<RepositoryRecord, 'key'>): string {
    return join(this.#root, key);
  }

  /**
   * Asks all of them, each for itself: what one holds changes nothing about the order within another.
   * Throws `INVALID_ARGUMENT` for a query that asks for nothing.
   */
  async search(
    repositories: readonly RepositoryRecord[],
    query: CodeQuery,
    signal?: AbortSignal,
  ): Promise<CodeSearchAnswer> {
    const published = repositories.filter(({ generation }) => generation > 0);
    // Pages are cut after what all of them have to say is in order.
    const wanted = { ...query, offset: 0, limit: query.limit + query.offset };
    const answers = await Promise.all(
      published.map(async (repository) => ({
        repository,
        answer: await this.#pool.search(indexPath(this.folderOf(repository), repository.generation), wanted, signal),
      })),
    );
    const found = answers.filter(({ answer }) => answer !== undefined && answer.hits.length > 0);
    // Where one has all of the words, those with some of them are of no interest.
    const all = found.filter(({ answer }) => answer?.matched === 'all');
    const told = all.length > 0 ? all : found;
    const hits = told
      .flatMap(({ repository, answer }) =>
        (answer?.hits ?? []).map((hit): FoundCode => ({ ...hit, ...placeOf(repository) })),
      )
      .sort((a, b) => roleOf(a) - roleOf(b) || a.score - b.score);
    return {
      hits: hits.slice(query.offset, query.offset + query.limit),
      matched: all.length > 0 || found.length === 0 ? 'all' : 'any',
      more: hits.length > query.offset + query.limit || told.some(({ answer }) => answer?.more),
      missing: answers.filter(({ answer }) => answer === undefined).map(({ repository }) => repository),
    };
  }

  /** Keys of those that have a published index which is not there any more. */
  async missing(repositories: readonly RepositoryRecord[]): Promise<ReadonlySet<string>> {
    const published = repositories.filter(({ generation }) => generation > 0);
    const gone = await Promise.all(
      published.map(async (repository) => {
        const path = indexPath(this.folderOf(repository), repository.generation);
        return await access(path).then(
          () => [],
          () => [repository.key],
        );
      }),
    );
    return new Set(gone.flat());
  }

  /** Deletes a repository's index. */
  async remove(repository: Pick<RepositoryRecord, 'key'>): Promise<void> {
    await rm(this.folderOf(repository), { recursive: true, force: true });
  }

  /** Deletes the indexes that belong to none of the repositories there are. */
  async removeOrphans(keys: () => Promise<ReadonlySet<string>>): Promise<void> {
    const folders = await readdir(this.#root).catch(() => []);
    if (folders.length === 0) return;
    // Asked for after the folders: a repository is known before it has one.
    const known = await keys();
    for (const key of folders) if (/^[0-9a-f]{24}$/.test(key) && !known.has(key)) await this.remove({ key });
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

function placeOf({ name, namespace }: RepositoryRecord): Pick<FoundCode, 'repository' | 'namespace'> {
  return { repository: name, ...(namespace !== undefined && { namespace }) };
}

function roleOf({ role }: CodeHit): number {
  return role === 'defines' ? 0 : role === 'describes' ? 1 : 2;
}
