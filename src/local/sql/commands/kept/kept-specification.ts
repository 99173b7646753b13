import {
  type DatabaseEntry,
  type KeptEntry,
  type KeptKind,
  type SchemaEntry,
} from '../../../engine/catalog/entries.js';
import { instantCell } from '../../../engine/result-table.js';
import type { Cell } from '../listing.js';

/** One of the kinds whose objects are kept, shown and described. */
export interface KeptSpecification {
  readonly kind: KeptKind;
  /** The words after CREATE, ALTER and DROP. */
  readonly words: readonly string[];
  /** The words after SHOW. */
  readonly plural: readonly string[];
  /** As messages begin. */
  readonly label: string;
  readonly holder: 'account' | 'database' | 'schema';
  /** Columns of SHOW: `@` an instant, `#` a number. */
  readonly columns: string;
  /** Cells that are not simply an option of the same name. */
  readonly cells?: Readonly<Record<string, (entry: KeptEntry) => Cell>>;
  /** DESCRIBE gives properties instead of the row of SHOW. */
  readonly properties?: (entry: KeptEntry) => readonly (readonly [name: string, type: string, value: string])[];
  /** Options whose value is never kept. */
  readonly hidden?: readonly string[];
}

/** Where an object stands, for the columns of SHOW. */
export interface KeptPlace {
  readonly database?: DatabaseEntry;
  readonly schema?: SchemaEntry;
}

/** The option of that key. */
export const attribute =
  (key: string, otherwise: Cell = null) =>
  ({ attributes }: KeptEntry): Cell =>
    attributes[key] ?? otherwise;

/** `true` or `false`, by the option of that key. */
export const isTrue = (key: string, otherwise = false) => {
  return ({ attributes }: KeptEntry): Cell => String((attributes[key] ?? String(otherwise)).toLowerCase() === 'true');
};

export const constantly = (value: Cell) => () => value;

/** `('a', 'b')` has two items, as written. */
export function items(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((item) => item.trim().replace(/^'(.*)'$/s, '$1'))
    .filter((item) => item !== '');
}

/** Snowflake's word for the type of a property. */
export function propertyType(value: string): string {
  if (/^(true|false)$/i.test(value)) return 'Boolean';
  return value.includes(',') ? 'List' : 'String';
}

/** A cell of SHOW: what every kind has, the kind's own, or the option of that name. */
export function keptCell(
  name: string,
  entry: KeptEntry,
  specification: KeptSpecification,
  { database, schema }: KeptPlace,
): Cell {
  const own = specification.cells?.[name];
  if (own !== undefined) return own(entry);
  switch (name) {
    case 'created_on':
      return instantCell(entry.createdAt);
    case 'name':
      return entry.name;
    case 'database_name':
      return database?.name ?? null;
    case 'schema_name':
      return schema?.name ?? null;
    case 'owner':
      return entry.owner;
    case 'comment':
      return entry.comment;
    case 'owner_role_type':
      return entry.owner === '' ? '' : 'ROLE';
    default:
      return entry.attributes[name.toUpperCase()] ?? null;
  }
}
