import { isWindowFunction, OWN_FUNCTIONS } from '../functions/row-pattern-functions.js';
import type { CallExpr, Expr, Window } from '../grammar/ast.js';
import { unsupported } from '../syntax-error.js';
import { type Context, compilationError } from './context.js';
import { lookUp } from './names.js';
import type { Typed } from './typed.js';

/** Functions that see the whole partition without a frame of their own. */
const NAVIGATION = new Set(['LAG', 'LEAD', 'NEXT', 'FIRST_VALUE', 'LAST_VALUE']);

/**
 * What a condition of DEFINE means: window functions are over the partition in the order of MATCH_RECOGNIZE, so that no condition depends on the match
 * ("Limitations on window functions used in DEFINE and MEASURES"): no symbols, no PREV and FIRST, and a frame for aggregates.
 */
export function definitionContext(cx: Context, window: Window, symbols: ReadonlyMap<string, number>): Context {
  const expression = (expr: Expr, at: Context): Typed => {
    if (expr.kind === 'column') {
      const [first, second] = expr.parts;
      if (first !== undefined && second !== undefined && symbols.has(first.name))
        throw unsupported(`${first.name}.${second.name} in DEFINE`);
      if (expr.parts.length === 1 && first !== undefined && !first.quoted && OWN_FUNCTIONS.has(first.name)) {
        if (!('found' in lookUp(at.frame, expr.parts))) throw unsupported(`${first.name} in DEFINE`);
      }
    }
    if (expr.kind === 'call' && expr.name.length === 1) {
      const own = windowCall(expr, at);
      if (own !== undefined) return own;
    }
    return cx.expression(expr, at);
  };
  const windowCall = (node: CallExpr, at: Context): Typed | undefined => {
    const name = node.name[0] as string;
    if (OWN_FUNCTIONS.has(name)) throw unsupported(`${name} in DEFINE`);
    if (!isWindowFunction(name)) return undefined;
    if (node.semantics === 'FINAL') throw unsupported('FINAL in DEFINE');
    if (name === 'PREV') throw unsupported('PREV in DEFINE; LAG does the same');
    if (name === 'FIRST') throw unsupported('FIRST in DEFINE; FIRST_VALUE looks at the first row of the partition');
    if (name === 'LAST') {
      const [arg] = node.args;
      if (arg === undefined || node.args.length > 1)
        throw compilationError(cx, '000939', '22023', 'LAST takes one argument', node.start);
      // The attempt ends at the row that is looked at.
      return at.expression(arg.value, at);
    }
    const { over } = node;
    if (over?.frame === undefined && !NAVIGATION.has(name))
      throw unsupported(`${name} without a window frame in DEFINE`);
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
