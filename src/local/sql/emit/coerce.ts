import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { castTo } from './cast.js';
import { literalNumber } from './constants.js';
import { numberOfText } from './number-casts.js';
import { textOf } from './text-casts.js';
import {
  ARRAY,
  BOOLEAN,
  DATE,
  isSnowflakeType,
  LTZ,
  NTZ,
  OBJECT,
  REAL,
  TIME,
  type Type,
  type Typed,
  typed,
  VARIANT,
} from './typed.js';

/**
 * Two numbers whose digits before and behind the point do not fit 38 together: DuckDB would bring them to a type that keeps the
 * whole digits and drops decimals, Snowflake keeps the decimals.
 */
export function losesDigits(from: Type, target: Type): boolean {
  return from.name === 'FIXED' && target.name === 'FIXED' && target.precision === 38 && from.scale !== target.scale;
}

/** Brings a value to the common type of its fellows when DuckDB would not do it as Snowflake does. */
export function align(value: Typed, target: Type): Typed {
  if (!isSnowflakeType(target) || value.type.name === 'NULL' || value.type.name === 'UNKNOWN') return value;
  if (losesDigits(value.type, target)) return castTo(value, target);
  if (value.type.name === target.name) return value;
  if (value.type.name === 'FIXED' && target.name === 'REAL') return value;
  return castTo(value, target);
}

export const asText = (value: Typed): string => textOf(value);
export const asReal = (value: Typed): string => (value.type.name === 'REAL' ? value.sql : castTo(value, REAL).sql);
export const asBoolean = (value: Typed): string =>
  ['BOOLEAN', 'UNKNOWN', 'NULL'].includes(value.type.name) ? value.sql : castTo(value, BOOLEAN).sql;
export const asDate = (value: Typed): string => (value.type.name === 'DATE' ? value.sql : castTo(value, DATE).sql);
export const asTime = (value: Typed): string => (value.type.name === 'TIME' ? value.sql : castTo(value, TIME).sql);
export const asNtz = (value: Typed): string => castTo(value, NTZ).sql;
export const asLtz = (value: Typed): string => castTo(value, LTZ).sql;
export const asVariant = (value: Typed): string => castTo(value, VARIANT).sql;
export const asArray = (value: Typed): string => (value.type.name === 'ARRAY' ? value.sql : castTo(value, ARRAY).sql);
export const asObject = (value: Typed): string =>
  value.type.name === 'OBJECT' ? value.sql : castTo(value, OBJECT).sql;

/** What a text that is no constant becomes where a number is called for ("Data type conversion"). */
export const COERCED_NUMBER: SnowflakeType & { readonly name: 'FIXED' } = { name: 'FIXED', precision: 18, scale: 5 };

/**
 * A number as operators and functions of numbers take it. A constant text has its own digits, any other becomes NUMBER(18,5), or a
 * float where `texts` says so: beside floats, and in aggregates.
 */
export function asNumber(value: Typed, texts: SnowflakeType = COERCED_NUMBER): Typed {
  const { type, sql } = value;
  switch (type.name) {
    case 'FIXED':
    case 'REAL':
    case 'UNKNOWN':
    case 'NULL':
      return value;
    case 'TEXT':
      return typeof value.literal === 'string' && /^\s*[+-]?\d+(\.\d+)?\s*$/.test(value.literal)
        ? literalNumber(value.literal.trim())
        : typed(numberOfText(`trim(${sql})`, texts, false), texts, true);
    case 'VARIANT':
      return typed(`CAST(_fn.variant_numeral(${sql}, 'REAL') AS DOUBLE)`, REAL, true);
    default:
      return castTo(value, { name: 'FIXED', precision: 38, scale: 0 });
  }
}

/** A literal integer as plain text, anything else cast to BIGINT: what DuckDB's functions take as positions and counts. */
export function asInteger(value: Typed): string {
  if (typeof value.literal === 'number' && Number.isInteger(value.literal)) return String(value.literal);
  if (value.type.name === 'NULL') return 'CAST(NULL AS BIGINT)';
  const number = asNumber(value);
  return `CAST(${number.sql} AS BIGINT)`;
}
