import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { invalidCast } from './invalid-cast.js';
import { type Typed, typed } from './typed.js';

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

export function numberFrom(value: Typed, target: SnowflakeType, lenient: boolean): Typed {
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
