import { LocalError } from '../../engine/local-error.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { showType } from '../../engine/types/show-type.js';
import { duckString } from '../lexer.js';
import { type FormatElement, printMoment } from './moment-format.js';
import { isStructured, structuredArray, structuredObject } from './structured.js';
import { textFormats } from './text-formats.js';
import {
  ARRAY,
  BOOLEAN,
  DATE,
  heldBy,
  isSemiStructured,
  isSnowflakeType,
  LTZ,
  NTZ,
  OBJECT,
  REAL,
  TEXT,
  TIME,
  type Type,
  type Typed,
  TZ,
  typed,
  VARIANT,
} from './typed.js';

/** Snowflake's formats where a timestamp becomes text without one being named. */
const NTZ_TEXT = '%Y-%m-%d %H:%M:%S.%g';

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
      if (type.name === 'FIXED' || type.name === 'REAL') return done(`(${sql} <> 0)`);
      if (type.name === 'VARIANT') return done(ofVariant('boolean', sql, lenient));
      if (isSemiStructured(type)) throw invalidCast(type, target);
      if (type.name !== 'BOOLEAN' && type.name !== 'UNKNOWN') throw invalidCast(type, target);
      return plain(sql);
    case 'DATE':
      if (type.name === 'TEXT') return done(calling(lenient ? 'try_to_date' : 'to_date', sql));
      if (type.name === 'VARIANT') return done(ofVariant('date', sql, lenient));
      if (type.name === 'TIMESTAMP_TZ') return done(`CAST(_fn.tz_local(${sql}) AS DATE)`);
      if (type.name === 'TIMESTAMP_LTZ') return done(`CAST(CAST(${sql} AS TIMESTAMP) AS DATE)`);
      if (type.name === 'FIXED') return done(`CAST(_fn.epoch_to_ntz(${sql}, 0) AS DATE)`);
      if (['REAL', 'BOOLEAN', 'BINARY', 'TIME', 'ARRAY', 'OBJECT'].includes(type.name)) throw invalidCast(type, target);
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
    case 'VARIANT':
      return typed(jsonOf(value), variantOf(type), true);
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

/** A constant in ISO form becomes DuckDB's literal, which filters use better than a call. */
function momentLiteral(value: Typed, target: SnowflakeType): string | undefined {
  if (typeof value.literal !== 'string' || value.type.name !== 'TEXT') return undefined;
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?))?$/.exec(value.literal);
  if (match === null) return undefined;
  const [, year, month, day, time] = match;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || date.getUTCDate() !== Number(day)) return undefined;
  if (time !== undefined && !/^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d/.test(time)) return undefined;
  if (target.name === 'DATE') return `DATE '${year}-${month}-${day}'`;
  if (target.name === 'TIMESTAMP_NTZ' && target.scale >= 6)
    return `TIMESTAMP '${year}-${month}-${day} ${time ?? '00:00:00'}'`;
  return undefined;
}

/** A constant with seven to nine digits behind its seconds. */
function nanosecondLiteral(value: Typed): string | undefined {
  if (typeof value.literal !== 'string' || value.type.name !== 'TEXT') return undefined;
  const match = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}:\d{2}:\d{2}\.\d{7,9})$/.exec(value.literal);
  if (match === null || Number(match[1]) < 1678 || Number(match[1]) > 2261) return undefined;
  const [, year, month, day, time = ''] = match;
  const plain = momentLiteral({ ...value, literal: `${year}-${month}-${day} ${time.slice(0, 8)}` }, NTZ);
  return plain === undefined ? undefined : `TIMESTAMP_NS '${year}-${month}-${day} ${time}'`;
}

function sameStorage(a: Type, b: SnowflakeType): boolean {
  if (a.name === 'FIXED' && b.name === 'FIXED') return a.precision === b.precision && a.scale === b.scale;
  if (a.name === 'TEXT' && b.name === 'TEXT') return a.length <= b.length;
  if (b.name === 'ARRAY' || b.name === 'OBJECT')
    return a.name === b.name && (!isStructured(b) || showType(a as SnowflakeType) === showType(b));
  return a.name === b.name;
}

/** 001065 / 22023: no conversion leads from one type to the other. */
export function invalidCast(from: Type, to: Type): LocalError {
  return new LocalError(
    '001065',
    '22023',
    `SQL compilation error:\ninvalid type [CAST from ${typeName(from)} to ${typeName(to)}]`,
  );
}

/** A type as Snowflake writes it in messages: `NUMBER(38,0)`, `VARCHAR(16777216)`. */
export function typeName(type: Type): string {
  switch (type.name) {
    case 'FIXED':
      return `NUMBER(${type.precision},${type.scale})`;
    case 'TEXT':
      return `VARCHAR(${type.length})`;
    case 'BINARY':
      return `BINARY(${type.length})`;
    case 'REAL':
      return 'FLOAT';
    case 'TIME':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return `${type.name}(${type.scale})`;
    case 'ARRAY':
    case 'OBJECT':
      return showType(type);
    default:
      return type.name;
  }
}

/** Digits of DuckDB's 64-bit decimals. */
const SHORT_DIGITS = 18;

/**
 * A text as a number. DuckDB reads a text into a 128-bit decimal a hundred times slower than into a 64-bit one, which nearly all
 * numbers fit, so the short one is tried first.
 */
export function numberOfText(text: string, target: SnowflakeType, lenient: boolean): string {
  const type = duckdbTypeOf(target);
  const cast = `${lenient ? 'TRY_CAST' : 'CAST'}(${text} AS ${type})`;
  if (target.name !== 'FIXED' || target.precision <= SHORT_DIGITS || target.scale > SHORT_DIGITS / 2) return cast;
  return `coalesce(CAST(TRY_CAST(${text} AS DECIMAL(${SHORT_DIGITS}, ${target.scale})) AS ${type}), ${cast})`;
}

function numberFrom(value: Typed, target: SnowflakeType, lenient: boolean): Typed {
  const { type, sql } = value;
  const cast = lenient ? 'TRY_CAST' : 'CAST';
  const to = (source: string): Typed => typed(`${cast}(${source} AS ${duckdbTypeOf(target)})`, target, true);
  switch (type.name) {
    case 'TEXT':
      return typed(numberOfText(`trim(${sql})`, target, lenient), target, true);
    case 'VARIANT': {
      if (lenient) return typed(numberOfText(`_fn.variant_number(${sql})`, target, true), target, true);
      // Nearly all hold a number, which needs no look at what else it may be.
      const type = duckdbTypeOf(target);
      const quick =
        target.name === 'FIXED' && target.precision > SHORT_DIGITS && target.scale <= SHORT_DIGITS / 2
          ? `CAST(TRY_CAST((${sql} ->> '$') AS DECIMAL(${SHORT_DIGITS}, ${target.scale})) AS ${type})`
          : `TRY_CAST((${sql} ->> '$') AS ${type})`;
      const digits = `CAST(_fn.variant_numeral(${sql}, '${target.name}') AS ${type})`;
      return typed(`coalesce(${quick}, ${digits})`, target, true);
    }
    case 'BOOLEAN':
      return to(`CAST(${sql} AS INTEGER)`);
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
    case 'BINARY':
    case 'ARRAY':
    case 'OBJECT':
      throw invalidCast(type, target);
    default:
      return to(sql);
  }
}

function rounded(sql: string, scale: number): string {
  if (scale >= 6) return sql;
  return `_fn.truncate_fraction(${sql}, ${scale})`;
}

/** A moment by the elements of a format; a text is read as a timestamp first. */
export function printedMoment(value: Typed, elements: readonly FormatElement[]): string {
  const { type, sql } = value;
  const wall = type.name === 'TIME' ? `(DATE '2000-01-01' + ${sql})` : (value.nanoseconds ?? ntzOf(value));
  const minutes =
    type.name === 'TIMESTAMP_TZ'
      ? `struct_extract(${sql}, 'offset_min')`
      : type.name === 'TIMESTAMP_LTZ'
        ? `CAST(timezone(${sql}) / 60 AS INTEGER)`
        : '0';
  return printMoment(wall, minutes, elements);
}

/** Text as `::VARCHAR` gives it: dates, times and bytes in the session's formats. */
export function textOf(value: Typed, length?: number, lenient = false): string {
  const formats = textFormats();
  const elements = value.type.name in formats ? formats[value.type.name as 'DATE'] : undefined;
  const base64 = value.type.name === 'BINARY' && formats.base64 === true;
  if (elements === undefined && !base64) return standardText(value, length, lenient);
  const text = elements === undefined ? `to_base64(${value.sql})` : printedMoment(value, elements);
  return standardText(typed(text, TEXT, true), length, lenient);
}

/** Text in Snowflake's default formats, which JSON keeps whatever the session's are. */
function standardText(value: Typed, length?: number, lenient = false): string {
  const { type, sql } = value;
  const cut = (text: string): string => {
    if (length === undefined || length >= 16_777_216 || (type.name === 'TEXT' && type.length <= length)) return text;
    if (lenient) return `CASE WHEN length(${text}) <= ${length} THEN ${text} END`;
    return type.name === 'TEXT' ? `left(${text}, ${length})` : `_fn.fit_text(${text}, ${length})`;
  };
  switch (type.name) {
    case 'TEXT':
      return cut(sql);
    case 'NULL':
      return 'CAST(NULL AS VARCHAR)';
    case 'REAL':
      return cut(`_fn.real_text(${sql})`);
    case 'TIME':
      return cut(`strftime(DATE '2000-01-01' + ${sql}, '%H:%M:%S')`);
    case 'TIMESTAMP_NTZ':
      return cut(`strftime(${sql}, ${duckString(NTZ_TEXT)})`);
    case 'TIMESTAMP_LTZ':
      return cut(`_fn.ltz_text(${sql})`);
    case 'TIMESTAMP_TZ':
      return cut(`_fn.tz_text(${sql})`);
    case 'BINARY':
      return cut(`hex(${sql})`);
    case 'VARIANT':
      return cut(heldBy(type) === 'XML' ? `xml_text(CAST(${sql} AS VARCHAR))` : `(${sql} ->> '$')`);
    case 'ARRAY':
    case 'OBJECT':
      return cut(`CAST(${sql} AS VARCHAR)`);
    default:
      return cut(`CAST(${sql} AS VARCHAR)`);
  }
}

/**
 * Calls a macro that names its argument many times; a long argument, or one with macros of
 * its own, is bound once, or the query would explode.
 */
function calling(macro: string, sql: string): string {
  if (sql.length <= LONG_ARGUMENT && !sql.includes('_fn.')) return `_fn.${macro}(${sql})`;
  return `list_transform([${sql}], lambda once: _fn.${macro}(once))[1]`;
}

/** A VARIANT as a moment or a truth value; one that holds something else is an error, or NULL for TRY_CAST. */
function ofVariant(kind: 'boolean' | 'date' | 'time' | 'ntz' | 'ltz' | 'tz', sql: string, lenient: boolean): string {
  return lenient ? calling(`try_to_${kind}`, `${sql} ->> '$'`) : calling(`variant_to_${kind}`, sql);
}

const LONG_ARGUMENT = 150;

/** Whether Snowflake converts the type to a timestamp at all. */
function readsAsMoment(type: Type): boolean {
  return !['BOOLEAN', 'BINARY', 'TIME', 'ARRAY', 'OBJECT'].includes(type.name);
}

/** A timestamp without time zone: what the wall clock shows. */
export function ntzOf(value: Typed, lenient = false): string {
  const { type, sql } = value;
  if (!readsAsMoment(type)) throw invalidCast(type, NTZ);
  const parse = lenient ? 'try_to_ntz' : 'to_ntz';
  switch (type.name) {
    case 'TIMESTAMP_NTZ':
      return sql;
    case 'TEXT':
      return calling(parse, sql);
    case 'TIMESTAMP_TZ':
      return `_fn.tz_local(${sql})`;
    case 'VARIANT':
      return ofVariant('ntz', sql, lenient);
    case 'FIXED':
    case 'REAL':
      return `_fn.epoch_to_ntz(${sql}, 0)`;
    default:
      return `CAST(${sql} AS TIMESTAMP)`;
  }
}

/** An instant: a text or timestamp without zone is read in the session's time zone. */
export function ltzOf(value: Typed, lenient = false): string {
  const { type, sql } = value;
  if (!readsAsMoment(type)) throw invalidCast(type, LTZ);
  switch (type.name) {
    case 'TIMESTAMP_LTZ':
      return sql;
    case 'TEXT':
      return calling(lenient ? 'try_to_ltz' : 'to_ltz', sql);
    case 'VARIANT':
      return ofVariant('ltz', sql, lenient);
    case 'TIMESTAMP_TZ':
      return `_fn.tz_instant(${sql})`;
    case 'FIXED':
    case 'REAL':
      return `timezone('UTC', _fn.epoch_to_ntz(${sql}, 0))`;
    default:
      return `CAST(${sql} AS TIMESTAMPTZ)`;
  }
}

function tzOf(value: Typed, lenient: boolean): string {
  const { type, sql } = value;
  if (type.name === 'TIMESTAMP_TZ') return sql;
  if (type.name === 'TEXT') return calling(lenient ? 'try_to_tz' : 'to_tz', sql);
  if (type.name === 'VARIANT') return ofVariant('tz', sql, lenient);
  if (type.name === 'FIXED' || type.name === 'REAL') return `_fn.tz_make(_fn.epoch_to_ntz(${sql}, 0), 0)`;
  return `_fn.ltz_to_tz(${ltzOf(value)})`;
}

/** VARIANT: JSON; what JSON does not know (dates, binaries) becomes its text. */
export function jsonOf(value: Typed): string {
  const { type, sql } = value;
  switch (type.name) {
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
      return sql;
    case 'NULL':
      return 'CAST(NULL AS JSON)';
    case 'FIXED':
      return `_fn.number_json(${sql})`;
    case 'REAL':
      return `_fn.real_json(${sql})`;
    case 'TIME':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
    case 'BINARY':
      return `to_json(${standardText(value)})`;
    default:
      return `to_json(${sql})`;
  }
}

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
export const asTz = (value: Typed): string => castTo(value, TZ).sql;
export const asVariant = (value: Typed): string => castTo(value, VARIANT).sql;
export const asArray = (value: Typed): string => (value.type.name === 'ARRAY' ? value.sql : castTo(value, ARRAY).sql);
export const asObject = (value: Typed): string =>
  value.type.name === 'OBJECT' ? value.sql : castTo(value, OBJECT).sql;
export const textTyped = (sql: string): Typed => typed(sql, TEXT, true);

/** A number as DuckDB arithmetic takes it: texts and variants become exact or double numbers first. */
export function asNumber(value: Typed): Typed {
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
        : typed(`CAST(trim(${sql}) AS DOUBLE)`, REAL, true);
    case 'VARIANT':
      return typed(`CAST(_fn.variant_numeral(${sql}, 'REAL') AS DOUBLE)`, REAL, true);
    default:
      return castTo(value, { name: 'FIXED', precision: 38, scale: 0 });
  }
}

/** A number's literal with the precision and scale that Snowflake gives it. */
export function literalNumber(text: string): Typed {
  if (/[eE]/.test(text)) return { sql: `CAST(${text} AS DOUBLE)`, type: REAL, exact: true, literal: Number(text) };
  const negative = text.startsWith('-');
  const digits = text.replace(/^[+-]/, '');
  const [whole = '', fraction = ''] = digits.split('.');
  const lead = whole.replace(/^0+/, '').length;
  const scale = fraction.length;
  if (lead + scale > 38) return { sql: `CAST(${text} AS DOUBLE)`, type: REAL, exact: true, literal: Number(text) };
  const precision = Math.max(1, lead + scale);
  const written = `${negative ? '-' : ''}${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`;
  const safe = Number(written);
  return { sql: written, type: { name: 'FIXED', precision, scale }, literal: safe };
}

/** A literal integer as plain text, anything else cast to BIGINT: what DuckDB's functions take as positions and counts. */
export function asInteger(value: Typed): string {
  if (typeof value.literal === 'number' && Number.isInteger(value.literal)) return String(value.literal);
  if (value.type.name === 'NULL') return 'CAST(NULL AS BIGINT)';
  const number = asNumber(value);
  return `CAST(${number.sql} AS BIGINT)`;
}
