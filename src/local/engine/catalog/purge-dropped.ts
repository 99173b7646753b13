import type { DuckDBConnection } from '@duckdb/node-api';
import type { Catalog } from './catalog.js';
import type { Entry } from './entries.js';

/** How long what was dropped can come back: Snowflake's default DATA_RETENTION_TIME_IN_DAYS is 1. */
export const RETENTION_MS = 24 * 3_600_000;

/** Removes for good what was dropped longer ago, and what it held. */
export async function purgeDropped(catalog: Catalog, connection: DuckDBConnection, now: number): Promise<void> {
  const gone = [...catalog.all()].filter((entry) => isGone(catalog, entry, now));
  if (gone.length === 0) return;
  const edit = catalog.edit();
  await connection.run('BEGIN TRANSACTION');
  for (const entry of gone) {
    if (entry.kind === 'table') {
      await connection.run(`DROP TABLE IF EXISTS "${entry.physical.schema}"."${entry.physical.table}"`);
    }
    edit.remove(entry.id);
  }
  await catalog.write(edit, connection);
  await connection.run('COMMIT');
  catalog.apply(edit);
}

function isGone(catalog: Catalog, entry: Entry, now: number): boolean {
  if (entry.droppedAt !== undefined && entry.droppedAt < now - RETENTION_MS) return true;
  const parent = catalog.get(entry.parent);
  return parent !== undefined && isGone(catalog, parent, now);
}
