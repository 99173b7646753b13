import type { ErrorData } from '../../errors/snow-error.js';
import type { JobProgress } from '../job.js';
import type { RepositoryFacts, RepositoryRecord } from '../repository-store.js';
import type { Namespace } from './namespace-access.js';

export interface RepositoryRow {
  readonly id: number;
  readonly key: string;
  readonly namespace: number;
  readonly name: string;
  readonly folder: string;
  readonly created_at: number;
  readonly generation: number;
  readonly facts: string | null;
  readonly synced_at: number | null;
  readonly answered: number;
  readonly answer: string | null;
  readonly answer_full: number;
  readonly failure: string | null;
  readonly failed_at: number | null;
  readonly number: number;
  readonly sync_job: string | null;
  readonly sync_fence: number | null;
  readonly sync_full: number;
  readonly sync_since: number | null;
  readonly watch_every: number | null;
  readonly watch_client: string | null;
  readonly watch_at: number | null;
  /** Of the job that syncs it. */
  readonly progress: string | null;
}

/** To be followed by what is asked of `repositories`. */
export const SELECT_REPOSITORY = `SELECT repositories.*,
  (SELECT jobs.progress FROM jobs WHERE jobs.id = repositories.sync_job) AS progress FROM repositories`;

export function repositoryOf(row: RepositoryRow, { name: namespace, mayWrite }: Namespace): RepositoryRecord {
  const { watch_every: everyMs, watch_at: nextAt, watch_client: client } = row;
  return {
    key: row.key,
    name: row.name,
    ...(namespace !== undefined && { namespace }),
    folder: row.folder,
    createdAt: row.created_at,
    mayWrite,
    generation: row.generation,
    ...(row.facts !== null && { facts: JSON.parse(row.facts) as RepositoryFacts }),
    ...(row.synced_at !== null && { syncedAt: row.synced_at }),
    ...(row.failure !== null && { failure: JSON.parse(row.failure) as ErrorData }),
    ...(row.failed_at !== null && { failedAt: row.failed_at }),
    ...(row.sync_since !== null && {
      syncing: {
        since: row.sync_since,
        ...(row.progress !== null && { progress: JSON.parse(row.progress) as JobProgress }),
      },
    }),
    ...(everyMs !== null && nextAt !== null && client !== null && { watch: { everyMs, nextAt, client } }),
  };
}
