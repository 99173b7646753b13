import type { DuckDBConnection } from '@duckdb/node-api';
import { generateSample } from '../../sample/generate-sample.js';
import { sampleTables } from '../../sample/sample-tables.js';
import { createPhysicalTable } from '../physical-table.js';
import type { Catalog } from './catalog.js';
import { ACCOUNT, type DatabaseEntry, type SchemaEntry, type TableEntry } from './entries.js';

const SAMPLE_DATABASE = 'SNOWFLAKE_SAMPLE_DATA';
const SAMPLE_SCHEMA = 'TPCH_SF1';

/** Makes the shared, read-only sample database, all of it in one transaction, unless it is there. */
export async function installSample(
  catalog: Catalog,
  connection: DuckDBConnection,
  options: { readonly now: number; readonly sampleScale: number },
): Promise<void> {
  if (catalog.find(ACCOUNT, 'database', SAMPLE_DATABASE) !== undefined) return;
  const edit = catalog.edit();
  const base = { createdAt: options.now, owner: '', comment: 'TPC-H data at a small scale' };
  const database: DatabaseEntry = {
    ...base,
    kind: 'database',
    id: catalog.nextId(),
    parent: ACCOUNT,
    name: SAMPLE_DATABASE,
    transient: false,
    origin: 'SFC_SAMPLES.LOCAL.SAMPLE_DATA',
  };
  const schema: SchemaEntry = {
    ...base,
    kind: 'schema',
    id: catalog.nextId(),
    parent: database.id,
    name: SAMPLE_SCHEMA,
    transient: false,
  };
  edit.put(database);
  edit.put(schema);
  await connection.run('BEGIN TRANSACTION');
  const names = new Map<string, string>();
  for (const sample of sampleTables()) {
    const id = catalog.nextId();
    const table: TableEntry = {
      ...base,
      comment: '',
      kind: 'table',
      id,
      parent: schema.id,
      name: sample.name,
      durability: 'PERMANENT',
      physical: { schema: `s${schema.id}`, table: `t${id}` },
      columns: sample.columns,
      constraints: [],
      clusterBy: '',
    };
    await createPhysicalTable(
      table,
      async (sql) => (await connection.run(sql)).rowsChanged,
      () => 'NULL',
    );
    names.set(sample.name, `"s${schema.id}"."t${id}"`);
    edit.put(table);
  }
  await generateSample(connection, (table) => names.get(table) ?? table, options.sampleScale);
  await catalog.write(edit, connection);
  await connection.run('COMMIT');
  catalog.apply(edit);
}
