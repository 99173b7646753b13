import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { fixed, NTZ, REAL, type Typed } from './typed.js';

/** A constant in ISO form becomes DuckDB's literal, which filters use better than a call. */
export function momentLiteral(value: Typed, target: SnowflakeType): string | undefined {
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
export function nanosecondLiteral(value: Typed): string | undefined {
  if (typeof value.literal !== 'string' || value.type.name !== 'TEXT') return undefined;
  const match = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}:\d{2}:\d{2}\.\d{7,9})$/.exec(value.literal);
  if (match === null || Number(match[1]) < 1678 || Number(match[1]) > 2261) return undefined;
  const [, year, month, day, time = ''] = match;
  const plain = momentLiteral({ ...value, literal: `${year}-${month}-${day} ${time.slice(0, 8)}` }, NTZ);
  return plain === undefined ? undefined : `TIMESTAMP_NS '${year}-${month}-${day} ${time}'`;
}

/** DuckDB reads a literal of 38 digits behind the point as a double. */
const SURE_LITERAL_DIGITS = 30;

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
  if (precision > SURE_LITERAL_DIGITS) {
    const type = fixed(precision, scale);
    return { sql: `CAST('${written}' AS ${duckdbTypeOf(type)})`, type, exact: true, literal: safe };
  }
  return { sql: written, type: { name: 'FIXED', precision, scale }, literal: safe };
}
