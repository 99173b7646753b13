import { ALL_COLUMNS, type Expr, type GroupItem, type OrderItem } from '../grammar/ast.js';
import { unsupported } from '../syntax-error.js';
import { collationOf, uncollated } from './collated.js';
import { type Context, compilationError } from './context.js';
import type { OutColumn } from './names.js';
import { emitOrderItem } from './order-item.js';
import type { Typed } from './typed.js';

/** One column of a result: its SQL, or a star that only DuckDB can spell out. */
export interface Output {
  readonly sql: string;
  readonly column: OutColumn | undefined;
  /** The value before it was cast for the output. */
  readonly value?: Typed;
}

/** One item of GROUP BY. */
export function groupItem(item: GroupItem, outputs: readonly Output[], cx: Context): string {
  const emit = (expr: Expr): string => groupKey(expr, outputs, cx, item.kind !== 'expr');
  switch (item.kind) {
    case 'expr':
      return emit(item.expr);
    case 'rollup':
    case 'cube':
      return `${item.kind.toUpperCase()} (${item.exprs.map(emit).join(', ')})`;
    case 'sets':
      return `GROUPING SETS (${item.sets.map((set) => `(${set.map(emit).join(', ')})`).join(', ')})`;
  }
}

/** A place in the select list stands for that expression before its output cast, so that both are the same to DuckDB. */
function groupKey(expr: Expr, outputs: readonly Output[], cx: Context, several: boolean): string {
  if (expr.kind === 'number' && /^\d+$/.test(expr.text)) {
    const output = outputs[Number(expr.text) - 1];
    if (output === undefined && outputs.every((o) => o.column !== undefined)) {
      throw compilationError(cx, '000979', '42601', `[${expr.text}] is not a valid group by expression`, expr.start);
    }
    if (several && output?.value !== undefined) uncollated(output.value, 'GROUP BY');
    return output?.value !== undefined && output.value.literal === undefined ? output.value.sql : expr.text;
  }
  if (expr.kind === 'tuple') return `(${expr.items.map((item) => groupKey(item, outputs, cx, several)).join(', ')})`;
  const value = cx.expression(expr, cx);
  if (several) uncollated(value, 'GROUP BY');
  if (value.literal === undefined) return value.sql;
  const at = outputs.findIndex((output) => output.value?.literal === value.literal);
  return at < 0 ? `CAST(${value.sql} AS VARCHAR)` : String(at + 1);
}

/** Whether the item is the `ALL` of ORDER BY ALL. */
export function isAll(item: OrderItem): boolean {
  const { expr } = item;
  return (
    expr.kind === 'column' && expr.parts.length === 1 && expr.parts[0]?.name === ALL_COLUMNS && !expr.parts[0].quoted
  );
}

/** One item of ORDER BY: an output column by its place or name before anything else. */
export function orderKey(item: OrderItem, outputs: readonly Output[], known: boolean, cx: Context): string {
  const { expr } = item;
  if (isAll(item)) return outputs.map((output, i) => byPlace(item, output, i + 1, known)).join(', ');
  if (expr.kind === 'number' && /^\d+$/.test(expr.text)) {
    const output = outputs[Number(expr.text) - 1];
    if (output === undefined && known)
      throw compilationError(cx, '000986', '42601', `Order by position ${expr.text} is out of range`, expr.start);
    return output?.value === undefined
      ? emitOrderItem(item, { sql: expr.text, type: { name: 'UNKNOWN' } })
      : byPlace(item, output, Number(expr.text), known);
  }
  if (expr.kind === 'column' && expr.parts.length === 1) {
    const name = expr.parts[0]?.name;
    const at = outputs.findIndex((output) => output.column?.name === name);
    const output = outputs[at];
    if (output?.value !== undefined) return byPlace(item, output, at + 1, known);
  }
  const value = cx.expression(expr, cx);
  if (collationOf(value) !== undefined) return emitOrderItem(item, value);
  const same = outputs.findIndex((output) => output.value?.sql === value.sql);
  const output = outputs[same];
  if (output !== undefined) return byPlace(item, output, same + 1, known);
  return emitOrderItem(item, value.literal === undefined ? value : { ...value, sql: `CAST(${value.sql} AS VARCHAR)` });
}

function byPlace(item: OrderItem, output: Output, place: number, known: boolean): string {
  const { value } = output;
  if (value === undefined) throw unsupported('ORDER BY ALL over columns that are not known');
  if (collationOf(value) !== undefined || value.type.name === 'VARIANT' || value.type.name === 'TIMESTAMP_TZ')
    return emitOrderItem(item, value);
  return emitOrderItem(item, known ? { sql: String(place), type: { name: 'UNKNOWN' } } : value);
}
