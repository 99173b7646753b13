import type { LocalError } from '../../engine/local-error.js';
import type { Expr, Span } from '../grammar/ast.js';
import { type Context, compilationError } from './context.js';

/** 000002: what expressions of MATCH_RECOGNIZE do not have in Snowflake, and what to write instead. */
export function notThere(cx: Context, what: string, instead: string, offset: number): LocalError {
  return compilationError(cx, '000002', '0A000', `Unsupported feature '${what}'. ${instead}`, offset);
}

export function onlyInMeasures(cx: Context, what: string, { start }: Span): LocalError {
  return notThere(cx, `${what} in DEFINE`, 'It is for MEASURES.', start);
}

/** Whether the expression is a subquery or beside one, in which functions mean what they always do. */
export function hasQuery(expr: Expr): boolean {
  return ['exists', 'scalar-query', 'in-query', 'quantified'].includes(expr.kind);
}
