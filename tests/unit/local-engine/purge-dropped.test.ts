import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Catalog, WholeCatalog } from '../../../src/local/engine/catalog/catalog.js';
import { createCatalogTables, loadEntries } from '../../../src/local/engine/catalog/catalog-storage.js';
import type { SchemaEntry, TableEntry } from '../../../src/local/engine/catalog/entries.js';
import { purgeDropped, RETENTION_MS } from '../../../src/local/engine/catalog/purge-dropped.js';

const DAY_START = 1_700_000_000_000;

let instance: DuckDBInstance;
let connection: DuckDBConnection;
let catalog: Catalog;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  await createCatalogTables(connection);
  await connection.run('CREATE SCHEMA s1');
  catalog = new WholeCatalog(await loadEntries(connection));
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

const base = { createdAt: DAY_START, owner: 'O', comment: '' };

async function put(entry: TableEntry | SchemaEntry): Promise<void> {
  const edit = catalog.edit();
  edit.put(entry);
  if (entry.kind === 'table') await connection.run(`CREATE TABLE s1.${entry.physical.table} (a INT)`);
  await catalog.write(edit, connection);
  catalog.apply(edit);
}

function table(name: string, parent: number, droppedAt?: number): TableEntry {
  const id = catalog.nextId();
  return {
    ...base,
    ...(droppedAt === undefined ? {} : { droppedAt }),
    kind: 'table',
    id,
    parent,
    name,
    durability: 'PERMANENT',
    physical: { schema: 's1', table: `t${id}` },
    columns: [],
    constraints: [],
    clusterBy: '',
  };
}

test('what was dropped a day ago goes for good, with what it held; of one name only the last few stay', async () => {
  const now = DAY_START + 2 * RETENTION_MS;
  const schema: SchemaEntry = { ...base, kind: 'schema', id: catalog.nextId(), parent: 0, name: 'S', transient: false };
  const oldSchema: SchemaEntry = { ...schema, id: catalog.nextId(), name: 'OLD', droppedAt: DAY_START };
  await put(schema);
  await put(oldSchema);
  const kept = [table('LIVE', schema.id), table('RECENT', schema.id, now - 1_000)];
  const gone = [table('LONG_AGO', schema.id, DAY_START), table('INSIDE', oldSchema.id)];
  const replaced = Array.from({ length: 8 }, (_, i) => table('AGAIN', schema.id, now - 10_000 + i));
  for (const entry of [...kept, ...gone, ...replaced]) await put(entry);

  await purgeDropped(catalog, connection, now);

  const expected = [...kept, ...replaced.slice(3)].map(({ physical }) => physical.table).sort();
  const tables = await (
    await connection.run("SELECT table_name FROM duckdb_tables() WHERE schema_name = 's1'")
  ).getRowsJS();
  expect(tables.map(([name]) => String(name)).sort()).toEqual(expected);
  const stored = await loadEntries(connection);
  expect(stored.entries.map(({ id }) => id).sort((a, b) => a - b)).toEqual(
    [schema, ...kept, ...replaced.slice(3)].map(({ id }) => id).sort((a, b) => a - b),
  );
});
