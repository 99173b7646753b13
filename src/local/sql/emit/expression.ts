import type { Expr } from '../grammar/ast.js';
import { duckString } from '../lexer.js';
import { castTo } from './cast.js';
import { asBoolean, asNumber } from './coerce.js';
import { literalNumber } from './constants.js';
import { type Context, compilationError } from './context.js';
import { InvalidCast, noTryCast, typeName } from './invalid-cast.js';
import { path } from './json-path.js';
import { objectLiteral } from './object-literal.js';
import { arithmetic, compare, concatenate, intervalOf, logical, operand } from './operators.js';
import { inList, inQuery, isTest, like, quantified } from './predicates.js';
import { bind, column, positional, variable } from './references.js';
import { jsonOf } from './text-casts.js';
import { ARRAY, BINARY, BOOLEAN, isSnowflakeType, NULL, type Typed, typed, UNKNOWN } from './typed.js';
import { unify } from './unify.js';

/** Translates one expression to DuckDB SQL together with its Snowflake type. */
export function emitExpression(expr: Expr, cx: Context): Typed {
  switch (expr.kind) {
    case 'number':
      return literalNumber(expr.text);
    case 'string':
      return {
        sql: duckString(expr.value),
        type: { name: 'TEXT', length: Math.max(1, expr.value.length) },
        exact: true,
        literal: expr.value,
      };
    case 'binary-string':
      return typed(`unhex(${duckString(expr.hex)})`, BINARY, true);
    case 'boolean':
      return typed(expr.value ? 'TRUE' : 'FALSE', BOOLEAN, true);
    case 'null':
      return { sql: 'NULL', type: NULL, literal: null };
    case 'column':
      return column(expr, cx);
    case 'position':
      return positional(expr, cx);
    case 'variable':
      return variable(expr.name, cx);
    case 'bind':
      return bind(expr.name, cx);
    case 'star':
      throw compilationError(
        cx,
        '001003',
        '42000',
        "syntax error: '*' stands for columns only in a select list or in COUNT(*).",
        expr.start,
      );
    case 'call':
      return cx.call(expr, cx);
    case 'negate': {
      const arg = cx.expression(expr.arg, cx);
      if (arg.interval === true) return { ...typed(`(- ${arg.sql})`, arg.type), interval: true };
      if (arg.type.name === 'BOOLEAN') {
        throw compilationError(cx, '001044', '42P13', "Invalid argument types for function '-': (BOOLEAN)", expr.start);
      }
      const number = asNumber(arg);
      return typed(`(- ${operand(number)})`, number.type);
    }
    case 'plus': {
      const arg = cx.expression(expr.arg, cx);
      return arg.type.name === 'TEXT' ? asNumber(arg) : arg;
    }
    case 'not':
      return typed(`(NOT ${asBoolean(cx.expression(expr.arg, cx))})`, BOOLEAN, true);
    case 'prior':
    case 'connect-by-root': {
      const frame = expr.kind === 'prior' ? cx.hierarchy?.prior : cx.hierarchy?.root;
      if (frame === undefined) {
        throw compilationError(
          cx,
          '001003',
          '42000',
          'PRIOR and CONNECT_BY_ROOT are allowed only with CONNECT BY.',
          expr.start,
        );
      }
      return cx.expression(expr.arg, { ...cx, frame });
    }
    case 'binary':
      return binary(expr, cx);
    case 'cast':
      return cast(expr, cx);
    case 'case':
      return caseOf(expr, cx);
    case 'is':
      return typed(`(${isTest(cx.expression(expr.arg, cx), expr.what, expr.not)})`, BOOLEAN, true);
    case 'distinct-from':
      return compare(
        expr.not ? 'IS NOT DISTINCT FROM' : 'IS DISTINCT FROM',
        cx.expression(expr.left, cx),
        cx.expression(expr.right, cx),
      );
    case 'between': {
      const arg = cx.expression(expr.arg, cx);
      const low = compare('>=', arg, cx.expression(expr.low, cx));
      const high = compare('<=', arg, cx.expression(expr.high, cx));
      return typed(`(${expr.not ? 'NOT ' : ''}(${low.sql} AND ${high.sql}))`, BOOLEAN, true);
    }
    case 'in':
      return inList(expr, cx);
    case 'in-query':
      return inQuery(expr, cx);
    case 'like':
      return like(expr, cx);
    case 'exists':
      return typed(`EXISTS (${cx.query(expr.query, cx).sql})`, BOOLEAN, true);
    case 'scalar-query': {
      const query = cx.query(expr.query, cx);
      const type = query.columns?.length === 1 ? (query.columns[0]?.type ?? UNKNOWN) : UNKNOWN;
      return typed(`(${query.sql})`, type, type.name !== 'UNKNOWN' && type.name !== 'NULL');
    }
    case 'quantified':
      return quantified(expr, cx);
    case 'path':
      return path(cx.expression(expr.arg, cx), expr.steps, cx, expr.start);
    case 'array':
      return typed(`json_array(${expr.items.map((item) => jsonOf(cx.expression(item, cx))).join(', ')})`, ARRAY, true);
    case 'object':
      return objectLiteral(expr, cx);
    case 'interval':
      return intervalOf(expr.text);
    case 'tuple':
      return typed(`(${expr.items.map((item) => cx.expression(item, cx).sql).join(', ')})`, UNKNOWN);
    case 'lambda':
      throw compilationError(
        cx,
        '001003',
        '42000',
        'a lambda is allowed only as an argument of a higher-order function.',
        expr.start,
      );
  }
}

function binary(expr: Expr & { kind: 'binary' }, cx: Context): Typed {
  const left = cx.expression(expr.left, cx);
  const right = cx.expression(expr.right, cx);
  switch (expr.op) {
    case 'AND':
    case 'OR':
      return logical(expr.op, left, right);
    case '||':
      return concatenate(left, right);
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmetic(expr.op, left, right);
    default:
      return compare(expr.op, left, right);
  }
}

function cast(expr: Expr & { kind: 'cast' }, cx: Context): Typed {
  const arg = cx.expression(expr.arg, cx);
  if (expr.try && isSnowflakeType(arg.type) && arg.type.name !== 'TEXT') throw noTryCast(arg.type, expr.type);
  try {
    return castTo(arg, expr.type, expr.try);
  } catch (error) {
    if (!(error instanceof InvalidCast)) throw error;
    const written = cx.text.slice(expr.arg.start, expr.arg.end).toUpperCase();
    throw new InvalidCast(`CAST(${written} AS ${typeName(expr.type)})`, error.to, true);
  }
}

function caseOf(expr: Expr & { kind: 'case' }, cx: Context): Typed {
  const operandValue = expr.operand === undefined ? undefined : cx.expression(expr.operand, cx);
  const conditions = expr.whens.map(({ when }) => {
    const value = cx.expression(when, cx);
    return operandValue === undefined ? asBoolean(value) : compare('=', operandValue, value).sql;
  });
  const results = expr.whens.map(({ then }) => cx.expression(then, cx));
  if (expr.otherwise !== undefined) results.push(cx.expression(expr.otherwise, cx));
  const { values, type } = unify(results);
  const branches = conditions.map((condition, i) => `WHEN ${condition} THEN ${values[i]}`);
  const otherwise = expr.otherwise === undefined ? '' : ` ELSE ${values[values.length - 1]}`;
  return typed(`CASE ${branches.join(' ')}${otherwise} END`, type);
}
