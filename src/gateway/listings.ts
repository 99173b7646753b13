import type { Json, ResultColumn } from '../store/job.js';
import type { MetadataSubject } from '../warehouse/job-payload.js';

type Item = { readonly [key: string]: Json };

interface Field {
  /** Column of SHOW or DESCRIBE. */
  readonly column: string;
  /** Its name in the item. */
  readonly as: string;
  readonly read?: (cell: Json) => Json;
}

const plain = (...names: readonly string[]): Field[] => names.map((name) => ({ column: name, as: name }));
const count = (...names: readonly string[]): Field[] =>
  names.map((name) => ({ column: name, as: name, read: toNumber }));
const flag = (column: string, as: string): Field => ({ column, as, read: (cell) => cell === 'Y' || cell === 'true' });

const IN_SCHEMA: readonly Field[] = [
  { column: 'database_name', as: 'database' },
  { column: 'schema_name', as: 'schema' },
];

/** What is told of each object: the columns that Snowflake gives, by the names that callers know. */
const FIELDS: Readonly<Record<MetadataSubject, readonly Field[]>> = {
  databases: plain('name', 'owner', 'kind', 'origin', 'comment', 'created_on'),
  schemas: [...plain('name'), { column: 'database_name', as: 'database' }, ...plain('owner', 'comment', 'created_on')],
  tables: [
    ...plain('name'),
    ...IN_SCHEMA,
    ...plain('kind'),
    ...count('rows', 'bytes'),
    ...plain('owner', 'comment', 'created_on'),
  ],
  views: [
    ...plain('name'),
    ...IN_SCHEMA,
    ...plain('owner', 'comment', 'created_on'),
    flag('is_secure', 'secure'),
    flag('is_materialized', 'materialized'),
    ...plain('text'),
  ],
  columns: [
    ...plain('name', 'type', 'kind'),
    flag('null?', 'nullable'),
    ...plain('default'),
    flag('primary key', 'primary_key'),
    flag('unique key', 'unique_key'),
    ...plain('comment'),
  ],
};

/** Rows of SHOW or DESCRIBE as objects. What Snowflake leaves empty is left out. */
export function listingItems(
  subject: MetadataSubject,
  columns: readonly ResultColumn[],
  rows: readonly (readonly Json[])[],
): readonly Item[] {
  const places = new Map(columns.map((column, index) => [column.name.toLowerCase(), index]));
  const fields = FIELDS[subject].flatMap((field) => {
    const index = places.get(field.column);
    return index === undefined ? [] : [{ ...field, index }];
  });
  return rows.map((row) =>
    Object.fromEntries(
      fields.flatMap(({ as, index, read }) => {
        const cell = row[index] ?? null;
        return cell === null || cell === '' ? [] : [[as, read === undefined ? cell : read(cell)]];
      }),
    ),
  );
}

function toNumber(cell: Json): Json {
  const number = Number(cell);
  return Number.isSafeInteger(number) ? number : cell;
}
