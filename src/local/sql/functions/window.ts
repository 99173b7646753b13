import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { align } from '../emit/coerce.js';
import { groupingKey } from '../emit/grouped-instants.js';
import { emitOrderItem } from '../emit/order-item.js';
import { commonType, fixed, INTEGER, isNumeric, isTimestamp, REAL, type Typed, typed } from '../emit/typed.js';
import type { Frame, FrameBound, OrderItem } from '../grammar/ast.js';
import { unsupported } from '../syntax-error.js';
import { type Call, type FunctionTable, rule } from './call.js';

/** ` OVER (…)`, or nothing. `frame` is the frame Snowflake takes where none is written. */
export function emitOver(call: Call, frame?: string, backwards = false): string {
  const { over } = call.node;
  if (over === undefined) return '';
  const { cx } = call;
  const parts: string[] = [];
  if (over.name !== undefined) throw call.error('001003', '42000', `window '${over.name}' is not defined`);
  if (over.partitionBy.length > 0)
    parts.push(`PARTITION BY ${over.partitionBy.map((expr) => partitionKey(cx.expression(expr, cx))).join(', ')}`);
  if (over.orderBy.length > 0)
    parts.push(
      `ORDER BY ${over.orderBy.map((item) => emitOrderItem(backwards ? reversed(item) : item, cx.expression(item.expr, cx))).join(', ')}`,
    );
  if (over.frame !== undefined) {
    assertRange(call);
    assertForwards(call, over.frame);
    const { unit, from, to } = over.frame;
    parts.push(
      to === undefined ? `${unit} ${bound(from, call)}` : `${unit} BETWEEN ${bound(from, call)} AND ${bound(to, call)}`,
    );
  } else if (frame !== undefined) {
    parts.push(frame);
  }
  return ` OVER (${parts.join(' ')})`;
}

function partitionKey(value: Typed): string {
  return groupingKey(value) ?? value.sql;
}

/** A frame begins before it ends. */
function assertForwards(call: Call, { from, to }: Frame): void {
  const side = ({ kind }: FrameBound): number => (kind.includes('PRECEDING') ? -1 : kind.includes('FOLLOWING') ? 1 : 0);
  if (side(from) > side(to ?? { kind: 'CURRENT ROW' }))
    throw call.error('002002', '42601', 'Invalid window frame: it begins behind its end.');
}

/** RANGE with an offset counts along one number, date or timestamp. */
function assertRange(call: Call): void {
  const { frame, orderBy } = call.node.over ?? {};
  if (frame?.unit !== 'RANGE' || (frame.from.offset ?? frame.to?.offset) === undefined) return;
  const [item] = orderBy ?? [];
  const type = item === undefined ? undefined : call.cx.expression(item.expr, call.cx).type;
  const bounds = [frame.from.offset, frame.to?.offset].filter((offset) => offset !== undefined);
  const moves = type !== undefined && (type.name === 'DATE' || (isTimestamp(type) && type.name !== 'TIMESTAMP_TZ'));
  const counts = type !== undefined && isNumeric(type);
  const fits = bounds.every((offset) => (moves ? offset.kind === 'interval' : offset.kind === 'number'));
  if (orderBy?.length !== 1 || !(moves || counts) || !fits) {
    throw call.error(
      '002002',
      '42601',
      'Sliding window frame unsupported: RANGE with an offset needs one ORDER BY expression: a number, and a number as offset, or a date or timestamp, and an INTERVAL.',
    );
  }
}

function reversed(item: OrderItem): OrderItem {
  const nulls = item.nulls ?? (item.descending ? 'FIRST' : 'LAST');
  return { ...item, descending: !item.descending, nulls: nulls === 'FIRST' ? 'LAST' : 'FIRST' };
}

function bound(at: FrameBound, call: Call): string {
  if (at.offset === undefined) return at.kind;
  return `${call.cx.expression(at.offset, call.cx).sql} ${at.kind}`;
}

function requireOver(call: Call): void {
  if (call.node.over === undefined)
    throw call.error('002303', '42601', `Missing window specification for function [${call.name}]`);
}

function requireOrder(call: Call): void {
  requireOver(call);
  if (call.node.over?.orderBy.length === 0)
    throw call.error(
      '002303',
      '42601',
      `Window function type [${call.name}] requires ORDER BY in window specification.`,
    );
}

const ranking = (name: string) =>
  rule(0, 0, (call) => {
    requireOrder(call);
    return typed(`${name}()${emitOver(call)}`, fixed(18, 0));
  });

const fraction = (name: string) =>
  rule(0, 0, (call) => {
    requireOrder(call);
    return typed(`${name}()${emitOver(call)}`, REAL, true);
  });

/** FIRST_VALUE and its kin see the whole partition unless a frame is written. */
const WHOLE = 'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING';

function nulls(call: Call): string {
  return call.node.nulls === 'IGNORE' ? ' IGNORE NULLS' : '';
}

const placed = (name: string, count = 1) =>
  rule(count, count, (call) => {
    requireOrder(call);
    const value = call.arg(0);
    const backwards = call.node.fromLast === true;
    if (backwards && call.node.over?.frame !== undefined) throw unsupported('FROM LAST with a window frame');
    const args = call.has(1) ? [value.sql, call.integer(1)] : [value.sql];
    return typed(
      `${name}(${args.join(', ')}${nulls(call)})${emitOver(call, WHOLE, backwards)}`,
      value.type,
      value.exact === true,
    );
  });

const shifted = (name: string) =>
  rule(1, 3, (call) => {
    requireOrder(call);
    const given = call.arg(0);
    const other = call.has(2) ? call.arg(2) : undefined;
    const both = other === undefined || given.type.name !== 'FIXED' ? given.type : commonType(given.type, other.type);
    const value = other === undefined ? given : align(given, both);
    const args = [value.sql];
    if (call.has(1)) args.push(call.integer(1));
    if (other !== undefined) args.push(given.type.name === 'NULL' ? 'NULL' : align(other, both).sql);
    return typed(
      `${name}(${args.join(', ')}${nulls(call)})${emitOver(call)}`,
      both,
      value.exact === true && other === undefined,
    );
  });

/** Events are counted row by row, also among rows that sort alike. */
const UP_TO_HERE = 'ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW';

export const WINDOW_FUNCTIONS: FunctionTable = {
  ROW_NUMBER: ranking('row_number'),
  RANK: ranking('rank'),
  DENSE_RANK: ranking('dense_rank'),
  PERCENT_RANK: fraction('percent_rank'),
  CUME_DIST: fraction('cume_dist'),
  NTILE: rule(1, 1, (call) => {
    requireOrder(call);
    if (Number(call.arg(0).literal) < 1)
      throw call.error(
        '001015',
        '22023',
        `argument 1 to function NTILE must be at least 1, not ${call.arg(0).literal}`,
      );
    return typed(`ntile(${call.integer(0)})${emitOver(call)}`, INTEGER);
  }),
  FIRST_VALUE: placed('first_value'),
  LAST_VALUE: placed('last_value'),
  NTH_VALUE: placed('nth_value', 2),
  LAG: shifted('lag'),
  LEAD: shifted('lead'),
  RATIO_TO_REPORT: rule(1, 1, (call): Typed => {
    requireOver(call);
    const value = call.number(0);
    const type =
      value.type.name === 'FIXED' ? fixed(38, Math.max(value.type.scale, Math.min(value.type.scale + 6, 12))) : REAL;
    const sql = `(CAST(${value.sql} AS DOUBLE) / nullif(sum(${value.sql})${emitOver(call)}, 0))`;
    return type.name === 'FIXED' ? typed(`CAST(${sql} AS ${duckdbTypeOf(type)})`, type, true) : typed(sql, type, true);
  }),
  CONDITIONAL_CHANGE_EVENT: rule(1, 1, (call) => {
    requireOrder(call);
    return typed(`_fn.changes(list(${call.sql(0)})${emitOver(call, UP_TO_HERE)})`, INTEGER);
  }),
  CONDITIONAL_TRUE_EVENT: rule(1, 1, (call) => {
    requireOrder(call);
    return typed(`count_if(${call.boolean(0)})${emitOver(call, UP_TO_HERE)}`, INTEGER);
  }),
};
