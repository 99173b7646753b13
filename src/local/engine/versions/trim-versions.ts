import type { DuckDBConnection } from '@duckdb/node-api';
import type { Catalog } from '../catalog/catalog.js';
import { CATALOG_SCHEMA } from '../catalog/catalog-storage.js';
import { retentionDays } from '../retention.js';
import { DIED, imagesName } from './row-versions.js';

const DAY_MS = 24 * 3_600_000;
/** Snowflake's longest retention time. */
const MOST_DAYS = 90;

/** Deletes images of rows that died longer ago than their table keeps the past, and what else is of no use to anybody. */
export async function trimVersions(catalog: Catalog, connection: DuckDBConnection, now: number): Promise<void> {
  const before = (days: number): number => (now - days * DAY_MS) * 1000;
  for (const entry of [...catalog.all()]) {
    if (entry.kind !== 'table' || entry.imagesSince === undefined) continue;
    const days = Number(retentionDays(entry, catalog));
    await connection.run(`DELETE FROM ${imagesName(entry)} WHERE ${DIED} < ${before(days)}`);
  }
  await connection.run(`DELETE FROM ${CATALOG_SCHEMA}.commits WHERE committed_at < ${before(MOST_DAYS)}`);
  await connection.run(`DELETE FROM ${CATALOG_SCHEMA}.gaps WHERE stamp < ${before(MOST_DAYS)}`);
  await connection.run(
    `DELETE FROM ${CATALOG_SCHEMA}.offsets AS o WHERE stamp < (SELECT max(stamp) FROM ${CATALOG_SCHEMA}.offsets AS n WHERE n.stream_id = o.stream_id)`,
  );
}
