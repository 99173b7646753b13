import { LocalError } from '../../engine/local-error.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import type { BinaryOperator } from '../grammar/ast.js';
import { castTo } from './cast.js';
import { align, asBoolean, asNumber, COERCED_NUMBER, losesDigits } from './coerce.js';
import { collationKey, collationOf, commonCollation, withCollation } from './collated.js';
import { divideExactly } from './division.js';
import { typeName } from './invalid-cast.js';
import { ltzOf, ntzOf } from './moment-casts.js';
import { wideNumbers } from './number-width.js';
import { textOf } from './text-casts.js';
import {
  BOOLEAN,
  commonType,
  DATE,
  fixed,
  isNumeric,
  isSemiStructured,
  isSnowflakeType,
  isTimestamp,
  REAL,
  TEXT,
  type Type,
  type Typed,
  typed,
  UNKNOWN,
} from './typed.js';

/** Digits of DuckDB's 64-bit decimals. */
const SHORT_DIGITS = 18;

/** Precision and scale of the results of arithmetic, from Snowflake's "Arithmetic operators". */
export function arithmeticType(op: '+' | '-' | '*' | '/' | '%', a: Type, b: Type): Type {
  if (a.name === 'UNKNOWN' || b.name === 'UNKNOWN') return UNKNOWN;
  if (a.name === 'REAL' || b.name === 'REAL') return REAL;
  const left = a.name === 'FIXED' ? a : { precision: 1, scale: 0 };
  const right = b.name === 'FIXED' ? b : { precision: 1, scale: 0 };
  const leadLeft = left.precision - left.scale;
  const leadRight = right.precision - right.scale;
  switch (op) {
    case '+':
    case '-': {
      const scale = Math.max(left.scale, right.scale);
      return fixed(Math.max(leadLeft, leadRight) + 1 + scale, scale);
    }
    case '*': {
      const scale = Math.min(left.scale + right.scale, Math.max(left.scale, right.scale, 12));
      return fixed(leadLeft + leadRight + scale, scale);
    }
    case '/': {
      const scale = Math.max(left.scale, Math.min(left.scale + 6, 12));
      return fixed(leadLeft + right.scale + scale, scale);
    }
    case '%': {
      const scale = Math.max(left.scale, right.scale);
      return fixed(Math.max(leadLeft, leadRight) + scale, scale);
    }
  }
}

/** A literal in arithmetic carries its own precision, so that DuckDB computes in decimals and not in 32-bit integers. */
export function operand(value: Typed): string {
  if (typeof value.literal === 'number' && value.type.name === 'FIXED')
    return `CAST(${value.sql} AS ${duckdbTypeOf(value.type)})`;
  return value.sql;
}

export function arithmetic(op: '+' | '-' | '*' | '/' | '%', left: Typed, right: Typed): Typed {
  const dated = dateArithmetic(op, left, right);
  if (dated !== undefined) return dated;
  if (left.type.name === 'BOOLEAN' || right.type.name === 'BOOLEAN') throw noOperator(op, left, right);
  const a = asNumber(left, besideNumber(right));
  const b = asNumber(right, besideNumber(left));
  const type = arithmeticType(op, a.type, b.type);
  if (op === '/') return divide(a, b, type);
  if (op === '%') return typed(`_fn.modulo(${operand(a)}, ${operand(b)})`, type);
  const sql = `(${firstOperand(op, a, b)} ${op} ${operand(b)})`;
  if (
    type.name === 'FIXED' &&
    op === '*' &&
    a.type.name === 'FIXED' &&
    b.type.name === 'FIXED' &&
    a.type.scale + b.type.scale > type.scale
  ) {
    return typed(product(a, b, a.type.scale + b.type.scale, type), type, true);
  }
  return typed(sql, type);
}

/**
 * The first of two short operands gets more than 18 digits, and with it the result, in wide arithmetic, and where a sum's operands
 * side by side have more: DuckDB would bring both to 18 digits.
 */
function firstOperand(op: string, a: Typed, b: Typed): string {
  if (a.type.name !== 'FIXED' || b.type.name !== 'FIXED') return operand(a);
  if (a.type.precision > SHORT_DIGITS || b.type.precision > SHORT_DIGITS) return operand(a);
  const scale = Math.max(a.type.scale, b.type.scale);
  const aligned = Math.max(a.type.precision - a.type.scale, b.type.precision - b.type.scale) + scale;
  if (op !== '*' && aligned > SHORT_DIGITS) return `CAST(${a.sql} AS DECIMAL(${Math.min(38, aligned + 1)}, ${scale}))`;
  if (!wideNumbers()) return operand(a);
  return `CAST(${a.sql} AS DECIMAL(${Math.max(SHORT_DIGITS + 1, a.type.precision + 2)}, ${a.type.scale}))`;
}

/** DuckDB refuses a product of more than 38 digits after the point, Snowflake rounds it. */
function product(a: Typed, b: Typed, scale: number, type: Type): string {
  const target = isSnowflakeType(type) ? duckdbTypeOf(type) : 'DOUBLE';
  if (scale <= 37) return `CAST((${firstOperand('*', a, b)} * ${operand(b)}) AS ${target})`;
  return `CAST((CAST(${a.sql} AS DOUBLE) * CAST(${b.sql} AS DOUBLE)) AS ${target})`;
}

/** What a text becomes beside the other operand. */
function besideNumber(other: Typed): SnowflakeType {
  return other.type.name === 'REAL' ? REAL : COERCED_NUMBER;
}

/** Division by zero is an error, and the quotient of exact numbers is exact: rounded at the result's scale. */
export function divide(a: Typed, b: Typed, type: Type): Typed {
  if (type.name !== 'FIXED' || a.type.name !== 'FIXED' || b.type.name !== 'FIXED') {
    const quotient = `_fn.divide(${operand(a)}, ${operand(b)})`;
    return type.name === 'FIXED'
      ? typed(`CAST(${quotient} AS ${duckdbTypeOf(type)})`, type, true)
      : typed(quotient, type);
  }
  return divideExactly({ sql: decimal(a, a.type), type: a.type }, { sql: decimal(b, b.type), type: b.type }, type);
}

/** An exact number as the DECIMAL that its type says; DuckDB's own functions give integers of all widths. */
function decimal(value: Typed, type: SnowflakeType): string {
  return value.exact === true ? value.sql : `CAST(${value.sql} AS ${duckdbTypeOf(type)})`;
}

function dateArithmetic(op: string, left: Typed, right: Typed): Typed | undefined {
  if (op !== '+' && op !== '-') return undefined;
  const a = left.type;
  const b = right.type;
  const isMoment = (type: Type): boolean => type.name === 'DATE' || type.name === 'TIME' || isTimestamp(type);
  if (right.interval === true && isMoment(a)) return addInterval(op, left, right);
  if (left.interval === true && isMoment(b) && op === '+') return addInterval(op, right, left);
  if (left.interval === true || right.interval === true) throw noOperator(op, left, right);
  if (a.name === 'DATE' && (isNumeric(b) || b.name === 'TEXT' || b.name === 'VARIANT' || b.name === 'NULL'))
    return typed(`(${left.sql} ${op} CAST(${asNumber(right).sql} AS INTEGER))`, DATE, true);
  if (b.name === 'DATE' && isNumeric(a) && op === '+')
    return typed(`(${right.sql} + CAST(${left.sql} AS INTEGER))`, DATE, true);
  if (a.name === 'DATE' && b.name === 'DATE' && op === '-') return typed(`(${left.sql} - ${right.sql})`, fixed(9, 0));
  if ((isMoment(a) && b.name !== 'UNKNOWN') || (isMoment(b) && a.name !== 'UNKNOWN')) throw noOperator(op, left, right);
  return undefined;
}

/** 001044 / 42P13: no operator takes these two. */
function noOperator(op: string, left: Typed, right: Typed): LocalError {
  const shown = (value: Typed): string => (value.interval === true ? 'INTERVAL' : typeName(value.type));
  return new LocalError(
    '001044',
    '42P13',
    `SQL compilation error:\nInvalid argument types for function '${op}': (${shown(left)}, ${shown(right)})`,
  );
}

function addInterval(op: string, moment: Typed, interval: Typed): Typed {
  if (moment.type.name === 'TIMESTAMP_TZ')
    return typed(`_fn.tz_shift(${moment.sql}, ${op === '-' ? '-' : ''}(${interval.sql}))`, moment.type, true);
  const sum = `(${moment.sql} ${op} ${interval.sql})`;
  // Adding whole days to a DATE stays a DATE; DuckDB always makes a TIMESTAMP of it.
  if (moment.type.name === 'DATE' && interval.literal === 'days') return typed(`CAST(${sum} AS DATE)`, DATE, true);
  if (moment.type.name === 'DATE') return typed(sum, { name: 'TIMESTAMP_NTZ', scale: 9 }, true);
  return typed(sum, moment.type, true);
}

export function concatenate(left: Typed, right: Typed): Typed {
  if (left.type.name === 'BINARY' && right.type.name === 'BINARY')
    return typed(`(${left.sql} || ${right.sql})`, left.type, true);
  const known =
    left.type.name === 'TEXT' && right.type.name === 'TEXT'
      ? Math.min(16_777_216, left.type.length + right.type.length)
      : undefined;
  const joined = typed(
    `(${textOf(left)} || ${textOf(right)})`,
    withCollation(known === undefined ? TEXT : { name: 'TEXT', length: known }, commonCollation(left, right)),
    true,
  );
  const constant = known !== undefined && typeof left.literal === 'string' && typeof right.literal === 'string';
  return constant ? { ...joined, literal: `${left.literal}${right.literal}` } : joined;
}

export function logical(op: 'AND' | 'OR', left: Typed, right: Typed): Typed {
  return typed(`(${asBoolean(left)} ${op} ${asBoolean(right)})`, BOOLEAN, true);
}

/** Operators for which two VARIANTs count as numbers when they hold some. */
const ORDERING = new Set(['<', '<=', '>', '>=']);

export function compare(
  op: BinaryOperator | 'IS DISTINCT FROM' | 'IS NOT DISTINCT FROM',
  left: Typed,
  right: Typed,
): Typed {
  if (left.type.name === 'VARIANT' && right.type.name === 'VARIANT' && ORDERING.has(op)) {
    return typed(
      `_fn.compare_variants(${left.sql}, ${right.sql}, _fn.sort_key(${left.sql}) ${op} _fn.sort_key(${right.sql}))`,
      BOOLEAN,
      true,
    );
  }
  const [a, b] = comparable(left, right);
  return typed(`(${a} ${op} ${b})`, BOOLEAN, true);
}

/** Both sides as DuckDB compares them the way Snowflake does: a VARIANT takes the other side's type, a text that of the date beside it. */
export function comparable(left: Typed, right: Typed): [string, string] {
  const a = left.type;
  const b = right.type;
  if (collationOf(left) !== undefined || collationOf(right) !== undefined) {
    const others = [a, b].some((type) => type.name !== 'TEXT' && type.name !== 'NULL' && type.name !== 'UNKNOWN');
    const specification = commonCollation(left, right) ?? '';
    if (!others) return [collationKey(textOf(left), specification), collationKey(textOf(right), specification)];
  }
  if (a.name === 'TIMESTAMP_TZ' || b.name === 'TIMESTAMP_TZ') return [ltzOf(left), ltzOf(right)];
  const common = commonType(a, b);
  if (a.name === 'FIXED' && b.name === 'FIXED' && (losesDigits(a, common) || losesDigits(b, common)))
    return [align(left, common).sql, align(right, common).sql];
  if (a.name === b.name || a.name === 'UNKNOWN' || b.name === 'UNKNOWN' || a.name === 'NULL' || b.name === 'NULL') {
    return [left.sql, right.sql];
  }
  if (a.name === 'VARIANT' && !isSemiStructured(b)) return [fromVariant(left, b), right.sql];
  if (b.name === 'VARIANT' && !isSemiStructured(a)) return [left.sql, fromVariant(right, a)];
  if (isNumeric(a) && isNumeric(b)) return [left.sql, right.sql];
  if (a.name === 'TEXT' && isNumeric(b)) return [numberBeside(left, b), right.sql];
  if (b.name === 'TEXT' && isNumeric(a)) return [left.sql, numberBeside(right, a)];
  if (
    (a.name === 'DATE' && isTimestamp(b)) ||
    (b.name === 'DATE' && isTimestamp(a)) ||
    (isTimestamp(a) && isTimestamp(b))
  ) {
    const instant = a.name === 'TIMESTAMP_LTZ' || b.name === 'TIMESTAMP_LTZ';
    return instant ? [ltzOf(left), ltzOf(right)] : [ntzOf(left), ntzOf(right)];
  }
  return [align(left, common).sql, align(right, common).sql];
}

function numberBeside(text: Typed, number: Type): string {
  const scale = number.name === 'FIXED' ? Math.max(number.scale, COERCED_NUMBER.scale) : 0;
  return asNumber(text, number.name === 'FIXED' ? fixed(38, scale) : REAL).sql;
}

/** A VARIANT of another type than what it is compared with is an error in Snowflake for texts that are no numbers; here too. */
function fromVariant(value: Typed, other: Type): string {
  if (other.name === 'TEXT') return textOf(value);
  if (isNumeric(other))
    return `CAST(_fn.variant_numeral(${value.sql}, '${other.name}') AS ${other.name === 'REAL' ? 'DOUBLE' : 'DECIMAL(38, 12)'})`;
  return isSnowflakeType(other) ? castTo(value, other).sql : value.sql;
}

const UNITS: Readonly<Record<string, string>> = {
  year: 'YEAR',
  years: 'YEAR',
  y: 'YEAR',
  yy: 'YEAR',
  yyyy: 'YEAR',
  yr: 'YEAR',
  quarter: 'QUARTER',
  quarters: 'QUARTER',
  q: 'QUARTER',
  qtr: 'QUARTER',
  month: 'MONTH',
  months: 'MONTH',
  mm: 'MONTH',
  mon: 'MONTH',
  mons: 'MONTH',
  week: 'WEEK',
  weeks: 'WEEK',
  w: 'WEEK',
  wk: 'WEEK',
  day: 'DAY',
  days: 'DAY',
  d: 'DAY',
  dd: 'DAY',
  hour: 'HOUR',
  hours: 'HOUR',
  h: 'HOUR',
  hh: 'HOUR',
  hr: 'HOUR',
  hrs: 'HOUR',
  minute: 'MINUTE',
  minutes: 'MINUTE',
  m: 'MINUTE',
  mi: 'MINUTE',
  min: 'MINUTE',
  mins: 'MINUTE',
  second: 'SECOND',
  seconds: 'SECOND',
  s: 'SECOND',
  sec: 'SECOND',
  secs: 'SECOND',
  millisecond: 'MILLISECOND',
  milliseconds: 'MILLISECOND',
  ms: 'MILLISECOND',
  msec: 'MILLISECOND',
  microsecond: 'MICROSECOND',
  microseconds: 'MICROSECOND',
  us: 'MICROSECOND',
  usec: 'MICROSECOND',
};

/** `INTERVAL '1 year, 3 days'`: a sum of DuckDB intervals; a number without unit counts seconds. */
export function intervalOf(text: string): Typed {
  const parts: string[] = [];
  let onlyDays = true;
  for (const piece of text.split(',')) {
    const match = /^\s*([+-]?\d+)\s*([a-zA-Z]*)\s*$/.exec(piece);
    const unit = match === null ? undefined : UNITS[(match[2] || 'second').toLowerCase()];
    if (match === null || unit === undefined) {
      throw new LocalError(
        '001003',
        '42000',
        `SQL compilation error:\ninvalid interval literal '${text}': write for example INTERVAL '3 months, 1 day'.`,
      );
    }
    if (!['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY'].includes(unit)) onlyDays = false;
    parts.push(`to_${unit.toLowerCase()}s(${match[1]})`);
  }
  return { sql: `(${parts.join(' + ')})`, type: UNKNOWN, interval: true, literal: onlyDays ? 'days' : 'time' };
}
