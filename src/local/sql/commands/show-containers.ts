import { ACCOUNT, type DatabaseEntry, type SchemaEntry } from '../../engine/catalog/entries.js';
import { instantCell } from '../../engine/result-table.js';
import { retentionDays } from '../../engine/retention.js';
import { INFORMATION_SCHEMA } from '../../engine/session-names.js';
import { type Cell, columns, type Listing, TERSE, yes } from './listing.js';

export const databases: Listing = {
  scope: 'account',
  terse: TERSE,
  async list(_place, { names, state }, { terse, history }) {
    const found = names.catalog.children(ACCOUNT, 'database');
    if (history) found.push(...names.catalog.dropped(ACCOUNT, 'database'));
    const shape = columns(
      `@created_on name is_default is_current origin owner comment options #retention_time kind budget owner_role_type object_visibility${
        history ? ' @dropped_on' : ''
      }${terse ? ' database_name schema_name' : ''}`,
    );
    return {
      columns: shape,
      rows: found.map((entry): Cell[] => [
        instantCell(entry.createdAt),
        entry.name,
        'N',
        yes(entry.name === state.context.database),
        entry.origin,
        entry.owner,
        entry.comment,
        entry.transient ? 'TRANSIENT' : '',
        retentionDays(entry, names.catalog),
        entry.origin === '' ? 'STANDARD' : 'IMPORTED DATABASE',
        null,
        entry.owner === '' ? '' : 'ROLE',
        null,
        ...(history ? [entry.droppedAt === undefined ? null : instantCell(entry.droppedAt)] : []),
        ...(terse ? [null, null] : []),
      ]),
    };
  },
};

function schemaOptions({ transient, properties }: Partial<SchemaEntry>): string {
  const managed = properties?.MANAGED_ACCESS === 'TRUE';
  return [transient === true ? 'TRANSIENT' : '', managed ? 'MANAGED ACCESS' : '']
    .filter((word) => word !== '')
    .join(', ');
}

export const schemas: Listing = {
  scope: 'database',
  terse: TERSE,
  async list(place, { names, state }, { history, terse }) {
    const row = (database: DatabaseEntry, entry: Partial<SchemaEntry> & { name: string }): Cell[] => [
      instantCell(entry.createdAt ?? database.createdAt),
      entry.name,
      'N',
      yes(database.name === state.context.database && entry.name === state.context.schema),
      database.name,
      entry.owner ?? '',
      entry.comment ?? '',
      schemaOptions(entry),
      retentionDays({ ...database, ...entry }, names.catalog),
      entry.owner === undefined ? '' : 'ROLE',
      null,
      null,
      ...(history ? [entry.droppedAt === undefined ? null : instantCell(entry.droppedAt)] : []),
      ...(terse ? [null, null] : []),
    ];
    const rows = place.databases.flatMap((database) => [
      ...names.catalog.children(database.id, 'schema').map((entry) => row(database, entry)),
      row(database, {
        name: INFORMATION_SCHEMA,
        comment: 'Views describing the contents of schemas in this database',
      }),
      ...(history ? names.catalog.dropped(database.id, 'schema').map((entry) => row(database, entry)) : []),
    ]);
    return {
      columns: columns(
        `@created_on name is_default is_current database_name owner comment options retention_time owner_role_type classification_profile_database classification_profile_schema${
          history ? ' @dropped_on' : ''
        }${terse ? ' kind schema_name' : ''}`,
      ),
      rows: rows.sort((a, b) => ((a[1] ?? '') < (b[1] ?? '') ? -1 : 1)),
    };
  },
};
