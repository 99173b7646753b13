import type { DatabaseEntry, SchemaEntry, TableEntry, ViewEntry } from './catalog/entries.js';
import { documented, documentedColumns, emptyView } from './documented-views.js';
import type { WireColumn } from './engine.js';
import { COLUMN_COLUMNS, columnRow } from './information-schema-columns.js';
import { OBJECT_VIEWS } from './information-schema-objects.js';
import { column, INSTANT, instantCell, NUMBER, type ResultTable, TEXT } from './result-table.js';
import { retentionDays } from './retention.js';
import { INFORMATION_SCHEMA, type SessionNames } from './session-names.js';

type Cell = string | null;

interface View {
  readonly columns: readonly WireColumn[];
  rows(database: DatabaseEntry, names: SessionNames): Cell[][];
}

const text = (name: string): WireColumn => column(name, TEXT);
const number = (name: string): WireColumn => column(name, NUMBER);
const instant = (name: string): WireColumn => column(name, INSTANT);

interface Home {
  readonly schema: SchemaEntry;
}

function schemasOf(database: DatabaseEntry, names: SessionNames): SchemaEntry[] {
  return names.catalog.children(database.id, 'schema');
}

function relationsOf(
  database: DatabaseEntry,
  names: SessionNames,
): (Home & { readonly entry: TableEntry | ViewEntry })[] {
  return schemasOf(database, names).flatMap((schema) =>
    [...names.objectsIn(schema, 'table'), ...names.objectsIn(schema, 'view')].map((entry) => ({ schema, entry })),
  );
}

function viewType(entry: TableEntry | ViewEntry): string {
  return entry.kind === 'view' && entry.materialized ? 'MATERIALIZED VIEW' : 'VIEW';
}

const VIEWS: Readonly<Record<string, View>> = {
  ...OBJECT_VIEWS,
  INFORMATION_SCHEMA_CATALOG_NAME: {
    columns: [text('CATALOG_NAME')],
    rows: (database) => [[database.name]],
  },
  DATABASES: {
    columns: [
      text('DATABASE_NAME'),
      text('DATABASE_OWNER'),
      text('IS_TRANSIENT'),
      text('COMMENT'),
      instant('CREATED'),
      instant('LAST_ALTERED'),
      number('RETENTION_TIME'),
      text('TYPE'),
    ],
    rows: (_database, names) =>
      names.catalog
        .children(0, 'database')
        .map((entry) => [
          entry.name,
          entry.owner,
          entry.transient ? 'YES' : 'NO',
          entry.comment === '' ? null : entry.comment,
          instantCell(entry.createdAt),
          instantCell(entry.createdAt),
          retentionDays(entry, names.catalog),
          entry.origin === '' ? 'STANDARD' : 'IMPORTED DATABASE',
        ]),
  },
  SCHEMATA: {
    columns: [
      text('CATALOG_NAME'),
      text('SCHEMA_NAME'),
      text('SCHEMA_OWNER'),
      text('IS_TRANSIENT'),
      text('IS_MANAGED_ACCESS'),
      number('RETENTION_TIME'),
      text('DEFAULT_CHARACTER_SET_CATALOG'),
      text('DEFAULT_CHARACTER_SET_SCHEMA'),
      text('DEFAULT_CHARACTER_SET_NAME'),
      text('SQL_PATH'),
      instant('CREATED'),
      instant('LAST_ALTERED'),
      text('COMMENT'),
    ],
    rows: (database, names) => [
      ...schemasOf(database, names).map((entry): Cell[] => [
        database.name,
        entry.name,
        entry.owner,
        entry.transient ? 'YES' : 'NO',
        entry.properties?.MANAGED_ACCESS === 'TRUE' ? 'YES' : 'NO',
        retentionDays(entry, names.catalog),
        null,
        null,
        null,
        null,
        instantCell(entry.createdAt),
        instantCell(entry.createdAt),
        entry.comment === '' ? null : entry.comment,
      ]),
      [
        database.name,
        INFORMATION_SCHEMA,
        null,
        'NO',
        'NO',
        '1',
        null,
        null,
        null,
        null,
        instantCell(database.createdAt),
        instantCell(database.createdAt),
        'Views describing the contents of schemas in this database',
      ],
    ],
  },
  TABLES: {
    columns: [
      text('TABLE_CATALOG'),
      text('TABLE_SCHEMA'),
      text('TABLE_NAME'),
      text('TABLE_OWNER'),
      text('TABLE_TYPE'),
      text('IS_TRANSIENT'),
      text('CLUSTERING_KEY'),
      number('ROW_COUNT'),
      number('BYTES'),
      number('RETENTION_TIME'),
      text('IS_INSERTABLE_INTO'),
      text('IS_TYPED'),
      text('COMMIT_ACTION'),
      instant('CREATED'),
      instant('LAST_ALTERED'),
      text('AUTO_CLUSTERING_ON'),
      text('COMMENT'),
      text('IS_TEMPORARY'),
      text('IS_DYNAMIC'),
    ],
    rows: (database, names) =>
      relationsOf(database, names).map(({ schema, entry }) => {
        const table = entry.kind === 'table' ? entry : undefined;
        const temporary = table?.durability === 'TEMPORARY';
        return [
          database.name,
          schema.name,
          entry.name,
          entry.owner,
          table === undefined ? viewType(entry) : temporary ? 'LOCAL TEMPORARY' : 'BASE TABLE',
          table === undefined ? null : table.durability === 'TRANSIENT' ? 'YES' : 'NO',
          table === undefined || table.clusterBy === '' ? null : table.clusterBy,
          null,
          null,
          table === undefined ? null : retentionDays(entry, names.catalog),
          'YES',
          'YES',
          null,
          instantCell(entry.createdAt),
          instantCell(entry.createdAt),
          table === undefined ? null : 'NO',
          entry.comment === '' ? null : entry.comment,
          temporary ? 'YES' : 'NO',
          table?.dynamic === undefined ? 'NO' : 'YES',
        ];
      }),
  },
  VIEWS: {
    columns: [
      text('TABLE_CATALOG'),
      text('TABLE_SCHEMA'),
      text('TABLE_NAME'),
      text('TABLE_OWNER'),
      text('VIEW_DEFINITION'),
      text('CHECK_OPTION'),
      text('IS_UPDATABLE'),
      text('INSERTABLE_INTO'),
      text('IS_SECURE'),
      instant('CREATED'),
      instant('LAST_ALTERED'),
      text('COMMENT'),
    ],
    rows: (database, names) =>
      relationsOf(database, names).flatMap(({ schema, entry }) =>
        entry.kind === 'view'
          ? [
              [
                database.name,
                schema.name,
                entry.name,
                entry.owner,
                entry.text,
                'NONE',
                'NO',
                'NO',
                entry.secure ? 'YES' : 'NO',
                instantCell(entry.createdAt),
                instantCell(entry.createdAt),
                entry.comment === '' ? null : entry.comment,
              ],
            ]
          : [],
      ),
  },
  COLUMNS: {
    columns: COLUMN_COLUMNS,
    rows: (database, names) =>
      relationsOf(database, names).flatMap(({ schema, entry }) =>
        entry.columns.map((item, i) => columnRow([database.name, schema.name, entry.name], item, i + 1)),
      ),
  },
  SEQUENCES: {
    columns: [
      text('SEQUENCE_CATALOG'),
      text('SEQUENCE_SCHEMA'),
      text('SEQUENCE_NAME'),
      text('SEQUENCE_OWNER'),
      text('DATA_TYPE'),
      number('NUMERIC_PRECISION'),
      number('NUMERIC_SCALE'),
      text('START_VALUE'),
      text('INCREMENT'),
      text('ORDERED'),
      text('NUMERIC_PRECISION_RADIX'),
      instant('CREATED'),
      text('COMMENT'),
    ],
    rows: (database, names) =>
      schemasOf(database, names).flatMap((schema) =>
        names
          .objectsIn(schema, 'sequence')
          .map((entry) => [
            database.name,
            schema.name,
            entry.name,
            entry.owner,
            'NUMBER',
            '38',
            '0',
            String(entry.start),
            String(entry.increment),
            entry.ordered ? 'YES' : 'NO',
            '10',
            instantCell(entry.createdAt),
            entry.comment === '' ? null : entry.comment,
          ]),
      ),
  },
  TABLE_CONSTRAINTS: {
    columns: [
      text('CONSTRAINT_CATALOG'),
      text('CONSTRAINT_SCHEMA'),
      text('CONSTRAINT_NAME'),
      text('TABLE_CATALOG'),
      text('TABLE_SCHEMA'),
      text('TABLE_NAME'),
      text('CONSTRAINT_TYPE'),
      text('IS_DEFERRABLE'),
      text('INITIALLY_DEFERRED'),
      text('ENFORCED'),
    ],
    rows: (database, names) =>
      relationsOf(database, names).flatMap(({ schema, entry }) =>
        entry.kind === 'table'
          ? entry.constraints.map((constraint) => [
              database.name,
              schema.name,
              constraint.name,
              database.name,
              schema.name,
              entry.name,
              constraint.kind,
              'NO',
              'YES',
              'NO',
            ])
          : [],
      ),
  },
  APPLICABLE_ROLES: {
    columns: [text('GRANTEE'), text('ROLE_NAME'), text('ROLE_OWNER'), text('IS_GRANTABLE')],
    rows: (_database, names) =>
      [...(names.rights?.available ?? [names.state.context.role ?? 'ACCOUNTADMIN'])].map((role) => [
        names.state.user,
        role,
        '',
        'YES',
      ]),
  },
  ENABLED_ROLES: {
    columns: [text('ROLE_NAME'), text('ROLE_OWNER')],
    rows: (_database, names) =>
      [...(names.rights?.active ?? [names.state.context.role ?? 'ACCOUNTADMIN'])].map((role) => [role, '']),
  },
};

/** The view's rows now, or undefined for a name that INFORMATION_SCHEMA does not have. */
export function informationSchemaView(
  name: string,
  database: DatabaseEntry,
  names: SessionNames,
): ResultTable | undefined {
  const view = VIEWS[name];
  if (view !== undefined) return documented(name, { columns: view.columns, rows: view.rows(database, names) });
  const columns = emptyView(name);
  return columns === undefined ? undefined : { columns, rows: [] };
}

export function informationSchemaColumns(name: string): readonly WireColumn[] | undefined {
  const view = VIEWS[name];
  return view === undefined ? emptyView(name) : documentedColumns(name, view.columns);
}
