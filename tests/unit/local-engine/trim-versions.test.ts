import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { WholeCatalog } from '../../../src/local/engine/catalog/catalog.js';
import { createCatalogTables, loadEntries } from '../../../src/local/engine/catalog/catalog-storage.js';
import type { TableEntry } from '../../../src/local/engine/catalog/entries.js';
import { createPhysicalTable } from '../../../src/local/engine/physical-table.js';
import { trimVersions } from '../../../src/local/engine/versions/trim-versions.js';

const HOUR = 3_600_000;

test('images go when their rows died longer ago than the table keeps the past', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await createCatalogTables(connection);
  const catalog = new WholeCatalog(await loadEntries(connection));
  const now = 1_700_000_000_000;
  const put = async (days: string | undefined): Promise<TableEntry> => {
    const id = catalog.nextId();
    const entry: TableEntry = {
      kind: 'table',
      id,
      parent: 0,
      name: `T${id}`,
      createdAt: 0,
      owner: 'O',
      comment: '',
      durability: 'PERMANENT',
      physical: { schema: 's1', table: `t${id}` },
      columns: [{ name: 'A', type: { name: 'BOOLEAN' }, nullable: true }],
      constraints: [],
      clusterBy: '',
      imagesSince: 0,
      ...(days !== undefined && { properties: { DATA_RETENTION_TIME_IN_DAYS: days } }),
    };
    await createPhysicalTable(
      entry,
      async (sql) => (await connection.run(sql)).rowsChanged,
      () => 'NULL',
    );
    for (const hours of [1, 23, 25, 71, 73]) {
      await connection.run(`INSERT INTO s1.h${id} VALUES (TRUE, 1, NULL, ${(now - hours * HOUR) * 1000})`);
    }
    const edit = catalog.edit();
    edit.put(entry);
    catalog.apply(edit);
    return entry;
  };
  const left = async ({ id }: TableEntry) => {
    const reader = await connection.runAndReadAll(`SELECT count(*)::INT FROM s1.h${id}`);
    return reader.getRows()[0]?.[0];
  };
  const [usual, long, none] = [await put(undefined), await put('3'), await put('0')];
  await trimVersions(catalog, connection, now);
  expect([await left(usual), await left(long), await left(none)]).toEqual([2, 4, 0]);
  connection.closeSync();
  instance.closeSync();
});
