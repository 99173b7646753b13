import type { DuckDBConnection } from '@duckdb/node-api';
import { STAMP } from '../versions/row-versions.js';
import type { Entry } from './entries.js';

/**
 * Where the catalog is kept: one DuckDB table, append-only. The row with the highest version of an id counts, so two
 * transactions can never conflict on a row, whatever they waited for; `compact` drops the rows that no longer count.
 */
export const CATALOG_SCHEMA = '_catalog';

const TABLES = [
  `CREATE SCHEMA IF NOT EXISTS ${CATALOG_SCHEMA}`,
  `CREATE TABLE IF NOT EXISTS ${CATALOG_SCHEMA}.entries (version BIGINT NOT NULL, id BIGINT NOT NULL, body VARCHAR)`,
  `CREATE TABLE IF NOT EXISTS ${CATALOG_SCHEMA}.requests (
     request_id VARCHAR NOT NULL, query_id VARCHAR NOT NULL, recorded_at BIGINT NOT NULL, outcome VARCHAR NOT NULL)`,
  // The transaction that the statement was part of.
  `ALTER TABLE ${CATALOG_SCHEMA}.requests ADD COLUMN IF NOT EXISTS stamp BIGINT DEFAULT (${STAMP})`,
  // When transactions were committed, where that was noticeably later than their stamps.
  `CREATE TABLE IF NOT EXISTS ${CATALOG_SCHEMA}.commits (stamp BIGINT NOT NULL, committed_at BIGINT NOT NULL)`,
  // Where no images were kept of what a transaction changed.
  `CREATE TABLE IF NOT EXISTS ${CATALOG_SCHEMA}.gaps (table_id BIGINT NOT NULL, stamp BIGINT NOT NULL)`,
  // Which transaction moved a stream's offset.
  `CREATE TABLE IF NOT EXISTS ${CATALOG_SCHEMA}.offsets (stream_id BIGINT NOT NULL, stamp BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS ${CATALOG_SCHEMA}.loads (
     table_id BIGINT NOT NULL, file VARCHAR NOT NULL, md5 VARCHAR NOT NULL, loaded_at BIGINT NOT NULL,
     row_count BIGINT NOT NULL)`,
  // What else a load's histories tell, as JSON; null for loads of before.
  `ALTER TABLE ${CATALOG_SCHEMA}.loads ADD COLUMN IF NOT EXISTS details VARCHAR`,
  `CREATE TABLE IF NOT EXISTS ${CATALOG_SCHEMA}.query_history (
     query_id VARCHAR NOT NULL, started_at BIGINT NOT NULL, entry VARCHAR NOT NULL)`,
];

export async function createCatalogTables(connection: DuckDBConnection): Promise<void> {
  for (const sql of TABLES) await connection.run(sql);
}

export interface StoredEntries {
  readonly entries: readonly Entry[];
  readonly lastVersion: number;
  readonly lastId: number;
}

export async function loadEntries(connection: DuckDBConnection): Promise<StoredEntries> {
  const result = await connection.run(
    `SELECT arg_max_null(body, version), max(version), id FROM ${CATALOG_SCHEMA}.entries GROUP BY id`,
  );
  const entries: Entry[] = [];
  let lastVersion = 0;
  let lastId = 0;
  for (const [body, version, id] of await result.getRowsJS()) {
    lastVersion = Math.max(lastVersion, Number(version));
    lastId = Math.max(lastId, Number(id));
    if (typeof body === 'string') entries.push(JSON.parse(body) as Entry);
  }
  return { entries, lastVersion, lastId };
}

export async function appendEntry(
  connection: DuckDBConnection,
  version: number,
  id: number,
  entry: Entry | undefined,
): Promise<void> {
  await connection.run(`INSERT INTO ${CATALOG_SCHEMA}.entries VALUES ($1::BIGINT, $2::BIGINT, $3)`, [
    BigInt(version),
    BigInt(id),
    entry === undefined ? null : JSON.stringify(entry),
  ]);
}

/** While it may be used, only within `Catalog.change`. */
export async function compactEntries(connection: DuckDBConnection): Promise<void> {
  await connection.run(
    `DELETE FROM ${CATALOG_SCHEMA}.entries e WHERE version < (SELECT max(version) FROM ${CATALOG_SCHEMA}.entries n WHERE n.id = e.id)`,
  );
}
