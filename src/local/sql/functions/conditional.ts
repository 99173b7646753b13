import { asBoolean } from '../emit/coerce.js';
import { compare } from '../emit/operators.js';
import { BOOLEAN, fixed, NULL, type Type, type Typed, typed } from '../emit/typed.js';
import { unify } from '../emit/unify.js';
import { type Call, type FunctionTable, rule } from './call.js';

function coalesce(values: readonly Typed[]): Typed {
  const { values: sql, type } = unify(values);
  return typed(`COALESCE(${sql.join(', ')})`, type);
}

function iff(condition: string, yes: Typed, no: Typed): Typed {
  const { values, type } = unify([yes, no]);
  return typed(`CASE WHEN ${condition} THEN ${values[0]} ELSE ${values[1]} END`, type);
}

/** DECODE compares NULL with NULL as equal. */
function decode(call: Call): Typed {
  const subject = call.arg(0);
  const rest = call.args(1);
  const results: Typed[] = [];
  const conditions: string[] = [];
  for (let i = 0; i + 1 < rest.length; i += 2) {
    conditions.push(compare('IS NOT DISTINCT FROM', subject, rest[i] as Typed).sql);
    results.push(rest[i + 1] as Typed);
  }
  const otherwise = rest.length % 2 === 1 ? rest[rest.length - 1] : undefined;
  if (otherwise !== undefined) results.push(otherwise);
  const { values, type } = unify(results);
  const whens = conditions.map((condition, i) => `WHEN ${condition} THEN ${values[i]}`);
  return typed(
    `CASE ${whens.join(' ')}${otherwise === undefined ? '' : ` ELSE ${values[values.length - 1]}`} END`,
    type,
  );
}

/** GREATEST and LEAST are NULL when any argument is; the _IGNORE_NULLS forms skip them, as DuckDB's do. */
function extreme(name: string, skipNulls: boolean) {
  return rule(1, 99, (call) => {
    const { values, type } = unify(call.args());
    const sql = `${name}(${values.join(', ')})`;
    if (skipNulls) return typed(sql, type);
    return typed(`CASE WHEN ${values.map((value) => `${value} IS NULL`).join(' OR ')} THEN NULL ELSE ${sql} END`, type);
  });
}

const zeroIfNull = rule(1, 1, (call) => {
  const value = call.number(0);
  return typed(`COALESCE(${value.sql}, 0)`, value.type.name === 'NULL' ? fixed(1, 0) : value.type);
});

const nullIfZero = rule(1, 1, (call) => {
  const value = call.number(0);
  return typed(`NULLIF(${value.sql}, 0)`, value.type);
});

function firstType(a: Type, b: Type): Type {
  return a.name === 'NULL' ? b : a;
}

/** BOOLAND and its kin round numbers first: 0.3 is false. */
function truth(call: Call, i: number): string {
  const value = call.arg(i);
  return value.type.name === 'FIXED' || value.type.name === 'REAL' ? `(round(${value.sql}) <> 0)` : asBoolean(value);
}

/** One argument where the other is not NULL. */
function beside(call: Call, guard: number, value: number): Typed {
  const { type } = call.number(value);
  return typed(`CASE WHEN ${call.sql(guard)} IS NOT NULL THEN ${call.number(value).sql} END`, type);
}

const logic = (emit: (call: Call) => string) => rule(2, 2, (call) => typed(emit(call), BOOLEAN, true));

export const CONDITIONALS: FunctionTable = {
  IFF: rule(3, 3, (call) => iff(call.boolean(0), call.arg(1), call.arg(2))),
  IF: rule(3, 3, (call) => iff(call.boolean(0), call.arg(1), call.arg(2))),
  COALESCE: rule(1, 99, (call) => coalesce(call.args())),
  IFNULL: rule(2, 2, (call) => coalesce(call.args())),
  NVL: rule(2, 2, (call) => coalesce(call.args())),
  NVL2: rule(3, 3, (call) => iff(`${call.sql(0)} IS NOT NULL`, call.arg(1), call.arg(2))),
  NULLIF: rule(2, 2, (call) => {
    const equal = compare('=', call.arg(0), call.arg(1));
    return typed(`CASE WHEN ${equal.sql} THEN NULL ELSE ${call.sql(0)} END`, firstType(call.arg(0).type, NULL));
  }),
  ZEROIFNULL: zeroIfNull,
  NULLIFZERO: nullIfZero,
  DECODE: rule(3, 255, decode),
  EQUAL_NULL: rule(2, 2, (call) => compare('IS NOT DISTINCT FROM', call.arg(0), call.arg(1))),
  GREATEST: extreme('greatest', false),
  LEAST: extreme('least', false),
  GREATEST_IGNORE_NULLS: extreme('greatest', true),
  LEAST_IGNORE_NULLS: extreme('least', true),
  REGR_VALX: rule(2, 2, (call) => beside(call, 0, 1)),
  REGR_VALY: rule(2, 2, (call) => beside(call, 1, 0)),
  BOOLAND: logic((call) => `(${truth(call, 0)} AND ${truth(call, 1)})`),
  BOOLOR: logic((call) => `(${truth(call, 0)} OR ${truth(call, 1)})`),
  BOOLXOR: logic((call) => `(${truth(call, 0)} <> ${truth(call, 1)})`),
  BOOLNOT: rule(1, 1, (call) => typed(`(NOT ${truth(call, 0)})`, BOOLEAN, true)),
};
