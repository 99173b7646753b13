import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { showType } from '../../engine/types/show-type.js';
import { momentLiteral, nanosecondLiteral } from './constants.js';
import { geoFrom } from './geo-casts.js';
import { invalidCast } from './invalid-cast.js';
import { calling, ofVariant } from './macro-call.js';
import { ltzOf, ntzOf, rounded, tzOf } from './moment-casts.js';
import { numberFrom } from './number-casts.js';
import { isStructured, structuredArray, structuredObject } from './structured.js';
import { jsonOf, textOf } from './text-casts.js';
import { isSemiStructured, isSnowflakeType, type Type, type Typed, typed, VARIANT } from './typed.js';

/** Converts as `CAST` (or, with `lenient`, `TRY_CAST`) does. */
export function castTo(value: Typed, target: SnowflakeType, lenient = false): Typed {
  const { type } = value;
  if (sameStorage(type, target) && value.exact === true)
    return target.name === 'VARIANT' ? value : { ...value, type: target };
  const cast = lenient ? 'TRY_CAST' : 'CAST';
  const plain = (sql: string): Typed => typed(`${cast}(${sql} AS ${duckdbTypeOf(target)})`, target, true);
  const done = (sql: string): Typed => typed(sql, target, true);
  const { sql } = value;
  if (type.name === 'NULL') return plain('NULL');
  const constant = momentLiteral(value, target);
  if (constant !== undefined) return done(constant);
  const nanoseconds = target.name === 'TIMESTAMP_NTZ' && target.scale > 6 ? nanosecondLiteral(value) : undefined;
  if (nanoseconds !== undefined) return { ...done(`CAST(${nanoseconds} AS TIMESTAMP)`), nanoseconds };
  switch (target.name) {
    case 'FIXED':
    case 'REAL':
      return numberFrom(value, target, lenient);
    case 'TEXT':
      return done(textOf(value, target.length, lenient));
    case 'BOOLEAN':
      if (type.name === 'TEXT') return done(`_fn.${lenient ? 'try_to_boolean' : 'to_boolean'}(${sql})`);
      if (type.name === 'FIXED') return done(`(${sql} <> 0)`);
      if (type.name === 'REAL') return done(`_fn.${lenient ? 'try_' : ''}real_to_boolean(${sql})`);
      if (type.name === 'VARIANT') return done(ofVariant('boolean', sql, lenient));
      if (isSemiStructured(type)) throw invalidCast(type, target);
      if (type.name !== 'BOOLEAN' && type.name !== 'UNKNOWN') throw invalidCast(type, target);
      return plain(sql);
    case 'DATE':
      if (type.name === 'TEXT') return done(calling(lenient ? 'try_to_date' : 'to_date', sql));
      if (type.name === 'VARIANT') return done(ofVariant('date', sql, lenient));
      if (type.name === 'TIMESTAMP_TZ') return done(`CAST(_fn.tz_local(${sql}) AS DATE)`);
      if (type.name === 'TIMESTAMP_LTZ') return done(`CAST(CAST(${sql} AS TIMESTAMP) AS DATE)`);
      if (['FIXED', 'REAL', 'BOOLEAN', 'BINARY', 'TIME', 'ARRAY', 'OBJECT'].includes(type.name))
        throw invalidCast(type, target);
      return plain(sql);
    case 'TIME':
      if (type.name === 'TEXT') return done(calling(lenient ? 'try_to_time' : 'to_time', sql));
      if (type.name === 'VARIANT') return done(ofVariant('time', sql, lenient));
      if (type.name === 'TIMESTAMP_TZ') return done(`CAST(_fn.tz_local(${sql}) AS TIME)`);
      if (type.name === 'TIMESTAMP_LTZ') return done(`CAST(CAST(${sql} AS TIMESTAMP) AS TIME)`);
      if (['FIXED', 'REAL', 'BOOLEAN', 'BINARY', 'DATE', 'ARRAY', 'OBJECT'].includes(type.name))
        throw invalidCast(type, target);
      return plain(sql);
    case 'TIMESTAMP_NTZ':
      return done(rounded(ntzOf(value, lenient), target.scale));
    case 'TIMESTAMP_LTZ':
      return done(ltzOf(value, lenient));
    case 'TIMESTAMP_TZ':
      return done(tzOf(value, lenient));
    case 'BINARY':
      if (type.name === 'TEXT') return done(lenient ? `_fn.try_unhex(${sql})` : `_fn.hex_bytes(${sql})`);
      if (type.name === 'VARIANT') return done(`_fn.${lenient ? 'try_unhex' : 'hex_bytes'}(${sql} ->> '$')`);
      if (type.name === 'UNKNOWN') return done(`_fn.binary_of(${sql})`);
      if (type.name !== 'BINARY') throw invalidCast(type, target);
      return plain(sql);
    case 'GEOGRAPHY':
    case 'GEOMETRY':
      return geoFrom(value, target, lenient);
    case 'VARIANT':
      return typed(type.name === 'REAL' ? `_fn.real_variant(${sql})` : jsonOf(value), variantOf(type), true);
    case 'ARRAY':
      return done(structuredArray(arrayOf(value), target, elementOf));
    case 'OBJECT':
      return done(structuredObject(objectOf(value, target), target, elementOf));
  }
}

function arrayOf({ type, sql }: Typed): string {
  if (type.name === 'ARRAY') return sql;
  if (type.name === 'VARIANT' || type.name === 'UNKNOWN') return `_fn.to_array(CAST(${sql} AS JSON))`;
  return `json_array(${jsonOf({ sql, type })})`;
}

function objectOf({ type, sql }: Typed, target: SnowflakeType): string {
  if (type.name === 'OBJECT') return sql;
  if (type.name !== 'VARIANT' && type.name !== 'UNKNOWN') throw invalidCast(type, target);
  return `_fn.to_object(CAST(${sql} AS JSON))`;
}

/** JSON cast to a type and back: what an element of a structured type is. */
function elementOf(json: string, type: SnowflakeType): string {
  return type.name === 'VARIANT' ? json : jsonOf(castTo(typed(json, VARIANT, true), type));
}

/** The VARIANT that a value of the type is cast to. */
function variantOf(type: Type): Type {
  return isSnowflakeType(type) && type.name !== 'VARIANT' ? { name: 'VARIANT', holds: type.name } : VARIANT;
}

function sameStorage(a: Type, b: SnowflakeType): boolean {
  if (a.name === 'FIXED' && b.name === 'FIXED') return a.precision === b.precision && a.scale === b.scale;
  if (a.name === 'TEXT' && b.name === 'TEXT') return a.length <= b.length;
  if (b.name === 'ARRAY' || b.name === 'OBJECT')
    return a.name === b.name && (!isStructured(b) || showType(a as SnowflakeType) === showType(b));
  return a.name === b.name;
}
