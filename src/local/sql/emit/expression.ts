import type { SnowflakeType } from '../../engine/snowflake-type.js';
import type { Expr, OrderItem, PathStep } from '../grammar/ast.js';
import { duckString } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { castTo } from './cast.js';
import { align, asBoolean, asNumber, asText, losesDigits } from './coerce.js';
import { collationKey, uncollated } from './collated.js';
import { literalNumber } from './constants.js';
import { type Context, compilationError } from './context.js';
import { lookUp } from './names.js';
import { arithmetic, comparable, compare, concatenate, intervalOf, logical, operand } from './operators.js';
import { jsonOf } from './text-casts.js';
import {
  ARRAY,
  BINARY,
  BOOLEAN,
  commonType,
  DATE,
  heldBy,
  isSemiStructured,
  isSnowflakeType,
  NTZ,
  NULL,
  OBJECT,
  REAL,
  type Type,
  type Typed,
  typed,
  UNKNOWN,
  VARIANT,
} from './typed.js';

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
      const number = asNumber(arg);
      return typed(`(- ${operand(number)})`, number.type);
    }
    case 'plus':
      return cx.expression(expr.arg, cx);
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
      return path(cx.expression(expr.arg, cx), expr.steps, cx);
    case 'array':
      return typed(`json_array(${expr.items.map((item) => jsonOf(cx.expression(item, cx))).join(', ')})`, ARRAY, true);
    case 'object': {
      const pairs = expr.entries.flatMap((entry) => [duckString(entry.key), jsonOf(cx.expression(entry.value, cx))]);
      return typed(`json_object(${pairs.join(', ')})`, OBJECT, true);
    }
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

/** `column` without parentheses may also be a function: CURRENT_DATE, a sequence's NEXTVAL. */
function column(expr: Expr & { kind: 'column' }, cx: Context): Typed {
  const [first] = expr.parts;
  if (first !== undefined) {
    const bound = cx.lambda.get(first.name);
    if (bound !== undefined && expr.parts.length === 1) return bound;
  }
  const lookup = lookUp(cx.frame, expr.parts);
  if ('found' in lookup) return lookup.found;
  const shown = expr.parts.map((part) => (part.quoted ? `"${part.name}"` : part.name)).join('.');
  if ('ambiguous' in lookup)
    throw compilationError(cx, '001052', '42702', `ambiguous column name '${shown}'`, expr.start);
  const last = expr.parts[expr.parts.length - 1];
  if (expr.parts.length > 1 && last?.name === 'NEXTVAL') {
    return typed(cx.scope.sequence(expr.parts.slice(0, -1).map((part) => part.name)), {
      name: 'FIXED',
      precision: 38,
      scale: 0,
    });
  }
  if (expr.parts.length === 1 && first !== undefined && !first.quoted && WITHOUT_PARENTHESES.has(first.name)) {
    return cx.call({ kind: 'call', name: [first.name], args: [], start: expr.start, end: expr.end }, cx);
  }
  throw compilationError(cx, '000904', '42000', `invalid identifier '${shown}'`, expr.start);
}

const WITHOUT_PARENTHESES = new Set([
  'CURRENT_DATE',
  'CURRENT_TIME',
  'CURRENT_TIMESTAMP',
  'LOCALTIME',
  'LOCALTIMESTAMP',
  'CURRENT_USER',
  'CURRENT_ROLE',
  'CURRENT_DATABASE',
  'CURRENT_SCHEMA',
  'CURRENT_WAREHOUSE',
  'CURRENT_ACCOUNT',
  'CURRENT_SESSION',
  'SYSDATE',
]);

function positional(expr: Expr & { kind: 'position' }, cx: Context): Typed {
  const name = `COLUMN${expr.position}`;
  const part = { name, quoted: false, start: expr.start, end: expr.end };
  const parts = expr.qualifier === undefined ? [part] : [expr.qualifier, part];
  const lookup = lookUp(cx.frame, parts);
  if ('found' in lookup) return lookup.found;
  const source = cx.frame?.sources.find((s) => expr.qualifier === undefined || s.name === expr.qualifier.name);
  const byPlace = source?.columns?.[expr.position - 1];
  if (source === undefined || byPlace === undefined) {
    throw compilationError(cx, '000904', '42000', `invalid identifier '$${expr.position}'`, expr.start);
  }
  return column({ kind: 'column', parts: [{ ...part, name: byPlace.name }], start: expr.start, end: expr.end }, cx);
}

/** A session variable's value: a literal, or `CAST('…' AS …)` of one. */
function variable(name: string, cx: Context): Typed {
  const given = cx.scope.variable(name);
  const cast = /^CAST\((.*) AS (\w+)(?:\((\d+),\s*(\d+)\))?\)$/s.exec(given);
  const sql = cast?.[1] ?? given;
  const kind = cast?.[2];
  const text = /^'((?:[^']|'')*)'$/s.exec(sql)?.[1]?.replaceAll("''", "'");
  const value = text ?? sql;
  if (kind === 'DECIMAL' || (text === undefined && /^-?\d+(\.\d+)?$/.test(sql))) return literalNumber(value);
  if (kind === 'DOUBLE') return { sql: given, type: REAL, exact: true, literal: Number(value) };
  if (kind === 'BOOLEAN' || /^(true|false)$/i.test(sql)) return typed(given, BOOLEAN, true);
  if (text !== undefined && (kind === undefined || kind === 'VARCHAR')) {
    return { sql, type: { name: 'TEXT', length: Math.max(1, text.length) }, exact: true, literal: text };
  }
  if (kind === 'DATE') return typed(given, DATE, true);
  if (kind === 'TIMESTAMP') return typed(given, NTZ, true);
  return typed(`(${given})`, UNKNOWN);
}

function bind(name: string, cx: Context): Typed {
  let index = cx.gathered.binds.indexOf(name);
  if (index < 0) index = cx.gathered.binds.push(name) - 1;
  const sql = `$${index + 1}`;
  const type = cx.scope.bindType?.(name);
  if (type === undefined) return typed(sql, UNKNOWN);
  return typed(sql, type, type.name !== 'FIXED');
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

/** TRY_CAST takes texts only (and VARIANTs, which hold them). */
function cast(expr: Expr & { kind: 'cast' }, cx: Context): Typed {
  const arg = cx.expression(expr.arg, cx);
  return castTo(arg, expr.type, expr.try);
}

function isTest(arg: Typed, what: 'NULL' | 'TRUE' | 'FALSE', not: boolean): string {
  const sql = what === 'NULL' ? arg.sql : asBoolean(arg);
  return `${sql} IS ${not ? 'NOT ' : ''}${what}`;
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

/** Brings several values to the type that they have in common. */
export function unify(values: readonly Typed[]): { values: string[]; type: Type } {
  for (const value of values) uncollated(value, 'a common type');
  const exact = values.some((value) => value.type.name === 'FIXED');
  const read = exact ? values.map(numeral) : values;
  const type = read.map((value) => value.type).reduce(commonType, NULL);
  return { values: read.map((value) => align(value, type).sql), type };
}

/** A constant text that is a number, as that number with its own digits. */
function numeral(value: Typed): Typed {
  const written = value.type.name === 'TEXT' && typeof value.literal === 'string' ? value.literal.trim() : '';
  return /^[+-]?\d+(\.\d+)?$/.test(written) ? literalNumber(written) : value;
}

function inList(expr: Expr & { kind: 'in' }, cx: Context): Typed {
  const arg = cx.expression(expr.arg, cx);
  const items = expr.list.map((item) => cx.expression(item, cx));
  const plain = items.every((item) => item.type.name === arg.type.name || item.type.name === 'NULL');
  const collated = [arg, ...items].some((item) => item.collation !== undefined);
  if (plain && !collated && arg.type.name !== 'TIMESTAMP_TZ') {
    return typed(
      `(${arg.sql} ${expr.not ? 'NOT ' : ''}IN (${items.map((item) => item.sql).join(', ')}))`,
      BOOLEAN,
      true,
    );
  }
  const equal = items.map((item) => {
    const [left, right] = comparable(arg, item);
    return `${left} = ${right}`;
  });
  return typed(`(${expr.not ? 'NOT ' : ''}(${equal.join(' OR ')}))`, BOOLEAN, true);
}

function inQuery(expr: Expr & { kind: 'in-query' }, cx: Context): Typed {
  const arg = cx.expression(expr.arg, cx);
  uncollated(arg, 'IN');
  const query = cx.query(expr.query, cx);
  const column = query.columns?.length === 1 ? query.columns[0] : undefined;
  const common = column === undefined ? UNKNOWN : commonType(arg.type, column.type);
  const fits = column !== undefined && !losesDigits(arg.type, common) && !losesDigits(column.type, common);
  if (column === undefined || (column.type.name === arg.type.name && fits)) {
    return typed(`(${arg.sql} ${expr.not ? 'NOT ' : ''}IN (${query.sql}))`, BOOLEAN, true);
  }
  const [left, right] = comparable(arg, typed('"in"."v"', column.type, true));
  return typed(
    `(${left} ${expr.not ? 'NOT ' : ''}IN (SELECT ${right} FROM (${query.sql}) AS "in"("v")))`,
    BOOLEAN,
    true,
  );
}

function quantified(expr: Expr & { kind: 'quantified' }, cx: Context): Typed {
  const left = uncollated(cx.expression(expr.left, cx), expr.op);
  const query = cx.query(expr.query, cx);
  const column = query.columns?.length === 1 ? query.columns[0] : undefined;
  const [value, each] =
    column === undefined ? [left.sql, undefined] : comparable(left, typed('"each"."v"', column.type, true));
  const rows = each === undefined ? query.sql : `SELECT ${each} FROM (${query.sql}) AS "each"("v")`;
  return typed(`(${value} ${expr.op} ${expr.quantifier} (${rows}))`, BOOLEAN, true);
}

/** Snowflake's LIKE has no escape character unless one is named; DuckDB the same. RLIKE matches the whole text. */
function like(expr: Expr & { kind: 'like' }, cx: Context): Typed {
  const arg = asText(uncollated(cx.expression(expr.arg, cx), expr.op));
  const escape = expr.escape === undefined ? '' : ` ESCAPE ${asText(cx.expression(expr.escape, cx))}`;
  const tests = expr.patterns.map((pattern) => {
    const value = asText(cx.expression(pattern, cx));
    return expr.op === 'RLIKE' ? `regexp_full_match(${arg}, ${value}, 's')` : `${arg} ${expr.op} ${value}${escape}`;
  });
  const joined = tests.map((test) => `(${test})`).join(expr.quantifier === 'ALL' ? ' AND ' : ' OR ');
  return typed(`(${expr.not ? 'NOT ' : ''}(${joined}))`, BOOLEAN, true);
}

/** `v:a.b[0]`: constants make one JSON path; an index that is computed is taken step by step. */
function path(value: Typed, steps: readonly PathStep[], cx: Context): Typed {
  let sql = value.type.name === 'UNKNOWN' || value.type.name === 'TEXT' ? `CAST(${value.sql} AS JSON)` : value.sql;
  let constant = '';
  const flush = (): void => {
    if (constant !== '') sql = `json_extract(${sql}, ${duckString(`$${constant}`)})`;
    constant = '';
  };
  for (const step of steps) {
    if ('key' in step) {
      constant += `.${jsonKey(step.key)}`;
      continue;
    }
    const index = cx.expression(step.index, cx);
    if (typeof index.literal === 'number' && value.type.name === 'OBJECT' && value.type.map !== undefined) {
      constant += `.${jsonKey(String(index.literal))}`;
      continue;
    }
    if (typeof index.literal === 'number') {
      // Snowflake counts from the front only; DuckDB would take -1 for the last element.
      constant += index.literal < 0 ? '."\\u0000"' : `[${index.literal}]`;
      continue;
    }
    flush();
    sql = `_fn.element(${sql}, ${index.type.name === 'UNKNOWN' ? `CAST(${index.sql} AS VARCHAR)` : asText(index)})`;
  }
  flush();
  const type = typeAt(value.type, steps);
  if (type !== undefined) return castTo(typed(sql, VARIANT, true), type);
  const held = heldBy(value.type);
  return typed(sql, held === 'JSON' || held === 'XML' ? value.type : VARIANT, true);
}

/** The type to which a path leads inside a structured type. */
function typeAt(type: Type, steps: readonly PathStep[]): SnowflakeType | undefined {
  let at: Type | undefined = isSemiStructured(type) ? type : undefined;
  for (const step of steps) {
    const key = 'key' in step ? step.key : step.index.kind === 'string' ? step.index.value : undefined;
    if (at?.name === 'ARRAY') at = at.element;
    else if (at?.name !== 'OBJECT') return undefined;
    else at = at.map?.value ?? at.fields?.find((field) => field.name === key)?.type;
  }
  return at !== undefined && isSnowflakeType(at) && at.name !== 'VARIANT' && steps.length > 0 ? at : undefined;
}

/** A key of a JSON path, quoted as DuckDB's path grammar wants it. */
export function jsonKey(key: string): string {
  if (key.includes('"')) throw unsupported('a double quote in the key of a path');
  return `"${key}"`;
}

/** ORDER BY: NULL counts as the highest value, unless said otherwise. */
export function emitOrderItem(item: Omit<OrderItem, 'expr'>, value: Typed): string {
  const direction = item.descending ? 'DESC' : 'ASC';
  const nulls = item.nulls ?? (item.descending ? 'FIRST' : 'LAST');
  const key = (sql: string): string => `${sql} ${direction} NULLS ${nulls}`;
  if (value.collation !== undefined) return key(collationKey(value.sql, value.collation));
  if (value.type.name === 'TIMESTAMP_TZ') return key(`struct_extract(${value.sql}, 'utc')`);
  // Numbers in a VARIANT sort as numbers.
  if (value.type.name === 'VARIANT') return `${key(`TRY_CAST(${value.sql} ->> '$' AS DOUBLE)`)}, ${key(value.sql)}`;
  return key(value.sql);
}
