import type { Context } from '../emit/context.js';
import { emitOrderItem } from '../emit/order-item.js';
import type { OrderItem } from '../grammar/ast.js';
import type { Call } from './call.js';
import { emitOver } from './window.js';

interface Shape {
  /** ORDER BY inside the parentheses, from WITHIN GROUP. */
  readonly ordered?: boolean;
  /** Extra condition of the FILTER. */
  readonly where?: string;
}

/** A constant orders nothing, and DuckDB does not take it. */
function orderWithin(items: readonly OrderItem[], cx: Context): string {
  const keys = items.flatMap((item) => {
    const value = cx.expression(item.expr, cx);
    return value.literal === undefined ? [emitOrderItem(item, value)] : [];
  });
  return keys.length === 0 ? '' : ` ORDER BY ${keys.join(', ')}`;
}

/** `name([DISTINCT] args [ORDER BY …]) [FILTER …] [OVER …]`. */
export function aggregate(call: Call, name: string, args: readonly string[], shape: Shape = {}): string {
  const { node, cx } = call;
  const distinct = node.distinct === true ? 'DISTINCT ' : '';
  const order = shape.ordered === true && node.withinGroup !== undefined ? orderWithin(node.withinGroup, cx) : '';
  const conditions = [shape.where, node.filter === undefined ? undefined : cx.expression(node.filter, cx).sql].filter(
    (c) => c !== undefined,
  );
  const filter = conditions.length === 0 ? '' : ` FILTER (WHERE ${conditions.join(' AND ')})`;
  return `${name}(${distinct}${args.join(', ')}${order})${filter}${emitOver(call)}`;
}

/** A constant from 0 to 1. Throws 001015 for anything else. */
export function fractionOf(call: Call, i: number): string {
  const { literal, sql, type } = call.arg(i);
  if (type.name === 'UNKNOWN') return sql;
  if (typeof literal === 'number' && literal >= 0 && literal <= 1) return sql;
  throw call.error('001015', '22023', `argument ${i + 1} to function ${call.name} needs to be a constant from 0 to 1`);
}
