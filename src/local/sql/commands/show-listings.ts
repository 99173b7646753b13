import type { DatabaseEntry, SchemaEntry, TableEntry, ViewEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { instantCell } from '../../engine/result-table.js';
import { retentionDays } from '../../engine/retention.js';
import { showTypeAsJson } from '../../engine/types/show-type.js';
import { defaultOf } from './column-default.js';
import { dynamicTables } from './dynamic-table.js';
import { KEPT_LISTINGS } from './kept/show-kept.js';
import { type Cell, columns, type Listing, TERSE, yes } from './listing.js';
import { ABSENT } from './show-absent.js';
import { roles, users, warehouses } from './show-account.js';
import { databases, schemas } from './show-containers.js';
import { fileFormats, tags } from './show-formats.js';
import { exportedKeys, importedKeys, primaryKeys, uniqueKeys } from './show-keys.js';
import type { ShowPlace } from './show-place.js';
import { functions, procedures } from './show-routines.js';
import { stages } from './show-stages.js';
import { streams } from './show-streams.js';
import { transactions } from './show-transactions.js';
import { tableSizes } from './table-sizes.js';

const tables: Listing = {
  scope: 'schema',
  terse: TERSE,
  async list(place, context, { history }) {
    const found = inPlace(place, context, 'table') as Located<TableEntry>[];
    if (history) {
      for (const { database, schema } of place.schemas) {
        for (const entry of context.names.catalog.dropped(schema.id, 'table')) found.push({ database, schema, entry });
      }
    }
    const sizes = await tableSizes(
      found.map(({ entry }) => entry),
      context,
    );
    return {
      columns: columns(
        `@created_on name database_name schema_name kind comment cluster_by #rows #bytes owner retention_time automatic_clustering change_tracking search_optimization search_optimization_progress search_optimization_bytes is_external enable_schema_evolution owner_role_type is_event budget is_hybrid is_iceberg is_dynamic is_immutable${
          history ? ' @dropped_on' : ''
        }`,
      ),
      rows: found.map(({ database, schema, entry }): Cell[] => {
        const size = sizes.get(entry.id) ?? { rows: 0, bytes: 0 };
        return [
          instantCell(entry.createdAt),
          entry.name,
          database.name,
          schema.name,
          entry.durability === 'PERMANENT' ? 'TABLE' : entry.durability,
          entry.comment,
          entry.clusterBy,
          String(size.rows),
          String(size.bytes),
          entry.owner,
          retentionDays(entry, context.names.catalog),
          entry.clusterBy === '' ? 'OFF' : 'ON',
          entry.properties?.CHANGE_TRACKING === 'TRUE' ? 'ON' : 'OFF',
          'OFF',
          null,
          null,
          'N',
          yes(entry.properties?.ENABLE_SCHEMA_EVOLUTION === 'TRUE'),
          entry.owner === '' ? '' : 'ROLE',
          'N',
          null,
          'N',
          'N',
          yes(entry.dynamic !== undefined),
          'N',
          ...(history ? [entry.droppedAt === undefined ? null : instantCell(entry.droppedAt)] : []),
        ];
      }),
    };
  },
};

const views: Listing = {
  scope: 'schema',
  terse: TERSE,
  async list(place, context, { terse }) {
    return {
      columns: columns(
        `@created_on name reserved database_name schema_name owner comment text is_secure is_materialized owner_role_type change_tracking${
          terse ? ' kind' : ''
        }`,
      ),
      rows: (inPlace(place, context, 'view') as Located<ViewEntry>[]).map(({ database, schema, entry }): Cell[] => [
        instantCell(entry.createdAt),
        entry.name,
        '',
        database.name,
        schema.name,
        entry.owner,
        entry.comment,
        entry.text,
        String(entry.secure),
        String(entry.materialized),
        'ROLE',
        'OFF',
        ...(terse ? [entry.materialized ? 'MATERIALIZED_VIEW' : 'VIEW'] : []),
      ]),
    };
  },
};

const materializedViews: Listing = {
  scope: 'schema',
  async list(place, context) {
    const found = (inPlace(place, context, 'view') as Located<ViewEntry>[]).filter(({ entry }) => entry.materialized);
    return {
      columns: columns(
        '@created_on name reserved database_name schema_name cluster_by #rows #bytes source_database_name source_schema_name source_table_name @refreshed_on @compacted_on owner invalid invalid_reason behind_by comment text is_secure automatic_clustering owner_role_type budget',
      ),
      rows: found.map(({ database, schema, entry }): Cell[] => [
        instantCell(entry.createdAt),
        entry.name,
        '',
        database.name,
        schema.name,
        '',
        null,
        null,
        null,
        null,
        null,
        instantCell(context.now),
        instantCell(context.now),
        entry.owner,
        'false',
        null,
        '0s',
        entry.comment,
        entry.text,
        String(entry.secure),
        'OFF',
        'ROLE',
        null,
      ]),
    };
  },
};

const objects: Listing = {
  scope: 'schema',
  terse: TERSE,
  async list(place, context) {
    const found = [...inPlace(place, context, 'table'), ...inPlace(place, context, 'view')] as Located<
      TableEntry | ViewEntry
    >[];
    const sizes = await tableSizes(
      found.flatMap(({ entry }) => (entry.kind === 'table' ? [entry] : [])),
      context,
    );
    return {
      columns: columns(
        '@created_on name database_name schema_name kind comment cluster_by #rows #bytes owner retention_time owner_role_type is_hybrid is_dynamic is_iceberg',
      ),
      rows: found
        .map(({ database, schema, entry }): Cell[] => {
          const size = sizes.get(entry.id);
          const table = entry.kind === 'table' ? entry : undefined;
          return [
            instantCell(entry.createdAt),
            entry.name,
            database.name,
            schema.name,
            table === undefined ? 'VIEW' : 'TABLE',
            entry.comment,
            table?.clusterBy ?? '',
            size === undefined ? null : String(size.rows),
            size === undefined ? null : String(size.bytes),
            entry.owner,
            retentionDays(entry, context.names.catalog),
            entry.owner === '' ? '' : 'ROLE',
            'N',
            yes(table?.dynamic !== undefined),
            'N',
          ];
        })
        .sort((a, b) => ((a[1] ?? '') < (b[1] ?? '') ? -1 : 1)),
    };
  },
};

const columnsListing: Listing = {
  scope: 'table',
  async list(place, context) {
    const found = place.table === undefined ? relationsIn(place, context) : [locate(place.table, context)];
    return {
      columns: columns(
        'table_name schema_name column_name data_type null? default kind expression comment database_name autoincrement #schema_evolution_record',
      ),
      rows: found.flatMap(({ database, schema, entry }) =>
        entry.columns.map((item): Cell[] => [
          entry.name,
          schema.name,
          item.name,
          showTypeAsJson(item.type, item.nullable),
          item.nullable ? 'true' : 'NOT_NULL',
          item.identity === undefined ? (item.default ?? '') : '',
          item.expression === undefined ? 'COLUMN' : 'VIRTUAL_COLUMN',
          item.expression ?? '',
          item.comment ?? '',
          database.name,
          item.identity === undefined ? '' : (defaultOf(item) ?? ''),
          null,
        ]),
      ),
    };
  },
};

const sequences: Listing = {
  scope: 'schema',
  async list(place, context) {
    const rows = place.schemas.flatMap(({ database, schema }) =>
      context.names
        .objectsIn(schema, 'sequence')
        .map((entry): Cell[] => [
          entry.name,
          database.name,
          schema.name,
          String(entry.start),
          String(entry.increment),
          instantCell(entry.createdAt),
          entry.owner,
          'ROLE',
          entry.comment,
          yes(entry.ordered),
        ]),
    );
    return {
      columns: columns(
        'name database_name schema_name #next_value #interval @created_on owner owner_role_type comment ordered',
      ),
      rows,
    };
  },
};

/** Longest first, so that `EXTERNAL TABLES` is not read as `TABLES`. */
export const LISTINGS: readonly (readonly [words: readonly string[], listing: Listing])[] = [
  [['USER', 'FUNCTIONS'], functions],
  [['USER', 'PROCEDURES'], procedures],
  [['PRIMARY', 'KEYS'], primaryKeys],
  [['UNIQUE', 'KEYS'], uniqueKeys],
  [['IMPORTED', 'KEYS'], importedKeys],
  [['EXPORTED', 'KEYS'], exportedKeys],
  [['FILE', 'FORMATS'], fileFormats],
  [['TAGS'], tags],
  [['STREAMS'], streams],
  [['TRANSACTIONS'], transactions],
  [['DYNAMIC', 'TABLES'], dynamicTables],
  ...KEPT_LISTINGS,
  ...ABSENT,
  [['MATERIALIZED', 'VIEWS'], materializedViews],
  [['DATABASES'], databases],
  [['SCHEMAS'], schemas],
  [['TABLES'], tables],
  [['VIEWS'], views],
  [['OBJECTS'], objects],
  [['COLUMNS'], columnsListing],
  [['SEQUENCES'], sequences],
  [['STAGES'], stages],
  [['WAREHOUSES'], warehouses],
  [['ROLES'], roles],
  [['USERS'], users],
  [['FUNCTIONS'], functions],
  [['PROCEDURES'], procedures],
];

interface Located<E> {
  readonly database: DatabaseEntry;
  readonly schema: SchemaEntry;
  readonly entry: E;
}

function inPlace(
  place: ShowPlace,
  { names }: CommandContext,
  kind: 'table' | 'view',
): Located<TableEntry | ViewEntry>[] {
  return place.schemas.flatMap(({ database, schema }) =>
    names.objectsIn(schema, kind).map((entry) => ({ database, schema, entry })),
  );
}

function relationsIn(place: ShowPlace, context: CommandContext): Located<TableEntry | ViewEntry>[] {
  return [...inPlace(place, context, 'table'), ...inPlace(place, context, 'view')];
}

function locate(name: readonly string[], { names }: CommandContext): Located<TableEntry | ViewEntry> {
  const { entry, place } = names.relation(name, 'SHOW COLUMNS');
  return { database: place.database, schema: place.schema, entry };
}
