import type { Expr } from '../grammar/ast.js';
import { asBoolean, asText, losesDigits } from './coerce.js';
import { collationOf, foldedText, uncollated } from './collated.js';
import type { Context } from './context.js';
import { comparable } from './operators.js';
import { BOOLEAN, commonType, type Typed, typed, UNKNOWN } from './typed.js';

export function isTest(arg: Typed, what: 'NULL' | 'TRUE' | 'FALSE', not: boolean): string {
  const sql = what === 'NULL' ? arg.sql : asBoolean(arg);
  return `${sql} IS ${not ? 'NOT ' : ''}${what}`;
}

export function inList(expr: Expr & { kind: 'in' }, cx: Context): Typed {
  const arg = cx.expression(expr.arg, cx);
  const items = expr.list.map((item) => cx.expression(item, cx));
  const plain = items.every((item) => item.type.name === arg.type.name || item.type.name === 'NULL');
  const collated = [arg, ...items].some((item) => collationOf(item) !== undefined);
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

export function inQuery(expr: Expr & { kind: 'in-query' }, cx: Context): Typed {
  const arg = cx.expression(expr.arg, cx);
  const query = cx.query(expr.query, cx);
  const column = query.columns?.length === 1 ? query.columns[0] : undefined;
  const collated = [arg, typed('', column?.type ?? UNKNOWN)].some((side) => collationOf(side) !== undefined);
  const common = column === undefined ? UNKNOWN : commonType(arg.type, column.type);
  const fits = column !== undefined && !losesDigits(arg.type, common) && !losesDigits(column.type, common);
  if (column === undefined || (column.type.name === arg.type.name && fits && !collated)) {
    if (collated) uncollated(arg, 'IN');
    return typed(`(${arg.sql} ${expr.not ? 'NOT ' : ''}IN (${query.sql}))`, BOOLEAN, true);
  }
  const [left, right] = comparable(arg, typed('"in"."v"', column.type, true));
  return typed(
    `(${left} ${expr.not ? 'NOT ' : ''}IN (SELECT ${right} FROM (${query.sql}) AS "in"("v")))`,
    BOOLEAN,
    true,
  );
}

export function quantified(expr: Expr & { kind: 'quantified' }, cx: Context): Typed {
  const left = uncollated(cx.expression(expr.left, cx), expr.op);
  const query = cx.query(expr.query, cx);
  const column = query.columns?.length === 1 ? query.columns[0] : undefined;
  const [value, each] =
    column === undefined ? [left.sql, undefined] : comparable(left, typed('"each"."v"', column.type, true));
  const rows = each === undefined ? query.sql : `SELECT ${each} FROM (${query.sql}) AS "each"("v")`;
  return typed(`(${value} ${expr.op} ${expr.quantifier} (${rows}))`, BOOLEAN, true);
}

/** Snowflake's LIKE has no escape character unless one is named; DuckDB the same. RLIKE matches the whole text. */
export function like(expr: Expr & { kind: 'like' }, cx: Context): Typed {
  const given = cx.expression(expr.arg, cx);
  const folded = folding(given, expr.op);
  const arg = folded(asText(given));
  const escape = expr.escape === undefined ? '' : ` ESCAPE ${asText(cx.expression(expr.escape, cx))}`;
  const tests = expr.patterns.map((pattern) => {
    const value = folded(asText(cx.expression(pattern, cx)));
    return expr.op === 'RLIKE' ? `regexp_full_match(${arg}, ${value}, 's')` : `${arg} ${expr.op} ${value}${escape}`;
  });
  const joined = tests.map((test) => `(${test})`).join(expr.quantifier === 'ALL' ? ' AND ' : ' OR ');
  return typed(`(${expr.not ? 'NOT ' : ''}(${joined}))`, BOOLEAN, true);
}

/** LIKE heeds `upper`, `lower` and the trims, and refuses what has a locale ("LIKE", Collation details). */
function folding(value: Typed, op: string): (text: string) => string {
  const collation = collationOf(value);
  if (collation === undefined) return (text) => text;
  if (op !== 'LIKE' || !/^(?:utf8-)?(?:(?:upper|lower|l?trim|rtrim)-?)+$/i.test(collation)) uncollated(value, op);
  return (text) => foldedText(text, collation);
}
