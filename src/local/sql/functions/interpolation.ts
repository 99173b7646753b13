import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { isNumeric, isSnowflakeType, isTimestamp, type Typed, typed } from '../emit/typed.js';
import { type Call, type FunctionTable, rule } from './call.js';
import { emitOver } from './window.js';

const UP_TO_HERE = 'ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW';
const FROM_HERE = 'ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING';

function assertWindow(call: Call): void {
  const { over } = call.node;
  if (over === undefined) throw call.error('002303', '42601', `Missing OVER clause for window function [${call.name}]`);
  if (over.orderBy.length === 0) throw call.error('002303', '42601', `${call.name} needs an ORDER BY in its window`);
  if (over.frame !== undefined) throw call.error('002303', '42601', `${call.name} takes no window frame`);
}

/** The value of the nearest row that has one, this row's own first. */
const before = (call: Call, sql: string): string => `last_value(${sql} IGNORE NULLS)${emitOver(call, UP_TO_HERE)}`;
const after = (call: Call, sql: string): string => `first_value(${sql} IGNORE NULLS)${emitOver(call, FROM_HERE)}`;

const filled = (nearest: (call: Call, sql: string) => string) =>
  rule(1, 1, (call): Typed => {
    assertWindow(call);
    const value = call.arg(0);
    return typed(nearest(call, value.sql), value.type, value.exact === true);
  });

/** Where a row stands along the ORDER BY expression, as a number. */
function position(call: Call): string {
  const [item, second] = call.node.over?.orderBy ?? [];
  const at = item === undefined || second !== undefined ? undefined : call.cx.expression(item.expr, call.cx);
  if (at !== undefined && isNumeric(at.type)) return `CAST(${at.sql} AS DOUBLE)`;
  if (at !== undefined && at.type.name === 'DATE') return `epoch(${at.sql})`;
  if (at !== undefined && isTimestamp(at.type))
    return `epoch(${at.type.name === 'TIMESTAMP_TZ' ? `struct_extract(${at.sql}, 'utc')` : at.sql})`;
  throw call.error('001015', '22023', `${call.name} needs one ORDER BY expression: a number, a date or a timestamp`);
}

/** On the line between the nearest rows that have a value; NULL before the first and behind the last of them. */
const linear = rule(1, 1, (call): Typed => {
  assertWindow(call);
  const { sql, type } = call.arg(0);
  if (!isNumeric(type) || !isSnowflakeType(type))
    throw call.error('001015', '22023', `${call.name} needs a number as its argument`);
  const at = position(call);
  const known = `CASE WHEN ${sql} IS NOT NULL THEN ${at} END`;
  const [x0, x1] = [before(call, known), after(call, known)];
  const [y0, y1] = [before(call, sql), after(call, sql)].map((value) => `CAST(${value} AS DOUBLE)`);
  const between = `${y0} + (${y1} - ${y0}) * (${at} - ${x0}) / nullif(${x1} - ${x0}, 0)`;
  return typed(`coalesce(${sql}, CAST(${between} AS ${duckdbTypeOf(type)}))`, type);
});

export const INTERPOLATION: FunctionTable = {
  INTERPOLATE_FFILL: filled(before),
  INTERPOLATE_BFILL: filled(after),
  INTERPOLATE_LINEAR: linear,
};
