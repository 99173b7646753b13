import type { DuckDBConnection } from '@duckdb/node-api';
import { CATALOG_SCHEMA } from '../catalog/catalog-storage.js';
import { nowMicros } from './now-micros.js';
import { STAMP } from './row-versions.js';

/** A transaction that lasts no longer than this is taken as committed when it began. */
const SHORT_MS = 5;

/** To be called right before COMMIT. `begunAt` in milliseconds of `performance.now()`; undefined for one that spans statements. */
export async function recordCommit(connection: DuckDBConnection, begunAt: number | undefined): Promise<void> {
  if (begunAt !== undefined && performance.now() - begunAt < SHORT_MS) return;
  await connection.run(`INSERT INTO ${CATALOG_SCHEMA}.commits VALUES (${STAMP}, ${nowMicros()})`);
}

/** DuckDB SQL: no images were kept of what the open transaction changed in the table. */
export function gapSql(table: number): string {
  return `INSERT INTO ${CATALOG_SCHEMA}.gaps SELECT ${table}, ${STAMP}`;
}

/** DuckDB SQL: when the transaction of `stamp` was committed. */
export function committedAtSql(stamp: string): string {
  return `coalesce((SELECT max(committed_at) FROM ${CATALOG_SCHEMA}.commits AS c WHERE c.stamp = ${stamp}), ${stamp})`;
}

/**
 * DuckDB SQL that gives, as texts, the stamps up to a moment of transactions that were open then; `writing`: also of this one.
 * `at` in microseconds since the epoch.
 */
export function openAtSql(at: number, writing: boolean): string {
  const own = writing ? ` UNION SELECT ${STAMP}` : '';
  return `SELECT stamp::VARCHAR FROM (SELECT stamp FROM ${CATALOG_SCHEMA}.commits WHERE stamp <= ${at} AND committed_at > ${at}${own}) ORDER BY 1`;
}

/** DuckDB SQL that gives a row where images of what was changed in the table after a moment were not kept. */
export function gapSinceSql(table: number, at: number): string {
  return `SELECT 'gap' FROM ${CATALOG_SCHEMA}.gaps AS g WHERE table_id = ${table} AND ${committedAtSql('g.stamp')} > ${at} LIMIT 1`;
}

/** DuckDB SQL: the open transaction moves the stream's offset. */
export function moveOffsetSql(stream: number): string {
  return `INSERT INTO ${CATALOG_SCHEMA}.offsets VALUES (${stream}, ${STAMP})`;
}

/** DuckDB SQL that gives, as a text, the stamp of the transaction that moved the stream's offset last. */
export function offsetSql(stream: number): string {
  return `SELECT max(stamp)::VARCHAR FROM ${CATALOG_SCHEMA}.offsets WHERE stream_id = ${stream} HAVING count(*) > 0`;
}
