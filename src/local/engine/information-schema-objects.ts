import type {
  ConstraintEntry,
  DatabaseEntry,
  GrantEntry,
  RoutineEntry,
  SchemaEntry,
  TableEntry,
} from './catalog/entries.js';
import type { WireColumn } from './engine.js';
import { column, INSTANT, instantCell, NUMBER, TEXT } from './result-table.js';
import type { SessionNames } from './session-names.js';
import type { SnowflakeType } from './snowflake-type.js';
import { showType } from './types/show-type.js';

type Cell = string | null;

interface View {
  readonly columns: readonly WireColumn[];
  rows(database: DatabaseEntry, names: SessionNames): Cell[][];
}

/** Columns by name: `@` marks an instant, `#` a number, the others are text. */
function shape(names: string): WireColumn[] {
  return names.split(/\s+/).map((name) => {
    if (name.startsWith('@')) return column(name.slice(1), INSTANT);
    return name.startsWith('#') ? column(name.slice(1), NUMBER) : column(name, TEXT);
  });
}

function schemasOf(database: DatabaseEntry, names: SessionNames): SchemaEntry[] {
  return names.catalog.children(database.id, 'schema');
}

const orNull = (text: string): Cell => (text === '' ? null : text);

function typeCells(type: SnowflakeType): Cell[] {
  const length = type.name === 'TEXT' || type.name === 'BINARY' ? String(type.length) : null;
  const octets = type.name === 'TEXT' ? String(Math.min(type.length * 4, 16_777_216)) : length;
  const fixed = type.name === 'FIXED' ? type : undefined;
  return [
    length,
    octets,
    fixed === undefined ? null : String(fixed.precision),
    fixed === undefined ? null : '10',
    fixed === undefined ? null : String(fixed.scale),
  ];
}

function signature({ arguments: parameters }: RoutineEntry): string {
  return `(${parameters.map(({ name, type }) => `${name} ${plainType(type)}`).join(', ')})`;
}

function plainType(type: SnowflakeType): string {
  return showType(type).replace(/\(.*\)$/, '');
}

function returned({ table, returns }: RoutineEntry): string {
  if (table === undefined) return showType(returns);
  return `TABLE (${table.map(({ name, type }) => `${name} ${showType(type)}`).join(', ')})`;
}

function routineView(kind: RoutineEntry['kind'], columns: string, tail: (entry: RoutineEntry) => Cell[]): View {
  return {
    columns: shape(columns),
    rows: (database, names) =>
      schemasOf(database, names).flatMap((schema) =>
        names
          .objectsIn(schema, kind)
          .map((entry): Cell[] => [
            database.name,
            schema.name,
            entry.routine,
            entry.owner,
            signature(entry),
            returned(entry),
            ...typeCells(entry.returns),
            entry.language,
            entry.body,
            ...tail(entry),
            instantCell(entry.createdAt),
            instantCell(entry.createdAt),
            orNull(entry.comment),
          ]),
      ),
  };
}

interface Key {
  readonly schema: SchemaEntry;
  readonly table: TableEntry;
  readonly key: ConstraintEntry;
}

function keysOf(database: DatabaseEntry, names: SessionNames): Key[] {
  return schemasOf(database, names).flatMap((schema) =>
    names.objectsIn(schema, 'table').flatMap((table) => table.constraints.map((key) => ({ schema, table, key }))),
  );
}

function privilegeRows(database: DatabaseEntry, names: SessionNames, wanted: (type: string) => boolean): Cell[][] {
  const grants = names.catalog.children(0, 'grant');
  const rows: Cell[][] = [];
  const add = (
    grant: Pick<GrantEntry, 'privilege' | 'grantOption' | 'grantedBy' | 'createdAt'>,
    to: string,
    place: Cell[],
    type: string,
  ): void => {
    rows.push([
      grant.grantedBy,
      to,
      ...place,
      type,
      grant.privilege,
      grant.grantOption ? 'YES' : 'NO',
      instantCell(grant.createdAt),
    ]);
  };
  for (const schema of schemasOf(database, names)) {
    for (const kind of ['table', 'view', 'sequence', 'stage', 'file format', 'function', 'procedure'] as const) {
      for (const entry of names.objectsIn(schema, kind)) {
        const type = kind.toUpperCase();
        if (!wanted(type)) continue;
        const place = [database.name, schema.name, entry.name];
        const owner = { privilege: 'OWNERSHIP', grantOption: true, grantedBy: entry.owner, createdAt: entry.createdAt };
        add(owner, entry.owner, place, type);
        for (const grant of grants) {
          if ('id' in grant.on && grant.on.id === entry.id) add(grant, grant.to.name, place, type);
        }
      }
    }
  }
  return rows;
}

/** Views over routines, stages, formats, keys and privileges. */
export const OBJECT_VIEWS: Readonly<Record<string, View>> = {
  FUNCTIONS: routineView(
    'function',
    `FUNCTION_CATALOG FUNCTION_SCHEMA FUNCTION_NAME FUNCTION_OWNER ARGUMENT_SIGNATURE DATA_TYPE #CHARACTER_MAXIMUM_LENGTH
     #CHARACTER_OCTET_LENGTH #NUMERIC_PRECISION #NUMERIC_PRECISION_RADIX #NUMERIC_SCALE FUNCTION_LANGUAGE FUNCTION_DEFINITION
     VOLATILITY IS_NULL_CALL IS_SECURE IS_EXTERNAL IS_MEMOIZABLE @CREATED @LAST_ALTERED COMMENT`,
    (entry) => [
      orNull(entry.volatility),
      entry.strict ? 'NO' : 'YES',
      entry.secure ? 'YES' : 'NO',
      'NO',
      entry.memoizable ? 'YES' : 'NO',
    ],
  ),
  PROCEDURES: routineView(
    'procedure',
    `PROCEDURE_CATALOG PROCEDURE_SCHEMA PROCEDURE_NAME PROCEDURE_OWNER ARGUMENT_SIGNATURE DATA_TYPE #CHARACTER_MAXIMUM_LENGTH
     #CHARACTER_OCTET_LENGTH #NUMERIC_PRECISION #NUMERIC_PRECISION_RADIX #NUMERIC_SCALE PROCEDURE_LANGUAGE PROCEDURE_DEFINITION
     @CREATED @LAST_ALTERED COMMENT`,
    () => [],
  ),
  STAGES: {
    columns: shape(
      'STAGE_CATALOG STAGE_SCHEMA STAGE_NAME STAGE_URL STAGE_REGION STAGE_TYPE STAGE_OWNER COMMENT @CREATED @LAST_ALTERED',
    ),
    rows: (database, names) =>
      schemasOf(database, names).flatMap((schema) =>
        names
          .objectsIn(schema, 'stage')
          .map((entry): Cell[] => [
            database.name,
            schema.name,
            entry.name,
            orNull(entry.url),
            null,
            entry.url === '' ? 'Internal Named' : 'External Named',
            entry.owner,
            orNull(entry.comment),
            instantCell(entry.createdAt),
            instantCell(entry.createdAt),
          ]),
      ),
  },
  FILE_FORMATS: {
    columns: shape(
      'FILE_FORMAT_CATALOG FILE_FORMAT_SCHEMA FILE_FORMAT_NAME FILE_FORMAT_OWNER FILE_FORMAT_TYPE RECORD_DELIMITER FIELD_DELIMITER #SKIP_HEADER DATE_FORMAT TIME_FORMAT TIMESTAMP_FORMAT BINARY_FORMAT ESCAPE ESCAPE_UNENCLOSED_FIELD TRIM_SPACE FIELD_OPTIONALLY_ENCLOSED_BY NULL_IF COMPRESSION ERROR_ON_COLUMN_COUNT_MISMATCH @CREATED @LAST_ALTERED COMMENT',
    ),
    rows: (database, names) =>
      schemasOf(database, names).flatMap((schema) =>
        names.objectsIn(schema, 'file format').map((entry): Cell[] => {
          const given = (key: string, standard: Cell): Cell => entry.options[key]?.join(', ') ?? standard;
          return [
            database.name,
            schema.name,
            entry.name,
            entry.owner,
            (given('TYPE', 'CSV') ?? 'CSV').toUpperCase(),
            given('RECORD_DELIMITER', '\\n'),
            given('FIELD_DELIMITER', ','),
            given('SKIP_HEADER', '0'),
            given('DATE_FORMAT', 'AUTO'),
            given('TIME_FORMAT', 'AUTO'),
            given('TIMESTAMP_FORMAT', 'AUTO'),
            given('BINARY_FORMAT', 'HEX'),
            given('ESCAPE', 'NONE'),
            given('ESCAPE_UNENCLOSED_FIELD', '\\'),
            given('TRIM_SPACE', 'FALSE'),
            given('FIELD_OPTIONALLY_ENCLOSED_BY', 'NONE'),
            given('NULL_IF', '\\N'),
            given('COMPRESSION', 'AUTO'),
            given('ERROR_ON_COLUMN_COUNT_MISMATCH', 'TRUE'),
            instantCell(entry.createdAt),
            instantCell(entry.createdAt),
            orNull(entry.comment),
          ];
        }),
      ),
  },
  REFERENTIAL_CONSTRAINTS: {
    columns: shape(
      'CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME UNIQUE_CONSTRAINT_CATALOG UNIQUE_CONSTRAINT_SCHEMA UNIQUE_CONSTRAINT_NAME MATCH_OPTION UPDATE_RULE DELETE_RULE COMMENT @CREATED @LAST_ALTERED',
    ),
    rows: (database, names) => {
      const keys = keysOf(database, names);
      return keys.flatMap(({ schema, table, key }): Cell[][] => {
        const target = key.references?.table;
        if (target === undefined) return [];
        const home = target.at(-2) ?? schema.name;
        const primary = keys.find(
          (other) =>
            other.key.kind === 'PRIMARY KEY' && other.table.name === target.at(-1) && other.schema.name === home,
        );
        return [
          [
            database.name,
            schema.name,
            key.name,
            target.length === 3 ? (target[0] ?? null) : database.name,
            home,
            primary?.key.name ?? null,
            'FULL',
            'NO ACTION',
            'NO ACTION',
            null,
            instantCell(table.createdAt),
            instantCell(table.createdAt),
          ],
        ];
      });
    },
  },
  KEY_COLUMN_USAGE: {
    columns: shape(
      'CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_CATALOG TABLE_SCHEMA TABLE_NAME COLUMN_NAME #ORDINAL_POSITION #POSITION_IN_UNIQUE_CONSTRAINT',
    ),
    rows: (database, names) =>
      keysOf(database, names).flatMap(({ schema, table, key }) =>
        key.columns.map((name, i): Cell[] => [
          database.name,
          schema.name,
          key.name,
          database.name,
          schema.name,
          table.name,
          name,
          String(i + 1),
          key.kind === 'FOREIGN KEY' ? String(i + 1) : null,
        ]),
      ),
  },
  OBJECT_PRIVILEGES: {
    columns: shape(
      'GRANTOR GRANTEE OBJECT_CATALOG OBJECT_SCHEMA OBJECT_NAME OBJECT_TYPE PRIVILEGE_TYPE IS_GRANTABLE @CREATED',
    ),
    rows: (database, names) => privilegeRows(database, names, () => true),
  },
  TABLE_PRIVILEGES: {
    columns: shape(
      'GRANTOR GRANTEE TABLE_CATALOG TABLE_SCHEMA TABLE_NAME PRIVILEGE_TYPE IS_GRANTABLE WITH_HIERARCHY @CREATED',
    ),
    rows: (database, names) =>
      privilegeRows(database, names, (type) => type === 'TABLE' || type === 'VIEW').map(
        ([grantor, grantee, catalog, schema, name, , privilege, grantable, created]): Cell[] => [
          grantor ?? null,
          grantee ?? null,
          catalog ?? null,
          schema ?? null,
          name ?? null,
          privilege ?? null,
          grantable ?? null,
          'NO',
          created ?? null,
        ],
      ),
  },
  EXTERNAL_TABLES: {
    columns: shape(
      'TABLE_CATALOG TABLE_SCHEMA TABLE_NAME TABLE_OWNER @CREATED @LAST_ALTERED COMMENT LOCATION FILE_FORMAT_NAME FILE_FORMAT_TYPE',
    ),
    rows: () => [],
  },
  PIPES: {
    columns: shape(
      'PIPE_CATALOG PIPE_SCHEMA PIPE_NAME PIPE_OWNER DEFINITION IS_AUTOINGEST_ENABLED NOTIFICATION_CHANNEL_NAME @CREATED @LAST_ALTERED COMMENT PATTERN',
    ),
    rows: (database, names) =>
      schemasOf(database, names).flatMap((schema) =>
        names.catalog
          .children(schema.id, 'pipe' as 'task')
          .map((pipe) => [
            database.name,
            schema.name,
            pipe.name,
            pipe.owner,
            pipe.definition,
            pipe.attributes.AUTO_INGEST?.toUpperCase() === 'TRUE' ? 'YES' : 'NO',
            null,
            instantCell(pipe.createdAt),
            instantCell(pipe.createdAt),
            orNull(pipe.comment),
            null,
          ]),
      ),
  },
};
