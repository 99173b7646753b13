import type { SnowflakeType, TextType } from '../../engine/snowflake-type.js';
import { MAX_BINARY, MAX_TEXT } from '../grammar/data-types.js';

/** A static type during translation: Snowflake's, NULL without a type, or what only DuckDB will know (binds, rows given as SQL). */
export type Type = SnowflakeType | HeldVariant | { readonly name: 'NULL' } | { readonly name: 'UNKNOWN' };

/**
 * A VARIANT of which it is known what it holds: a value that was cast to it, XML, or JSON, which has no dates, times and bytes. JSON keeps
 * those as texts, so that only this tells them from texts; a column of a table does not have it.
 */
export interface HeldVariant {
  readonly name: 'VARIANT';
  readonly holds: SnowflakeType['name'] | 'JSON' | 'XML';
}

/** DuckDB SQL with the Snowflake type of its value. */
export interface Typed {
  readonly sql: string;
  readonly type: Type;
  /** The value's DuckDB type is exactly `duckdbTypeOf(type)`, so that no cast is needed to give it out. */
  readonly exact?: boolean;
  /** A literal's text, for rules that read constants (formats, scales, parts). */
  readonly literal?: string | number | null;
  /** A TIMESTAMP_NTZ with its nanoseconds, as DuckDB's TIMESTAMP_NS (years 1678 to 2261); `sql` has its microseconds. */
  readonly nanoseconds?: string;
  /** What COLLATE says that the text compares and sorts by; a column's own collation stands with its type. */
  readonly collation?: string;
  /** Second type of a value that is an INTERVAL in DuckDB. */
  readonly interval?: boolean;
}

export const TEXT: SnowflakeType = { name: 'TEXT', length: MAX_TEXT };
export const INTEGER: SnowflakeType = { name: 'FIXED', precision: 38, scale: 0 };
export const REAL: SnowflakeType = { name: 'REAL' };
export const BOOLEAN: SnowflakeType = { name: 'BOOLEAN' };
export const DATE: SnowflakeType = { name: 'DATE' };
export const TIME: SnowflakeType = { name: 'TIME', scale: 9 };
export const NTZ: SnowflakeType = { name: 'TIMESTAMP_NTZ', scale: 9 };
export const LTZ: SnowflakeType = { name: 'TIMESTAMP_LTZ', scale: 9 };
export const TZ: SnowflakeType = { name: 'TIMESTAMP_TZ', scale: 9 };
export const BINARY: SnowflakeType = { name: 'BINARY', length: MAX_BINARY };
export const VARIANT: SnowflakeType = { name: 'VARIANT' };
export const OBJECT: SnowflakeType = { name: 'OBJECT' };
export const ARRAY: SnowflakeType = { name: 'ARRAY' };
export const NULL: Type = { name: 'NULL' };
export const UNKNOWN: Type = { name: 'UNKNOWN' };

export function fixed(precision: number, scale: number): SnowflakeType {
  const p = Math.min(38, Math.max(1, precision));
  return { name: 'FIXED', precision: Math.max(p, scale), scale: Math.min(scale, 37) };
}

export function typed(sql: string, type: Type, exact = false): Typed {
  return exact ? { sql, type, exact } : { sql, type };
}

export function isSnowflakeType(type: Type): type is SnowflakeType {
  return type.name !== 'NULL' && type.name !== 'UNKNOWN';
}

export function isNumeric(type: Type): boolean {
  return type.name === 'FIXED' || type.name === 'REAL';
}

export function isTimestamp(type: Type): boolean {
  return type.name === 'TIMESTAMP_NTZ' || type.name === 'TIMESTAMP_LTZ' || type.name === 'TIMESTAMP_TZ';
}

/** What a VARIANT holds, where that is known. */
export function heldBy(type: Type): HeldVariant['holds'] | undefined {
  return 'holds' in type ? type.holds : undefined;
}

export function isSemiStructured(type: Type): boolean {
  return type.name === 'VARIANT' || type.name === 'OBJECT' || type.name === 'ARRAY';
}

/** A text beside an exact number is read as NUMBER(18,5). */
function besideText(type: Type): Type {
  return type.name === 'FIXED' ? commonType(fixed(18, 5), type) : type;
}

/** The longer of two texts; its collation is the one that either has, and none where they differ. */
function commonText(a: TextType, b: TextType): TextType {
  const length = Math.max(a.length, b.length);
  const collation = a.collation === undefined || a.collation === b.collation ? b.collation : undefined;
  const own = b.collation === undefined ? a.collation : collation;
  return own === undefined ? { name: 'TEXT', length } : { name: 'TEXT', length, collation: own };
}

/** The type both sides can be brought to, as CASE, COALESCE, UNION and comparisons do; the left one where Snowflake gives no rule. */
export function commonType(a: Type, b: Type): Type {
  if (a.name === 'NULL') return b;
  if (b.name === 'NULL') return a;
  if (a.name === 'UNKNOWN' || b.name === 'UNKNOWN') return UNKNOWN;
  if (a.name === 'FIXED' && b.name === 'FIXED') {
    const scale = Math.max(a.scale, b.scale);
    return fixed(Math.max(a.precision - a.scale, b.precision - b.scale) + scale, scale);
  }
  if (a.name === b.name) {
    if (a.name === 'TEXT' && b.name === 'TEXT') return commonText(a, b);
    if (a.name === 'ARRAY' || a.name === 'OBJECT')
      return JSON.stringify(a) === JSON.stringify(b) ? a : a.name === 'ARRAY' ? ARRAY : OBJECT;
    return a.name === 'VARIANT' && heldBy(a) !== heldBy(b) ? VARIANT : a;
  }
  if (isNumeric(a) && isNumeric(b)) return REAL;
  if (a.name === 'VARIANT' || b.name === 'VARIANT') return VARIANT;
  if (isSemiStructured(a) && isSemiStructured(b)) return VARIANT;
  if (a.name === 'TEXT') return a.length === 0 ? b : besideText(b);
  if (b.name === 'TEXT') return b.length === 0 ? a : besideText(a);
  for (const name of ['TIMESTAMP_TZ', 'TIMESTAMP_LTZ', 'TIMESTAMP_NTZ'] as const) {
    if (a.name === name && (isTimestamp(b) || b.name === 'DATE')) return a;
    if (b.name === name && (isTimestamp(a) || a.name === 'DATE')) return b;
  }
  return a;
}
