import type { Expr, Select } from '../grammar/ast.js';
import { collationKey, collationOf } from './collated.js';
import type { Context } from './context.js';
import type { Typed } from './typed.js';

/** What tells values apart that look different and are the same; undefined where the values themselves do. */
export function groupingKey(value: Typed): string | undefined {
  const collation = collationOf(value);
  if (collation !== undefined) return collationKey(value.sql, collation);
  return value.type.name === 'TIMESTAMP_TZ' ? `struct_extract(${value.sql}, 'utc')` : undefined;
}

/**
 * GROUP BY takes moments of TIMESTAMP_TZ by their instants, whatever their offsets, and texts by their collations. So such a key is grouped
 * by its instant or its collation's key, and outside aggregates it stands for one of the group's values.
 */
export class GroupedInstants {
  /** What a key is grouped by, by its own SQL. */
  readonly #keys: ReadonlyMap<string, string>;

  /** `cx` is where the keys stand. Undefined when no key is of that type. */
  static of(select: Select, cx: Context): GroupedInstants | undefined {
    if (select.groupBy?.kind !== 'items') return undefined;
    const keys = new Map<string, string>();
    for (const item of select.groupBy.items) {
      const key = item.kind === 'expr' ? keyOf(item.expr, select) : undefined;
      if (key === undefined) continue;
      const value = cx.expression(key, cx);
      const by = groupingKey(value);
      if (by !== undefined) keys.set(bare(value.sql), by);
    }
    return keys.size === 0 ? undefined : new GroupedInstants(keys);
  }

  private constructor(keys: ReadonlyMap<string, string>) {
    this.#keys = keys;
  }

  /** What GROUP BY has for the key; a place or an alias stands for the moment of the whole group. */
  key(sql: string): string {
    const own = OF_GROUP.exec(bare(sql))?.[1] ?? sql;
    return this.#keys.get(bare(own)) ?? sql;
  }

  /** The context of what is computed for each group. */
  inside(cx: Context): Context {
    return {
      ...cx,
      ungrouped: cx.expression,
      expression: (expr, at) => {
        const value = cx.expression(expr, at);
        return this.#keys.has(bare(value.sql)) ? { ...value, sql: `any_value(${value.sql})` } : value;
      },
    };
  }
}

const OF_GROUP = /^any_value\((.*)\)$/s;

/** A place in the select list stands for the expression there. */
function keyOf(expr: Expr, select: Select): Expr | undefined {
  if (expr.kind !== 'number') return expr;
  const placed = select.items[Number(expr.text) - 1]?.expr;
  const starBefore = select.items.slice(0, Number(expr.text)).some((item) => item.expr.kind === 'star');
  return starBefore ? undefined : placed;
}

/** An alias stands for its expression in parentheses. */
function bare(sql: string): string {
  if (!sql.startsWith('(') || !sql.endsWith(')')) return sql;
  let depth = 0;
  for (let i = 0; i < sql.length; i++) {
    if (sql[i] === '(') depth += 1;
    else if (sql[i] === ')') depth -= 1;
    if (depth === 0 && i < sql.length - 1) return sql;
  }
  return bare(sql.slice(1, -1));
}
