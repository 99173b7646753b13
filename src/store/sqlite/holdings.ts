import type { Holdings } from '../holdings-store.js';
import type { Engine } from './engine.js';

export function prepareHoldings({ db }: Engine): () => Holdings {
  const memories = db.prepare<[], Holdings['memories']>(
    `SELECT count(*) AS namespaces, coalesce(sum(memories), 0) AS count, coalesce(sum(bytes), 0) AS bytes
     FROM namespaces WHERE removed_at IS NULL`,
  );
  const fact = (name: string): string => `coalesce(sum(iif(generation > 0, facts ->> '${name}', 0)), 0)`;
  const repositories = db.prepare<[], Holdings['repositories']>(
    `SELECT count(*) AS count, coalesce(sum(generation > 0), 0) AS ready, count(sync_job) AS syncing,
       ${fact('files')} AS files, ${fact('bytes')} AS bytes, ${fact('indexBytes')} AS indexBytes
     FROM repositories`,
  );
  return () => ({
    memories: memories.get() as Holdings['memories'],
    repositories: repositories.get() as Holdings['repositories'],
  });
}
