import type { SweepReport } from '../job-store.js';
import type { Engine } from './engine.js';

/** Memories deleted in one step, so that other operations come in between. */
const AT_ONCE = 100;

/** Deletes what nobody finds any more: memories past their time, and what removed namespaces held. */
export function prepareMemorySweep({
  db,
  now,
}: Engine): () => { readonly did: Partial<SweepReport>; readonly more: boolean } {
  const dropExpired = db.prepare(
    `DELETE FROM memories WHERE seq IN (SELECT seq FROM memories INDEXED BY memories_expiring
       WHERE expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ${AT_ONCE})`,
  );
  const removed = db
    .prepare<[], number>('SELECT id FROM namespaces INDEXED BY namespaces_removed WHERE removed_at IS NOT NULL LIMIT 1')
    .pluck();
  const dropHeld = db.prepare(
    `DELETE FROM memories WHERE seq IN (SELECT seq FROM memories WHERE namespace = ? LIMIT ${AT_ONCE})`,
  );
  const dropNamespace = db.prepare('DELETE FROM namespaces WHERE id = ?');
  return () => {
    const expired = dropExpired.run(now()).changes;
    if (expired === AT_ONCE) return { did: { memoriesDeleted: expired }, more: true };
    const namespace = removed.get();
    if (namespace === undefined) return { did: { memoriesDeleted: expired }, more: false };
    const held = dropHeld.run(namespace).changes;
    if (held < AT_ONCE) dropNamespace.run(namespace);
    return { did: { memoriesDeleted: expired + held }, more: true };
  };
}

/** When there is something for the sweep, in ms since the epoch; nothing when there is not. */
export const NEXT_MEMORY_SWEEP = `(SELECT min(at) FROM (
    SELECT min(expires_at) AS at FROM memories INDEXED BY memories_expiring WHERE expires_at IS NOT NULL
    UNION ALL SELECT min(removed_at) FROM namespaces INDEXED BY namespaces_removed WHERE removed_at IS NOT NULL))`;
