import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { castTo } from '../emit/cast.js';
import { asText } from '../emit/coerce.js';
import {
  BINARY,
  BOOLEAN,
  DATE,
  fixed,
  isTimestamp,
  LTZ,
  NTZ,
  REAL,
  TEXT,
  TIME,
  type Typed,
  TZ,
  typed,
  VARIANT,
} from '../emit/typed.js';
import { type Call, type FunctionTable, rule } from './call.js';
import { dateFormat, isDateFormat } from './date-formats.js';
import { numberFormat, printNumber } from './number-formats.js';

/** TO_NUMBER(x [, format] [, precision, scale]). */
function toNumber(lenient: boolean) {
  return rule(1, 4, (call) => {
    const withFormat = call.has(1) && (typeof call.arg(1).literal === 'string' || call.arg(1).type.name === 'TEXT');
    const at = withFormat ? 2 : 1;
    const precision = call.has(at) ? call.constantInteger(at) : 38;
    const scale = call.has(at + 1) ? call.constantInteger(at + 1) : 0;
    const type = fixed(precision, scale);
    if (withFormat) {
      const format = numberFormat(call, 1);
      const cast = lenient ? 'TRY_CAST' : 'CAST';
      return typed(`${cast}(${format(call.text(0), lenient)} AS ${duckdbTypeOf(type)})`, type, true);
    }
    return castTo(call.arg(0), type, lenient);
  });
}

const plain = (target: SnowflakeType, lenient: boolean) => rule(1, 1, (call) => castTo(call.arg(0), target, lenient));

const toDouble = (lenient: boolean) =>
  rule(1, 2, (call) => {
    if (!call.has(1)) return castTo(call.arg(0), REAL, lenient);
    return typed(
      `${lenient ? 'TRY_CAST' : 'CAST'}(${numberFormat(call, 1)(call.text(0), lenient)} AS DOUBLE)`,
      REAL,
      true,
    );
  });

/** A text that holds an integer counts seconds, milliseconds, microseconds or nanoseconds by its size. */
function toDate(lenient: boolean) {
  return rule(1, 2, (call) => {
    if (!call.has(1) || isAuto(call)) return castTo(call.arg(0), DATE, lenient);
    return typed(`CAST(${parsed(call, lenient)} AS DATE)`, DATE, true);
  });
}

function isAuto(call: Call): boolean {
  const { literal } = call.arg(1);
  return typeof literal === 'string' && literal.toUpperCase() === 'AUTO';
}

/** A text read by a format, as a timestamp of the wall clock. */
function parsed(call: Call, lenient: boolean): string {
  const format = dateFormat(call, 1);
  return format.parse(call.text(0), lenient);
}

function toTime(lenient: boolean) {
  return rule(1, 2, (call) => {
    if (!call.has(1) || isAuto(call)) return castTo(call.arg(0), TIME, lenient);
    return typed(`CAST(${parsed(call, lenient)} AS TIME)`, TIME, true);
  });
}

function toTimestamp(fixedTarget: SnowflakeType | 'mapped', lenient: boolean) {
  return rule(1, 2, (call) => {
    const target = fixedTarget === 'mapped' ? mappedTimestamp(call) : fixedTarget;
    const value = call.arg(0);
    if (!call.has(1) || isAuto(call)) return castTo(value, target, lenient);
    const second = call.arg(1);
    if (typeof second.literal === 'number' || second.type.name === 'FIXED') {
      const epoch = typed(`_fn.epoch_to_ntz(${call.number(0).sql}, ${second.sql})`, NTZ, true);
      if (target.name === 'TIMESTAMP_LTZ') return typed(`timezone('UTC', ${epoch.sql})`, LTZ, true);
      if (target.name === 'TIMESTAMP_TZ') return typed(`_fn.tz_make(${epoch.sql}, 0)`, TZ, true);
      return epoch;
    }
    const format = dateFormat(call, 1);
    const wall = typed(format.parse(call.text(0), lenient), NTZ, true);
    if (format.offset === undefined || target.name === 'TIMESTAMP_NTZ') return castTo(wall, target, lenient);
    const tz = typed(
      `_fn.tz_make(${wall.sql} - to_minutes(${format.offset(call.text(0))}), ${format.offset(call.text(0))})`,
      TZ,
      true,
    );
    return castTo(tz, target, lenient);
  });
}

/** TIMESTAMP is what the session says. */
function mappedTimestamp(call: Call): SnowflakeType {
  const name = call.cx.scope.parameter('TIMESTAMP_TYPE_MAPPING').toUpperCase();
  return name === 'TIMESTAMP_LTZ' ? LTZ : name === 'TIMESTAMP_TZ' ? TZ : NTZ;
}

/** TO_CHAR(x [, format]). */
const toChar = rule(1, 2, (call) => {
  const value = call.arg(0);
  if (!call.has(1)) return castTo(value, TEXT);
  if (value.type.name === 'BINARY') {
    const kind = call.word(1).replace('-', '');
    if (kind === 'UTF8') return typed(`decode(${value.sql})`, TEXT, true);
    if (kind === 'BASE64') return typed(`to_base64(${value.sql})`, TEXT, true);
    return typed(`hex(${value.sql})`, TEXT, true);
  }
  const moment = value.type.name === 'DATE' || value.type.name === 'TIME' || isTimestamp(value.type);
  if (moment || (value.type.name !== 'FIXED' && value.type.name !== 'REAL' && isDateFormat(call, 1))) {
    return typed(dateFormat(call, 1).print(value), TEXT, true);
  }
  return typed(printNumber(call, call.number(0).sql, 1), TEXT, true);
});

function toBinary(lenient: boolean) {
  return rule(1, 2, (call): Typed => {
    if (call.arg(0).type.name === 'BINARY') return call.arg(0);
    const kind = call.has(1) ? call.word(1).replace('-', '') : 'HEX';
    const text = asText(call.arg(0));
    if (kind === 'UTF8') return typed(`encode(${text})`, BINARY, true);
    if (kind === 'BASE64') return typed(lenient ? `TRY(from_base64(${text}))` : `from_base64(${text})`, BINARY, true);
    return typed(lenient ? `_fn.try_unhex(${text})` : `_fn.hex_bytes(${text})`, BINARY, true);
  });
}

/** ODBC's types in `{fn CONVERT(x, SQL_…)}`. */
const ODBC_TYPES: Readonly<Record<string, SnowflakeType>> = {
  SQL_DOUBLE: REAL,
  SQL_FLOAT: REAL,
  SQL_REAL: REAL,
  SQL_VARCHAR: TEXT,
  SQL_CHAR: TEXT,
  SQL_DATE: DATE,
  SQL_TIME: TIME,
  SQL_TIMESTAMP: NTZ,
  SQL_BIGINT: fixed(38, 0),
  SQL_INTEGER: fixed(38, 0),
  SQL_SMALLINT: fixed(38, 0),
  SQL_TINYINT: fixed(38, 0),
  SQL_DECIMAL: fixed(38, 0),
  SQL_NUMERIC: fixed(38, 0),
  SQL_BIT: BOOLEAN,
  SQL_BINARY: BINARY,
  SQL_VARBINARY: BINARY,
};

const convert = rule(2, 2, (call) => {
  const type = ODBC_TYPES[call.word(1)];
  if (type === undefined) throw call.error('001065', '42601', `Unsupported data type '${call.word(1)}'.`);
  return castTo(call.arg(0), type);
});

export const CONVERSIONS: FunctionTable = {
  CONVERT: convert,
  TO_NUMBER: toNumber(false),
  TO_DECIMAL: toNumber(false),
  TO_NUMERIC: toNumber(false),
  TRY_TO_NUMBER: toNumber(true),
  TRY_TO_DECIMAL: toNumber(true),
  TRY_TO_NUMERIC: toNumber(true),
  TO_DOUBLE: toDouble(false),
  TRY_TO_DOUBLE: toDouble(true),
  TO_BOOLEAN: plain(BOOLEAN, false),
  TRY_TO_BOOLEAN: plain(BOOLEAN, true),
  TO_DATE: toDate(false),
  DATE: toDate(false),
  TRY_TO_DATE: toDate(true),
  TO_TIME: toTime(false),
  TIME: toTime(false),
  TRY_TO_TIME: toTime(true),
  TO_TIMESTAMP: toTimestamp('mapped', false),
  TO_TIMESTAMP_NTZ: toTimestamp(NTZ, false),
  TO_TIMESTAMP_LTZ: toTimestamp(LTZ, false),
  TO_TIMESTAMP_TZ: toTimestamp(TZ, false),
  TIMESTAMP: toTimestamp('mapped', false),
  DATETIME: toTimestamp(NTZ, false),
  TRY_TO_TIMESTAMP: toTimestamp('mapped', true),
  TRY_TO_TIMESTAMP_NTZ: toTimestamp(NTZ, true),
  TRY_TO_TIMESTAMP_LTZ: toTimestamp(LTZ, true),
  TRY_TO_TIMESTAMP_TZ: toTimestamp(TZ, true),
  TO_CHAR: toChar,
  TO_VARCHAR: toChar,
  TO_BINARY: toBinary(false),
  TRY_TO_BINARY: toBinary(true),
  TO_VARIANT: plain(VARIANT, false),
  TO_ARRAY: rule(1, 1, (call) => castTo(call.arg(0), { name: 'ARRAY' })),
  TO_OBJECT: rule(1, 1, (call) => castTo(call.arg(0), { name: 'OBJECT' })),
  TO_JSON: rule(1, 1, (call) => typed(`CAST(${call.json(0)} AS VARCHAR)`, TEXT, true)),
};
