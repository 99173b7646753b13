import type { CommandContext } from '../../engine/command.js';
import { column, INSTANT, instantCell, type ResultTable } from '../../engine/result-table.js';

const COLUMNS = [column('created_on', INSTANT), column('name'), column('kind')];

/** What DESCRIBE DATABASE lists: the schemas. */
export function describeDatabase(name: readonly string[], context: CommandContext): ResultTable {
  const database = context.names.database(name[0] ?? '');
  const schemas = context.names.catalog.children(database.id, 'schema');
  return {
    columns: COLUMNS,
    rows: [
      [instantCell(database.createdAt), 'INFORMATION_SCHEMA', 'SCHEMA'],
      ...schemas.map((schema) => [instantCell(schema.createdAt), schema.name, 'SCHEMA']),
    ],
  };
}

/** What DESCRIBE SCHEMA lists: the tables and views. */
export function describeSchema(name: readonly string[], context: CommandContext): ResultTable {
  const { schema } = context.names.schema(name, 'DESCRIBE SCHEMA');
  const { names } = context;
  const entries = [...names.objectsIn(schema, 'table'), ...names.objectsIn(schema, 'view')];
  return {
    columns: COLUMNS,
    rows: entries.map((entry) => [instantCell(entry.createdAt), entry.name, entry.kind.toUpperCase()]),
  };
}
