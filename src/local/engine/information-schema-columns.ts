import type { ColumnEntry } from './catalog/entries.js';
import type { WireColumn } from './engine.js';
import { column, NUMBER, TEXT } from './result-table.js';
import type { SnowflakeType } from './snowflake-type.js';

const text = (name: string): WireColumn => column(name, TEXT);
const number = (name: string): WireColumn => column(name, NUMBER);

export const COLUMN_COLUMNS: readonly WireColumn[] = [
  text('TABLE_CATALOG'),
  text('TABLE_SCHEMA'),
  text('TABLE_NAME'),
  text('COLUMN_NAME'),
  number('ORDINAL_POSITION'),
  text('COLUMN_DEFAULT'),
  text('IS_NULLABLE'),
  text('DATA_TYPE'),
  number('CHARACTER_MAXIMUM_LENGTH'),
  number('CHARACTER_OCTET_LENGTH'),
  number('NUMERIC_PRECISION'),
  number('NUMERIC_PRECISION_RADIX'),
  number('NUMERIC_SCALE'),
  number('DATETIME_PRECISION'),
  text('IS_IDENTITY'),
  text('IDENTITY_GENERATION'),
  text('IDENTITY_START'),
  text('IDENTITY_INCREMENT'),
  text('COMMENT'),
];

/** What INFORMATION_SCHEMA calls a type: VARCHAR is TEXT there, NUMBER has no precision in its name. */
function informationSchemaType(type: SnowflakeType): string {
  if (type.name === 'FIXED') return 'NUMBER';
  return type.name === 'REAL' ? 'FLOAT' : type.name;
}

/** One column of the relation `[database, schema, name]` as a row of INFORMATION_SCHEMA.COLUMNS. */
export function columnRow(
  relation: readonly [database: string, schema: string, name: string],
  entry: ColumnEntry,
  ordinal: number,
): (string | null)[] {
  const { type } = entry;
  const fixed = type.name === 'FIXED' ? type : undefined;
  const length = type.name === 'TEXT' || type.name === 'BINARY' ? type.length : undefined;
  const octets = length === undefined ? undefined : type.name === 'TEXT' ? Math.min(length * 4, 16_777_216) : length;
  const fraction = 'scale' in type && type.name !== 'FIXED' ? String(type.scale) : null;
  return [
    ...relation,
    entry.name,
    String(ordinal),
    entry.default ?? null,
    entry.nullable ? 'YES' : 'NO',
    informationSchemaType(type),
    length === undefined ? null : String(length),
    octets === undefined ? null : String(octets),
    fixed === undefined ? null : String(fixed.precision),
    fixed === undefined ? null : '10',
    fixed === undefined ? null : String(fixed.scale),
    fraction,
    entry.identity === undefined ? 'NO' : 'YES',
    entry.identity === undefined ? null : 'BY DEFAULT',
    entry.identity === undefined ? null : String(entry.identity.start),
    entry.identity === undefined ? null : String(entry.identity.increment),
    entry.comment ?? null,
  ];
}
