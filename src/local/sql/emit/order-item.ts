import type { OrderItem } from '../grammar/ast.js';
import { collationKey, collationOf } from './collated.js';
import type { Typed } from './typed.js';

/** ORDER BY: NULL counts as the highest value, unless said otherwise. */
export function emitOrderItem(item: Omit<OrderItem, 'expr'>, value: Typed): string {
  const direction = item.descending ? 'DESC' : 'ASC';
  const nulls = item.nulls ?? (item.descending ? 'FIRST' : 'LAST');
  const key = (sql: string): string => `${sql} ${direction} NULLS ${nulls}`;
  const collation = collationOf(value);
  if (collation !== undefined) return key(collationKey(value.sql, collation));
  if (value.type.name === 'TIMESTAMP_TZ') return key(`struct_extract(${value.sql}, 'utc')`);
  // Numbers in a VARIANT sort as numbers.
  if (value.type.name === 'VARIANT') return `${key(`TRY_CAST(${value.sql} ->> '$' AS DOUBLE)`)}, ${key(value.sql)}`;
  return key(value.sql);
}
