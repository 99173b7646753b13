import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { castTo } from '../emit/cast.js';
import {
  BINARY,
  DATE,
  fixed,
  heldBy,
  INTEGER,
  LTZ,
  NTZ,
  REAL,
  TEXT,
  TIME,
  type Type,
  type Typed,
  TZ,
  typed,
} from '../emit/typed.js';
import { unsupported } from '../syntax-error.js';
import { type FunctionTable, rule } from './call.js';
import { array, boolean, object } from './json-types.js';

const typeTest = (kinds: string) => rule(1, 1, (call) => boolean(`(json_type(${call.json(0)}) IN (${kinds}))`));

/** AS_… give the value when it is of that type, NULL otherwise. */
const asType = (kinds: string, build: (json: string) => Typed) =>
  rule(1, 3, (call) => {
    const value = build(call.json(0));
    return typed(
      `CASE WHEN json_type(${call.json(0)}) IN (${kinds}) THEN ${value.sql} END`,
      value.type,
      value.exact === true,
    );
  });

const INTEGERS = "'UBIGINT', 'BIGINT', 'HUGEINT'";

const NUMBERS = `${INTEGERS}, 'DOUBLE'`;

/** AS_DECIMAL(v [, precision [, scale]]). */
const asDecimal = rule(1, 3, (call) => {
  const type = fixed(call.has(1) ? call.constantInteger(1) : 38, call.has(2) ? call.constantInteger(2) : 0);
  const sql = `CASE WHEN json_type(${call.json(0)}) IN (${NUMBERS}) THEN CAST(${call.json(0)} ->> '$' AS ${duckdbTypeOf(type)}) END`;
  return typed(sql, type, true);
});

/** What a value, or the VARIANT around it, is known to be. */
function kindOf(type: Type): string | undefined {
  return type.name === 'VARIANT' ? heldBy(type) : type.name;
}

/** Types whose values JSON cannot tell apart by themselves. */
const TEXTS_IN_JSON = new Set(['BINARY', 'DATE', 'TIME', 'TIMESTAMP_NTZ', 'TIMESTAMP_LTZ', 'TIMESTAMP_TZ', 'DOUBLE']);

/** IS_DATE and its kin: what the translation knows decides; of a stored VARIANT nobody knows any more. */
const heldTest = (kind: string) =>
  rule(1, 1, (call) => {
    const value = call.arg(0);
    const known = kindOf(value.type);
    if (known === undefined) throw unsupported(`${call.name} of a VARIANT that was stored`);
    return boolean(`CASE WHEN ${value.sql} IS NOT NULL THEN ${known === kind ? 'TRUE' : 'FALSE'} END`);
  });

/** Moments and bytes are texts in a VARIANT: they are read back from those, unless it is known to hold something else. */
const asTextOf = (type: SnowflakeType) =>
  rule(1, 1, (call) => {
    const known = kindOf(call.arg(0).type);
    if (known !== undefined && known !== type.name) return typed(`CAST(NULL AS ${duckdbTypeOf(type)})`, type, true);
    const value = castTo(typed(`(${call.json(0)} ->> '$')`, TEXT, true), type, true);
    return typed(`CASE WHEN json_type(${call.json(0)}) = 'VARCHAR' THEN ${value.sql} END`, type, true);
  });

export const VARIANT_TYPES: FunctionTable = {
  TYPEOF: rule(1, 1, (call) => {
    const kind = kindOf(call.arg(0).type);
    const name = kind === 'REAL' ? 'DOUBLE' : kind;
    if (name === undefined || !TEXTS_IN_JSON.has(name)) return typed(`_fn.type_of(${call.json(0)})`, TEXT, true);
    return typed(`CASE WHEN ${call.sql(0)} IS NOT NULL THEN '${name}' END`, TEXT, true);
  }),
  IS_ARRAY: typeTest("'ARRAY'"),
  IS_OBJECT: typeTest("'OBJECT'"),
  IS_BOOLEAN: typeTest("'BOOLEAN'"),
  IS_VARCHAR: typeTest("'VARCHAR'"),
  IS_CHAR: typeTest("'VARCHAR'"),
  IS_NULL_VALUE: typeTest("'NULL'"),
  IS_INTEGER: typeTest(INTEGERS),
  IS_DECIMAL: typeTest(NUMBERS),
  IS_DOUBLE: typeTest(NUMBERS),
  IS_REAL: typeTest(NUMBERS),
  IS_BINARY: heldTest('BINARY'),
  IS_DATE: heldTest('DATE'),
  IS_DATE_VALUE: heldTest('DATE'),
  IS_TIME: heldTest('TIME'),
  IS_TIMESTAMP_LTZ: heldTest('TIMESTAMP_LTZ'),
  IS_TIMESTAMP_NTZ: heldTest('TIMESTAMP_NTZ'),
  IS_TIMESTAMP_TZ: heldTest('TIMESTAMP_TZ'),
  AS_ARRAY: asType("'ARRAY'", array),
  AS_OBJECT: asType("'OBJECT'", object),
  AS_BOOLEAN: asType("'BOOLEAN'", (json) => boolean(`CAST(${json} ->> '$' AS BOOLEAN)`)),
  AS_VARCHAR: asType("'VARCHAR'", (json) => typed(`(${json} ->> '$')`, TEXT, true)),
  AS_CHAR: asType("'VARCHAR'", (json) => typed(`(${json} ->> '$')`, TEXT, true)),
  AS_INTEGER: asType(INTEGERS, (json) => typed(`CAST(${json} ->> '$' AS DECIMAL(38, 0))`, INTEGER, true)),
  AS_NUMBER: asDecimal,
  AS_DECIMAL: asDecimal,
  AS_DOUBLE: asType(NUMBERS, (json) => typed(`CAST(${json} ->> '$' AS DOUBLE)`, REAL, true)),
  AS_REAL: asType(NUMBERS, (json) => typed(`CAST(${json} ->> '$' AS DOUBLE)`, REAL, true)),
  AS_BINARY: asTextOf(BINARY),
  AS_DATE: asTextOf(DATE),
  AS_TIME: asTextOf(TIME),
  AS_TIMESTAMP_NTZ: asTextOf(NTZ),
  AS_TIMESTAMP_LTZ: asTextOf(LTZ),
  AS_TIMESTAMP_TZ: asTextOf(TZ),
};
