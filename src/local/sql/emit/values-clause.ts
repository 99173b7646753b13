import { LocalError } from '../../engine/local-error.js';
import type { Expr } from '../grammar/ast.js';
import type { Context } from './context.js';
import { isSemiStructured, type Typed } from './typed.js';

/** VALUES takes no functions that give a VARIANT, an OBJECT or an ARRAY, and no brackets and braces: these go through SELECT. */
export function valueOfClause(expr: Expr, cx: Context): Typed {
  const value = cx.expression(expr, cx);
  const built = expr.kind === 'array' || expr.kind === 'object' || expr.kind === 'call';
  if (!built || !isSemiStructured(value.type)) return value;
  const written = cx.text.slice(expr.start, expr.end);
  const shown = expr.kind === 'call' ? written.replace(/^[\w$.]+/, (name) => name.toUpperCase()) : written;
  throw new LocalError('002014', '22000', `SQL compilation error:\nInvalid expression [${shown}] in VALUES clause`);
}
