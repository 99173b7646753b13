import type { Expr } from '../grammar/ast.js';
import { unsupported } from '../syntax-error.js';
import { literalNumber } from './constants.js';
import { type Context, compilationError } from './context.js';
import { lookUp } from './names.js';
import { BOOLEAN, DATE, LTZ, NTZ, REAL, type Typed, TZ, typed, UNKNOWN } from './typed.js';

/** `column` without parentheses may also be a function: CURRENT_DATE, a sequence's NEXTVAL. */
export function column(expr: Expr & { kind: 'column' }, cx: Context): Typed {
  const [first] = expr.parts;
  if (first !== undefined) {
    const bound = cx.lambda.get(first.name);
    if (bound !== undefined && expr.parts.length === 1) return bound;
  }
  if (expr.outer === true) throw unsupported('(+) elsewhere than in the conditions of WHERE');
  const lookup = lookUp(cx.frame, expr.parts);
  if ('found' in lookup) return lookup.found;
  const shown = expr.parts.map((part) => (part.quoted ? `"${part.name}"` : part.name)).join('.');
  if ('ambiguous' in lookup)
    throw compilationError(cx, '002028', '42601', `ambiguous column name '${shown}'`, expr.start);
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

export function positional(expr: Expr & { kind: 'position' }, cx: Context): Typed {
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
export function variable(name: string, cx: Context): Typed {
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
  if (kind === 'TIMESTAMPTZ') return typed(given, LTZ, true);
  if (/ AS STRUCT\("utc"[^)]*\)\)$/.test(given)) return typed(given, TZ, true);
  return typed(`(${given})`, UNKNOWN);
}

export function bind(name: string, cx: Context): Typed {
  let index = cx.gathered.binds.indexOf(name);
  if (index < 0) index = cx.gathered.binds.push(name) - 1;
  const sql = `$${index + 1}`;
  const type = cx.scope.bindType(name);
  if (type === undefined) return typed(sql, UNKNOWN);
  return typed(sql, type, type.name !== 'FIXED');
}
