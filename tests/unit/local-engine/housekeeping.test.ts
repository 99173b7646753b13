import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WholeCatalog } from '../../../src/local/engine/catalog/catalog.js';
import { createCatalogTables, loadEntries } from '../../../src/local/engine/catalog/catalog-storage.js';
import type { SchemaEntry } from '../../../src/local/engine/catalog/entries.js';
import { RETENTION_MS } from '../../../src/local/engine/catalog/purge-dropped.js';
import { DEFAULT_ENGINE_LIMITS } from '../../../src/local/engine/engine-limits.js';
import { Housekeeping, PRUNE_EVERY } from '../../../src/local/engine/housekeeping.js';
import { QueryHistory } from '../../../src/local/engine/query-history.js';
import { RequestMemory } from '../../../src/local/engine/request-memory.js';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
let history: QueryHistory;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  await createCatalogTables(connection);
  history = new QueryHistory(await instance.connect(), DEFAULT_ENGINE_LIMITS);
});
afterAll(() => {
  history.close();
  connection.closeSync();
  instance.closeSync();
});

const rowsOf = async (table: string) =>
  Number((await (await connection.run(`SELECT count(*) FROM _catalog.${table}`)).getRowsJS())[0]?.[0]);

test('what was dropped goes within a round, superseded entries and old request ids within an hour of them', async () => {
  const catalog = new WholeCatalog(await loadEntries(connection));
  const requests = new RequestMemory();
  const now = 1_700_000_000_000;
  const put = async (entry: SchemaEntry) => {
    const edit = catalog.edit();
    edit.put(entry);
    await catalog.write(edit, connection);
    catalog.apply(edit);
    return entry;
  };
  const base = { createdAt: 0, owner: 'O', comment: '', kind: 'schema', parent: 0, transient: false } as const;
  const dropped = await put({ ...base, id: catalog.nextId(), name: 'GONE', droppedAt: now - RETENTION_MS - 1 });
  const id = catalog.nextId();
  for (const comment of ['one', 'two', 'three']) await put({ ...base, id, name: 'S', comment });
  const answered = { queryId: 'q', statementTypeId: 0, table: { columns: [], rows: [] } as never };
  await requests.write(connection, 'old', answered, now - RETENTION_MS - 1);

  const housekeeping = new Housekeeping({ catalog, connection, requests, history });
  await Promise.all([housekeeping.round(now), housekeeping.round(now)]);
  expect(catalog.get(dropped.id)).toBeUndefined();
  expect([await rowsOf('entries'), await rowsOf('requests')]).toEqual([5, 1]);

  for (let round = 2; round <= PRUNE_EVERY; round += 1) await housekeeping.round(now);
  expect([await rowsOf('entries'), await rowsOf('requests')]).toEqual([2, 0]);
  expect((await loadEntries(connection)).entries).toMatchObject([{ name: 'S', comment: 'three' }]);
  await housekeeping.stop();
});
