import type { DuckDBConnection } from '@duckdb/node-api';
import type { Catalog } from '../catalog/catalog.js';
import type { TableEntry } from '../catalog/entries.js';
import { writeEdit } from '../catalog/write-edit.js';
import { createImagesTable, physicalName } from '../physical-table.js';
import { HIDDEN_COLUMNS } from './row-versions.js';

/** Tables that an earlier version made get their hidden columns and the table for images: their past begins now. */
export async function beginVersions(catalog: Catalog, connection: DuckDBConnection, now: number): Promise<void> {
  const old = [...catalog.all()].filter(
    (entry): entry is TableEntry =>
      entry.kind === 'table' && entry.imagesSince === undefined && !isShared(entry, catalog),
  );
  if (old.length === 0) return;
  await catalog.change(async () => {
    await writeEdit(catalog, connection, async (edit) => {
      for (const entry of old) {
        // DuckDB cannot commit a column whose default is computed when the table is altered once more in the transaction: that one comes last.
        for (const column of HIDDEN_COLUMNS.toReversed()) {
          await connection.run(`ALTER TABLE ${physicalName(entry)} ADD COLUMN ${column}`);
        }
        await createImagesTable(entry, async (sql) => (await connection.run(sql)).rowsChanged);
        edit.put({ ...entry, imagesSince: now });
      }
    });
  });
}

function isShared(entry: TableEntry, catalog: Catalog): boolean {
  const schema = catalog.get(entry.parent);
  const database = schema === undefined ? undefined : catalog.get(schema.parent);
  return database?.kind === 'database' && database.origin !== '';
}
