import { randomBytes } from 'node:crypto';
import { SnowError } from '../../errors/snow-error.js';
import type { Json } from '../job.js';
import type { HoldVerdict, JobHold } from '../job-store.js';
import type { MemoryAsker, NamespaceChoice } from '../memory-store.js';
import type { RepositoryFacts, SyncStart } from '../repository-store.js';
import type { Engine } from './engine.js';
import { prepareHeldJob } from './held-job.js';
import { type Namespace, prepareNamespaceAccess } from './namespace-access.js';
import { noRepository } from './repositories.js';
import { type RepositoryRow, repositoryOf, SELECT_REPOSITORY } from './repository-row.js';

export interface RepositorySyncs {
  begin(
    hold: JobHold,
    asker: MemoryAsker,
    where: NamespaceChoice,
    sync: { readonly name: string; readonly folder?: string; readonly full: boolean },
  ): SyncStart;
  stage(
    hold: JobHold,
    staged: { readonly generation: number; readonly facts?: RepositoryFacts; readonly answer: Json },
  ): HoldVerdict;
}

/** Who syncs a repository is written in its row; triggers on jobs end that with the job's run, however it ends. */
export function prepareRepositorySyncs(engine: Engine): RepositorySyncs {
  const { db, now } = engine;
  const access = prepareNamespaceAccess(db);
  const heldJob = prepareHeldJob(engine);
  const addOwn = db.prepare(
    "INSERT INTO namespaces (kind, name, owner, created_at) VALUES ('own', @name, nullif(@name, ''), @now)",
  );
  const named = db.prepare<[number, string], RepositoryRow>(`${SELECT_REPOSITORY} WHERE namespace = ? AND name = ?`);
  const add = db.prepare('INSERT INTO repositories (key, namespace, name, folder, created_at) VALUES (?, ?, ?, ?, ?)');
  const joined = db
    .prepare<[string, number], number>('SELECT number FROM sync_joiners WHERE job = ? AND repository = ?')
    .pluck();
  const join = db.prepare('INSERT OR REPLACE INTO sync_joiners (job, repository, number) VALUES (?, ?, ?)');
  const leave = db.prepare('DELETE FROM sync_joiners WHERE job = ?');
  const begin = db.prepare(
    `UPDATE repositories SET number = number + 1, sync_job = ?, sync_fence = ?, sync_full = ?, sync_since = ?,
       staged_generation = NULL, staged_facts = NULL, staged_answer = NULL WHERE id = ?`,
  );
  const stage = db.prepare(
    `UPDATE repositories SET staged_generation = ?, staged_facts = ?, staged_answer = ?
     WHERE sync_job = ? AND sync_fence = ?`,
  );

  function namespaceFor(asker: MemoryAsker, where: NamespaceChoice): Namespace {
    const found = access.writable(asker, where);
    if (found !== undefined) return found;
    addOwn.run({ name: asker.owner, now: now() });
    return access.writable(asker, where) as Namespace;
  }

  function rowFor(namespace: Namespace, name: string, folder: string | undefined): RepositoryRow {
    const row = named.get(namespace.id, name);
    if (row === undefined) {
      if (folder === undefined) throw noRepository(name);
      add.run(randomBytes(12).toString('hex'), namespace.id, name, folder, now());
      return named.get(namespace.id, name) as RepositoryRow;
    }
    if (folder === undefined || row.folder === folder) return row;
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `The repository ${JSON.stringify(name)} is there already, with another folder: ${row.folder}.`,
      hint: 'Give another name, or remove that one first: mcp-snow repo remove.',
    });
  }

  return {
    begin: (hold, asker, where, { name, folder, full }) => {
      if (heldJob(hold) === undefined) return { outcome: 'lost' };
      const namespace = namespaceFor(asker, where);
      const row = rowFor(namespace, name, folder);
      const waitedFor = joined.get(hold.id, row.id);
      if (waitedFor !== undefined && row.answered >= waitedFor && row.answer !== null)
        return { outcome: 'answered', answer: JSON.parse(row.answer) as Json };
      if (row.sync_job === hold.id && row.sync_fence === hold.fence)
        return { outcome: 'begun', repository: repositoryOf(row, namespace) };
      if (row.sync_job !== null) {
        // One that reads all files is not answered by one that does not.
        join.run(hold.id, row.id, row.number + (full && row.sync_full === 0 ? 1 : 0));
        return { outcome: 'joined' };
      }
      leave.run(hold.id);
      begin.run(hold.id, hold.fence, full ? 1 : 0, now(), row.id);
      return { outcome: 'begun', repository: repositoryOf(named.get(namespace.id, name) as RepositoryRow, namespace) };
    },
    stage: (hold, { generation, facts, answer }) => {
      if (heldJob(hold) === undefined) return 'lost';
      const json = facts === undefined ? null : JSON.stringify(facts);
      return stage.run(generation, json, JSON.stringify(answer), hold.id, hold.fence).changes === 1 ? 'held' : 'lost';
    },
  };
}
