import { LocalError } from '../../engine/local-error.js';
import type { Expr } from '../grammar/ast.js';
import { duckString } from '../lexer.js';
import type { Context } from './context.js';
import { jsonOf } from './text-casts.js';
import { OBJECT, type Typed, typed } from './typed.js';

/** `{'key': value, …}`: the keys in alphabetical order, none of them twice. */
export function objectLiteral({ entries }: Extract<Expr, { kind: 'object' }>, cx: Context): Typed {
  const sorted = entries.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const pairs = sorted.flatMap(({ key, value }, i) => {
    if (sorted[i + 1]?.key === key) throw new LocalError('100103', '22000', `Duplicate field key '${key}'`);
    return [duckString(key), jsonOf(cx.expression(value, cx))];
  });
  return typed(`json_object(${pairs.join(', ')})`, OBJECT, true);
}
