import type { DuckDBConnection } from '@duckdb/node-api';
import type { Catalog, CatalogEdit } from './catalog.js';

/** Makes an edit of the catalog and what it needs in DuckDB, in one transaction: both are there, or neither is. */
export async function writeEdit(
  catalog: Catalog,
  connection: DuckDBConnection,
  work: (edit: CatalogEdit) => Promise<void>,
): Promise<void> {
  const edit = catalog.edit();
  await connection.run('BEGIN TRANSACTION');
  try {
    await work(edit);
    await catalog.write(edit, connection);
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
  catalog.apply(edit);
}
