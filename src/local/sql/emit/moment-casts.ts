import { invalidCast } from './invalid-cast.js';
import { calling, ofVariant } from './macro-call.js';
import { LTZ, NTZ, type Type, type Typed } from './typed.js';

export function rounded(sql: string, scale: number): string {
  if (scale >= 6) return sql;
  return `_fn.truncate_fraction(${sql}, ${scale})`;
}

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

export function tzOf(value: Typed, lenient: boolean): string {
  const { type, sql } = value;
  if (type.name === 'TIMESTAMP_TZ') return sql;
  if (type.name === 'TEXT') return calling(lenient ? 'try_to_tz' : 'to_tz', sql);
  if (type.name === 'VARIANT') return ofVariant('tz', sql, lenient);
  if (type.name === 'FIXED' || type.name === 'REAL') return `_fn.tz_make(_fn.epoch_to_ntz(${sql}, 0), 0)`;
  return `_fn.ltz_to_tz(${ltzOf(value)})`;
}
