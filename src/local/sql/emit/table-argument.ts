import type { CallExpr, Expr } from '../grammar/ast.js';
import { quoteName } from '../lexer.js';
import type { TableArgument } from '../scope.js';
import { asLtz } from './coerce.js';
import { type Context, compilationError } from './context.js';
import { isTimestamp } from './typed.js';

/** A constant; VALIDATE takes a table by its name, COPY_HISTORY moments that are computed. */
export function tableArgument(call: CallExpr, { name, value }: CallExpr['args'][number], cx: Context): TableArgument {
  const named = name === undefined ? {} : { name };
  if (call.name[0] === 'VALIDATE' && value.kind === 'column') {
    return { ...named, value: value.parts.map((part) => quoteName(part.name)).join('.') };
  }
  if (call.name.at(-1) === 'COPY_HISTORY' && name?.endsWith('_TIME') === true) {
    return { ...named, value: null, sql: asLtz(cx.expression(value, cx)) };
  }
  if (value.kind === 'boolean') return { ...named, value: String(value.value) };
  const given = cx.expression(value, cx);
  if (given.literal === undefined && (given.type.name === 'DATE' || isTimestamp(given.type))) {
    return { ...named, value: null, sql: asLtz(given) };
  }
  return { ...named, value: constant(value, cx) };
}

export function constant(expr: Expr, cx: Context): string | number | null {
  const value = cx.expression(expr, cx);
  if (value.literal === undefined) {
    // CURRENT_USER() and its kin are constants as well.
    const text = expr.kind === 'call' ? /^'((?:[^']|'')*)'$/.exec(value.sql)?.[1] : undefined;
    if (text !== undefined) return text.replaceAll("''", "'");
    if (expr.kind === 'call' && expr.name[expr.name.length - 1] === 'LAST_QUERY_ID') return null;
    throw compilationError(cx, '001015', '22023', 'argument of the table function needs to be constant', expr.start);
  }
  return value.literal;
}
