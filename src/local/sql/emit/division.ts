import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { type Typed, typed } from './typed.js';

/** Whole numbers of so many digits are exact as doubles, and so is the rounded quotient of two of them. */
const DOUBLE_DIGITS = 15;
/** Twice a number of so many digits fits 128 bits. */
const HUGE_DIGITS = 37;
/** Operands longer than this are bound once: each of them is named several times. */
const LONG_OPERAND = 200;

type Fixed = Extract<SnowflakeType, { name: 'FIXED' }>;

/** One operand: its text, its type, and the whole number that its digits make. */
interface Operand {
  readonly sql: string;
  readonly type: Fixed;
}

/**
 * The quotient of two exact numbers, rounded half away from zero at the scale of `type` and exact to the last digit; division by zero
 * is 100051. It is a division of whole numbers: the digits of the first, with as many zeros as the result's scale asks for, by the
 * digits of the second. Those are divided as doubles while doubles hold them, as 128-bit integers while these do, and digit by digit
 * beyond.
 */
export function divideExactly(left: Operand, right: Operand, type: Fixed): Typed {
  const zeros = type.scale + right.type.scale - left.type.scale;
  const target = duckdbTypeOf(type);
  const short = left.type.precision + zeros <= DOUBLE_DIGITS && right.type.precision <= DOUBLE_DIGITS;
  if (short) return typed(`CAST(${asDoubles(left, right, zeros, type.scale)} AS ${target})`, type, true);
  const long = left.sql.length > LONG_OPERAND || right.sql.length > LONG_OPERAND;
  // A dot behind the name would make it a column's where the query has one of that name.
  const a = long ? { ...left, sql: `struct_extract(d, 'a')` } : left;
  const b = long ? { ...right, sql: `struct_extract(d, 'b')` } : right;
  const quotient = `CAST(${byRange(a, b, zeros, type.scale)} AS ${target})`;
  const sql = long ? `list_transform([{'a': ${left.sql}, 'b': ${right.sql}}], lambda d: ${quotient})[1]` : quotient;
  return typed(sql, type, true);
}

function byRange(a: Operand, b: Operand, zeros: number, scale: number): string {
  const wide = `DECIMAL(38, ${scale})`;
  const unit = `CAST('1e-${scale}' AS DECIMAL(37, ${scale}))`;
  const scaled = (whole: string): string =>
    `CAST(CAST(${whole} AS DECIMAL(38, 0)) * ${unit} * CAST(sign(${a.sql}) * sign(${b.sql}) AS DECIMAL(1, 0)) AS ${wide})`;
  return (
    `CASE WHEN ${below(a, DOUBLE_DIGITS - zeros)} AND ${below(b, DOUBLE_DIGITS)} THEN CAST(${asDoubles(a, b, zeros, scale)} AS ${wide})` +
    ` WHEN ${a.sql} IS NULL OR ${b.sql} IS NULL THEN NULL` +
    ` WHEN ${below(a, HUGE_DIGITS - zeros)} AND ${below(b, HUGE_DIGITS)} THEN ${scaled(`_fn.rounded_quotient(${whole(a)} * ${10n ** BigInt(Math.min(zeros, 38))}::HUGEINT, ${whole(b)})`)}` +
    ` ELSE ${scaled(`_fn.rounded_division(${a.sql}, ${b.sql}, ${zeros})`)} END`
  );
}

/** Whether the digits of the number make less than a whole number of `digits` digits. */
function below({ sql, type }: Operand, digits: number): string {
  if (type.precision <= digits) return `${sql} IS NOT NULL`;
  const bound = digits - type.scale;
  return digits <= 0 ? `${sql} = 0` : `abs(${sql}) < 1e${bound}`;
}

function asDoubles(a: Operand, b: Operand, zeros: number, scale: number): string {
  const quotient = `round(${double(a, zeros)} / _fn.nonzero(${double(b, 0)}))`;
  return scale === 0 ? quotient : `${quotient} / 1e${scale}`;
}

/** The digits as a double, with zeros behind. */
function double({ sql, type }: Operand, zeros: number): string {
  const shift = type.scale + zeros;
  return shift === 0 ? `CAST(${sql} AS DOUBLE)` : `round(CAST(${sql} AS DOUBLE) * 1e${shift})`;
}

/** The digits as a 128-bit integer without a sign. */
function whole({ sql, type }: Operand): string {
  if (type.scale === 0) return `abs(CAST(${sql} AS HUGEINT))`;
  if (type.precision + type.scale > HUGE_DIGITS) return `_fn.unscaled(${sql})`;
  return `abs(CAST(CAST(${sql} AS DECIMAL(38, ${type.scale})) * ${10n ** BigInt(type.scale)}::DECIMAL(38, 0) AS HUGEINT))`;
}
