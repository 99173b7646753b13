import type { DuckDBConnection } from '@duckdb/node-api';
import { dropPhysicalTable } from '../physical-table.js';
import { retentionDays } from '../retention.js';
import type { Catalog } from './catalog.js';
import type { Entry, TableEntry } from './entries.js';
import { writeEdit } from './write-edit.js';

/** How long what was dropped can come back unless it says otherwise: Snowflake's default DATA_RETENTION_TIME_IN_DAYS is 1. */
export const RETENTION_MS = 24 * 3_600_000;

/** Of tables that are replaced again and again, only so many dropped ones are kept. */
const KEPT_PER_NAME = 5;

/** Removes for good what was dropped longer ago than its retention time, what it held, and all but the last few of one name. */
export async function purgeDropped(catalog: Catalog, connection: DuckDBConnection, now: number): Promise<void> {
  await catalog.change(async () => {
    const crowded = tooMany(catalog);
    const gone = [...catalog.all()].filter((entry) => crowded.has(entry.id) || isGone(catalog, entry, now));
    if (gone.length === 0) return;
    await writeEdit(catalog, connection, async (edit) => {
      for (const entry of gone) {
        if (entry.kind === 'table') await dropPhysical(entry, connection);
        if (entry.kind === 'stream') {
          await connection.run(`DROP TABLE IF EXISTS "${entry.physical.schema}"."${entry.physical.table}"`);
        }
        edit.remove(entry.id);
      }
    });
  });
}

async function dropPhysical(entry: TableEntry, connection: DuckDBConnection): Promise<void> {
  const { schema, table } = entry.physical;
  await dropPhysicalTable(entry, async (sql) => (await connection.run(sql)).rowsChanged);
  for (const [i, column] of entry.columns.entries()) {
    if (column.identity !== undefined) await connection.run(`DROP SEQUENCE IF EXISTS "${schema}"."${table}_c${i}"`);
  }
}

function tooMany(catalog: Catalog): ReadonlySet<number> {
  const byName = new Map<string, TableEntry[]>();
  for (const entry of catalog.all()) {
    if (entry.kind !== 'table' || entry.droppedAt === undefined) continue;
    const key = `${entry.parent}:${entry.name}`;
    byName.set(key, [...(byName.get(key) ?? []), entry]);
  }
  const lastFirst = (a: TableEntry, b: TableEntry): number => (b.droppedAt ?? 0) - (a.droppedAt ?? 0) || b.id - a.id;
  return new Set(
    [...byName.values()].flatMap((entries) => entries.sort(lastFirst).slice(KEPT_PER_NAME)).map(({ id }) => id),
  );
}

function isGone(catalog: Catalog, entry: Entry, now: number): boolean {
  if (entry.droppedAt !== undefined && entry.droppedAt < now - Number(retentionDays(entry, catalog)) * RETENTION_MS)
    return true;
  const parent = catalog.get(entry.parent);
  return parent !== undefined && isGone(catalog, parent, now);
}
