import { isWindowFunction, OWN_FUNCTIONS } from '../functions/row-pattern-functions.js';
import type { CallExpr, Expr, Window } from '../grammar/ast.js';
import { type Context, compilationError } from './context.js';
import { lookUp } from './names.js';
import { hasQuery, notThere, onlyInMeasures } from './row-pattern-limits.js';
import type { Typed } from './typed.js';

/** Functions that see the whole partition without a frame of their own. */
const NAVIGATION = new Set(['LAG', 'LEAD', 'NEXT', 'FIRST_VALUE', 'LAST_VALUE']);

/**
 * What a condition of DEFINE means: window functions are over the partition in the order of MATCH_RECOGNIZE, so that no condition depends on
 * the match. So no symbols, no PREV and FIRST, and a frame for aggregates ("Limitations on window functions used in DEFINE and MEASURES").
 */
export function definitionContext(cx: Context, window: Window, symbols: ReadonlyMap<string, number>): Context {
  const expression = (expr: Expr, at: Context): Typed => {
    if (expr.kind === 'column') {
      const [first, second] = expr.parts;
      if (first !== undefined && second !== undefined && symbols.has(first.name))
        throw notThere(cx, `${first.name}.${second.name} in DEFINE`, 'Name columns without symbols there.', expr.start);
      if (expr.parts.length === 1 && first !== undefined && !first.quoted && OWN_FUNCTIONS.has(first.name)) {
        if (!('found' in lookUp(at.frame, expr.parts))) throw onlyInMeasures(cx, first.name, expr);
      }
    }
    if (expr.kind === 'call' && expr.name.length === 1) {
      const own = windowCall(expr, at);
      if (own !== undefined) return own;
    }
    return cx.expression(expr, hasQuery(expr) ? { ...at, expression: cx.expression } : at);
  };
  const windowCall = (node: CallExpr, at: Context): Typed | undefined => {
    const name = node.name[0] as string;
    if (OWN_FUNCTIONS.has(name)) throw onlyInMeasures(cx, name, node);
    if (!isWindowFunction(name)) return undefined;
    if (node.semantics === 'FINAL') throw onlyInMeasures(cx, 'FINAL', node);
    if (name === 'PREV') throw notThere(cx, 'PREV in DEFINE', 'Use LAG.', node.start);
    if (name === 'FIRST') throw notThere(cx, 'FIRST in DEFINE', 'Use FIRST_VALUE.', node.start);
    if (name === 'LAST') {
      const [arg] = node.args;
      if (arg === undefined || node.args.length > 1)
        throw compilationError(cx, '000939', '22023', 'LAST takes one argument', node.start);
      // The attempt ends at the row that is looked at.
      return at.expression(arg.value, at);
    }
    const { over } = node;
    if (over?.frame === undefined && !NAVIGATION.has(name))
      throw notThere(cx, `${name} without a window frame in DEFINE`, 'Write OVER (ROWS BETWEEN … AND …).', node.start);
    return cx.call(
      {
        ...node,
        name: [name === 'NEXT' ? 'LEAD' : name],
        over: {
          partitionBy: over !== undefined && over.partitionBy.length > 0 ? over.partitionBy : window.partitionBy,
          orderBy: over !== undefined && over.orderBy.length > 0 ? over.orderBy : window.orderBy,
          ...(over?.frame === undefined ? {} : { frame: over.frame }),
        },
      },
      at,
    );
  };
  return { ...cx, expression };
}
