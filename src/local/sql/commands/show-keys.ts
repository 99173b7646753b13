import type { ConstraintEntry, DatabaseEntry, SchemaEntry, TableEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { instantCell } from '../../engine/result-table.js';
import { type Cell, columns, type Listing } from './listing.js';
import type { ShowPlace } from './show-place.js';

interface Located {
  readonly database: DatabaseEntry;
  readonly schema: SchemaEntry;
  readonly table: TableEntry;
}

function tablesIn(place: ShowPlace, { names }: CommandContext): Located[] {
  if (place.table !== undefined) {
    const { entry, place: at } = names.table(place.table, 'SHOW');
    return [{ database: at.database, schema: at.schema, table: entry }];
  }
  return place.schemas.flatMap(({ database, schema }) =>
    names.objectsIn(schema, 'table').map((table) => ({ database, schema, table })),
  );
}

/** SHOW PRIMARY KEYS and SHOW UNIQUE KEYS. */
function keys(kind: ConstraintEntry['kind']): Listing {
  return {
    scope: 'table',
    async list(place, context) {
      const rows = tablesIn(place, context).flatMap(({ database, schema, table }) =>
        table.constraints
          .filter((key) => key.kind === kind)
          .flatMap((key) =>
            key.columns.map((name, i): Cell[] => [
              instantCell(table.createdAt),
              database.name,
              schema.name,
              table.name,
              name,
              String(i + 1),
              key.name,
              String(key.rely === true),
              null,
            ]),
          ),
      );
      const shape =
        '@created_on database_name schema_name table_name column_name #key_sequence constraint_name rely comment';
      return { columns: columns(shape), rows };
    },
  };
}

export const primaryKeys = keys('PRIMARY KEY');
export const uniqueKeys = keys('UNIQUE');

const FOREIGN =
  '@created_on pk_database_name pk_schema_name pk_table_name pk_column_name fk_database_name fk_schema_name fk_table_name fk_column_name #key_sequence update_rule delete_rule fk_name pk_name deferrability rely comment';

interface ForeignKey extends Located {
  readonly key: ConstraintEntry;
  readonly referenced: Located;
}

function foreignKeys(place: ShowPlace, context: CommandContext): ForeignKey[] {
  const { names } = context;
  return tablesIn(place, context).flatMap(({ database, schema, table }) =>
    table.constraints.flatMap((key): ForeignKey[] => {
      const { references } = key;
      if (references === undefined) return [];
      const path = references.table;
      const full =
        path.length === 3 ? path : path.length === 2 ? [database.name, ...path] : [database.name, schema.name, ...path];
      const home = names.findDatabase(full[0] ?? '');
      const there = home === undefined ? undefined : names.findSchema(home, full[1] ?? '');
      const target = there === undefined ? undefined : names.findIn(there, 'table', full[2] ?? '');
      if (home === undefined || there === undefined || target === undefined) return [];
      return [{ database, schema, table, key, referenced: { database: home, schema: there, table: target } }];
    }),
  );
}

function foreignRows({ database, schema, table, key, referenced }: ForeignKey): Cell[][] {
  const primary = referenced.table.constraints.find(({ kind }) => kind === 'PRIMARY KEY');
  const named = key.references?.columns ?? [];
  const columnsThere = named.length > 0 ? named : (primary?.columns ?? []);
  return key.columns.map((name, i) => [
    instantCell(table.createdAt),
    referenced.database.name,
    referenced.schema.name,
    referenced.table.name,
    columnsThere[i] ?? null,
    database.name,
    schema.name,
    table.name,
    name,
    String(i + 1),
    key.onUpdate ?? 'NO ACTION',
    key.onDelete ?? 'NO ACTION',
    key.name,
    primary?.name ?? null,
    'NOT DEFERRABLE',
    String(key.rely === true),
    null,
  ]);
}

/** SHOW IMPORTED KEYS: the foreign keys of the tables in the place. */
export const importedKeys: Listing = {
  scope: 'table',
  async list(place, context) {
    return { columns: columns(FOREIGN), rows: foreignKeys(place, context).flatMap(foreignRows) };
  },
};

/** SHOW EXPORTED KEYS: the foreign keys that lead to the tables in the place. */
export const exportedKeys: Listing = {
  scope: 'table',
  async list(place, context) {
    const here = new Set(tablesIn(place, context).map(({ table }) => table.id));
    const { names } = context;
    const databases = names.catalog.children(0, 'database');
    const everywhere: ShowPlace = {
      databases,
      schemas: databases.flatMap((database) =>
        names.catalog.children(database.id, 'schema').map((schema) => ({ database, schema })),
      ),
    };
    const rows = foreignKeys(everywhere, context).filter(({ referenced }) => here.has(referenced.table.id));
    return { columns: columns(FOREIGN), rows: rows.flatMap(foreignRows) };
  },
};
