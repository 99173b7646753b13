import type { KeptBytes } from '../usage-store.js';
import type { Engine } from './engine.js';

const MIB = 1024 * 1024;

export interface Kept extends KeptBytes {
  /** When the first of the results goes (ms since the epoch). */
  readonly firstGoesAt: number | undefined;
}

/** What counts towards a client's quota of stored MB. */
export function prepareKeptBytes({ db }: Engine): (client: string) => Kept {
  // Answers of memory operations go within minutes, and reading what one has must not use up its room.
  const results = db.prepare<[string], { bytes: number; first: number | null }>(
    `SELECT coalesce(sum(used_bytes), 0) AS bytes, min(pages_until) AS first FROM jobs INDEXED BY jobs_stored
     WHERE client = (SELECT id FROM clients WHERE name = ?) AND pages_until IS NOT NULL AND kind <> 'memory'`,
  );
  const memories = db
    .prepare<[string], number>(
      'SELECT coalesce(sum(bytes), 0) FROM namespaces INDEXED BY namespaces_of_owner WHERE owner = ?',
    )
    .pluck();
  return (client) => {
    const { bytes, first } = results.get(client) as { bytes: number; first: number | null };
    return { results: bytes, memories: Number(memories.get(client)), firstGoesAt: first ?? undefined };
  };
}

export function mbOf({ results, memories }: KeptBytes): number {
  return (results + memories) / MIB;
}
