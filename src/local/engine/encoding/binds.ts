import {
  BIGINT,
  BLOB,
  BOOLEAN,
  blobValue,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBDateValue,
  DuckDBDecimalValue,
  type DuckDBPreparedStatement,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  SMALLINT,
  STRUCT,
  structValue,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api';
import type { BindValue } from '../engine.js';
import { LocalError } from '../local-error.js';

/** A bind as DuckDB takes it. */
export interface BoundValue {
  readonly value: DuckDBValue;
  readonly type: DuckDBType;
}

const TIMESTAMP_TZ = STRUCT({ utc: TIMESTAMP, offset_min: SMALLINT });
const MAX_BIGINT = 2n ** 63n - 1n;
const MAX_DIGITS = 38;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/**
 * A scalar bind. Numbers are BIGINT where they fit, else DECIMAL; VARIANT, OBJECT and ARRAY are their JSON text. Nanoseconds
 * are cut to DuckDB's microseconds, towards the past.
 *
 * Throws `LocalError` 22018 for a text that is no value of the type, 22023 for an unknown type or an array.
 */
export function boundValue(bind: BindValue): BoundValue {
  const { value } = bind;
  if (isColumn(value)) throw new LocalError('002049', '22023', 'An array bind is not allowed in this statement.');
  const type = bindColumnType(bind.type, [value]);
  return { value: convert(bind.type, value, type), type };
}

/** The column of an array bind as one LIST, for `unnest($1)`; a scalar bind is a list of one. */
export function boundList(bind: BindValue): BoundValue {
  const texts = isColumn(bind.value) ? bind.value : [bind.value];
  const type = bindColumnType(bind.type, texts);
  return { value: listValue(texts.map((text) => convert(bind.type, text, type))), type: LIST(type) };
}

/** The values for `$1`, `$2`, … : the binds of those names, in order. Throws `LocalError` 22023 for one that is missing. */
export function bindPositions(
  names: readonly string[],
  binds: Readonly<Record<string, BindValue>> | undefined,
): readonly BoundValue[] {
  return names.map((name) => boundValue(bindNamed(name, binds)));
}

/**
 * The values for each run of a statement: one row without array binds, else as many as the arrays are long (scalars are the
 * same in each). Throws `LocalError` 22023 when arrays differ in length.
 */
export function bindRows(
  names: readonly string[],
  binds: Readonly<Record<string, BindValue>> | undefined,
): readonly (readonly BoundValue[])[] {
  const given = names.map((name) => bindNamed(name, binds));
  const lengths = new Set(
    given
      .map(({ value }) => value)
      .filter(isColumn)
      .map((column) => column.length),
  );
  if (lengths.size === 0) return [given.map(boundValue)];
  if (lengths.size > 1) throw new LocalError('002049', '22023', 'Array binds must all have the same number of values.');
  const columns = given.map((bind) => {
    const { value } = bind;
    if (!isColumn(value)) return boundValue(bind);
    const type = bindColumnType(bind.type, value);
    return value.map((text) => ({ value: convert(bind.type, text, type), type }));
  });
  const [rows = 0] = lengths;
  return Array.from({ length: rows }, (_, row) =>
    columns.map((column) => (Array.isArray(column) ? (column[row] as BoundValue) : (column as BoundValue))),
  );
}

function bindNamed(name: string, binds: Readonly<Record<string, BindValue>> | undefined): BindValue {
  const bind = binds?.[name];
  if (bind === undefined) throw new LocalError('002049', '22023', `Bind variable :${name} not set.`);
  return bind;
}

/** Whether a bind's value is the column of an array bind. */
export function isColumn(value: BindValue['value']): value is readonly (string | null)[] {
  return value !== null && typeof value !== 'string';
}

/** Gives a prepared statement its `$1`, `$2`, … */
export function bindTo(prepared: DuckDBPreparedStatement, binds: readonly BoundValue[]): void {
  binds.forEach(({ value, type }, i) => {
    prepared.bindValue(i + 1, value, type);
  });
}

/** The one DuckDB type that holds all texts of a column. */
export function bindColumnType(name: string, texts: readonly (string | null)[]): DuckDBType {
  switch (name) {
    case 'FIXED':
      return fixedType(texts);
    case 'REAL':
      return DOUBLE;
    case 'TEXT':
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
    case 'ANY':
      return VARCHAR;
    case 'BOOLEAN':
      return BOOLEAN;
    case 'DATE':
      return DATE;
    case 'TIME':
      return TIME;
    case 'TIMESTAMP':
    case 'TIMESTAMP_NTZ':
      return TIMESTAMP;
    case 'TIMESTAMP_LTZ':
      return TIMESTAMPTZ;
    case 'TIMESTAMP_TZ':
      return TIMESTAMP_TZ;
    case 'BINARY':
      return BLOB;
    default:
      throw new LocalError('002049', '22023', `Bind type '${name}' is not supported.`);
  }
}

function fixedType(texts: readonly (string | null)[]): DuckDBType {
  let whole = 1;
  let scale = 0;
  let bigint = true;
  for (const text of texts) {
    if (text === null) continue;
    const number = parseFixed(text);
    scale = Math.max(scale, number.scale);
    whole = Math.max(whole, digitsOf(number.unscaled) - number.scale);
    bigint &&= number.scale === 0 && number.unscaled <= MAX_BIGINT && number.unscaled >= -MAX_BIGINT - 1n;
  }
  if (bigint) return BIGINT;
  return whole + scale > MAX_DIGITS ? DOUBLE : DECIMAL(Math.max(whole, 0) + scale, scale);
}

function convert(name: string, text: string | null, type: DuckDBType): DuckDBValue {
  if (text === null) return null;
  switch (name) {
    case 'FIXED':
      return fixedValue(text, type);
    case 'REAL':
      return realValue(text);
    case 'BOOLEAN':
      return booleanValue(text);
    case 'DATE':
      return new DuckDBDateValue(Number(floorDiv(integer(text, '100040', 'Date'), 86_400_000n)));
    case 'TIME':
      return new DuckDBTimeValue(floorDiv(integer(text, '100108', 'Time'), 1000n));
    case 'TIMESTAMP':
    case 'TIMESTAMP_NTZ':
      return new DuckDBTimestampValue(floorDiv(integer(text, '100035', 'Timestamp'), 1000n));
    case 'TIMESTAMP_LTZ':
      return new DuckDBTimestampTZValue(floorDiv(integer(text, '100035', 'Timestamp'), 1000n));
    case 'TIMESTAMP_TZ':
      return timestampTzValue(text);
    case 'BINARY':
      return binaryValue(text);
    default:
      return text;
  }
}

interface Fixed {
  readonly unscaled: bigint;
  readonly scale: number;
}

/** JavaScript writes large whole numbers with an exponent: `1e+21`. */
function parseFixed(text: string): Fixed {
  const match = NUMBER.exec(text.trim());
  const [, sign, whole = '', fraction = '', exponent = '0'] = match ?? [];
  const shift = Number(exponent);
  if (match === null || whole + fraction === '' || Math.abs(shift) > 400) {
    throw new LocalError('100038', '22018', `Numeric value '${text}' is not recognized`);
  }
  const digits = BigInt(`${whole}${fraction}`);
  const scale = fraction.length - shift;
  const unscaled = scale < 0 ? digits * 10n ** BigInt(-scale) : digits;
  return { unscaled: sign === '-' ? -unscaled : unscaled, scale: Math.max(scale, 0) };
}

function digitsOf(unscaled: bigint): number {
  return (unscaled < 0n ? -unscaled : unscaled).toString().length;
}

function fixedValue(text: string, type: DuckDBType): DuckDBValue {
  if (type === DOUBLE) return Number(text);
  const { unscaled, scale } = parseFixed(text);
  if (type === BIGINT) return unscaled;
  const decimal = type as ReturnType<typeof DECIMAL>;
  return new DuckDBDecimalValue(unscaled * 10n ** BigInt(decimal.scale - scale), decimal.width, decimal.scale);
}

const SPECIAL_REALS: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
};

function realValue(text: string): number {
  const special = SPECIAL_REALS[text.trim().toLowerCase()];
  if (special !== undefined) return special;
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number)) {
    throw new LocalError('100038', '22018', `Numeric value '${text}' is not recognized`);
  }
  return number;
}

function booleanValue(text: string): boolean {
  const word = text.trim().toLowerCase();
  if (word === 'true' || word === '1') return true;
  if (word === 'false' || word === '0') return false;
  throw new LocalError('100037', '22018', `Boolean value '${text}' is not recognized`);
}

function timestampTzValue(text: string): DuckDBValue {
  const [nanoseconds = '', offset = '1440'] = text.trim().split(/\s+/);
  return structValue({
    utc: new DuckDBTimestampValue(floorDiv(integer(nanoseconds, '100035', 'Timestamp'), 1000n)),
    offset_min: Number(integer(offset, '100035', 'Timestamp')) - 1440,
  });
}

function binaryValue(hex: string): DuckDBValue {
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) {
    throw new LocalError('100115', '22000', `The following string is not a legal hex-encoded value: '${hex}'`);
  }
  return blobValue(new Uint8Array(Buffer.from(hex, 'hex')));
}

function integer(text: string, number: string, kind: string): bigint {
  if (!/^[+-]?\d+$/.test(text.trim())) throw new LocalError(number, '22018', `${kind} '${text}' is not recognized`);
  return BigInt(text.trim());
}

function floorDiv(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}
