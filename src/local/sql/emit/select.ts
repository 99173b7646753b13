import type { Expr, OrderItem, Select, SelectItem } from '../grammar/ast.js';
import { quoteName } from '../lexer.js';
import { asBoolean, asInteger } from './coerce.js';
import { collationOf, uncollated, withCollation } from './collated.js';
import { columnName } from './column-names.js';
import { type Context, compilationError, type EmittedQuery, type QueryOptions } from './context.js';
import { emitFrom } from './from.js';
import { shownShape } from './geo-casts.js';
import { GroupedInstants, groupingKey } from './grouped-instants.js';
import { emitHierarchy } from './hierarchy.js';
import { groupItem, type Output, orderKey } from './keys.js';
import type { Frame, OutColumn } from './names.js';
import { expandStar } from './star.js';
import { storedAs, widened } from './stored-as.js';
import { heldBy, TEXT, type Type, type Typed, typed, VARIANT } from './typed.js';

export function asLimit(expr: Expr, cx: Context): string {
  const value = cx.expression(expr, cx);
  // NULL and the empty text are no limit.
  if (value.literal === null || value.literal === '') return 'NULL';
  return value.type.name === 'UNKNOWN' ? value.sql : asInteger(value);
}

/** SELECT with everything that belongs to it. */
export function emitSelect(
  select: Select,
  cx: Context,
  options: QueryOptions,
  orderBy: readonly OrderItem[],
): EmittedQuery {
  const tree = select.connectBy === undefined ? undefined : emitHierarchy(select, orderBy, cx);
  const from = tree?.from ?? (select.from === undefined ? undefined : emitFrom(select.from, cx));
  const items = new Map<string, SelectItem>();
  for (const item of select.items) if (item.alias !== undefined && !items.has(item.alias)) items.set(item.alias, item);
  const pending = new Set<string>();
  const frame: Frame = {
    sources: from?.sources ?? [],
    shared: from?.shared ?? new Map(),
    parent: cx.frame,
    alias: (name) => {
      const item = items.get(name);
      if (item === undefined || pending.has(name)) return undefined;
      pending.add(name);
      try {
        const value = inner.expression(item.expr, inner);
        return { ...value, sql: `(${value.sql})` };
      } finally {
        pending.delete(name);
      }
    },
  };
  const plain: Context = { ...cx, frame, expression: cx.ungrouped ?? cx.expression, ungrouped: undefined };
  const rows: Context = tree === undefined ? plain : { ...plain, hierarchy: tree.hierarchy };
  let inner = rows;
  const instants = GroupedInstants.of(select, rows);
  if (instants !== undefined) inner = instants.inside(rows);
  const outputs = outputsOf(select, inner, options);
  if (outputs.length === 0) throw compilationError(cx, '000904', '42000', 'SELECT with no columns', select.start);
  const known = outputs.every((output) => output.column !== undefined);
  const columns = known ? outputs.map((output) => output.column as OutColumn) : undefined;

  let sql = `SELECT ${select.distinct ? distinct(outputs) : ''}${outputs.map((output) => output.sql).join(', ')}`;
  if (from !== undefined) sql += ` FROM ${from.sql}`;
  if (select.where !== undefined) sql += ` WHERE ${asBoolean(rows.expression(select.where, rows))}`;
  const groupKey = (key: string): string => instants?.key(key) ?? key;
  if (select.groupBy?.kind === 'all') sql += ' GROUP BY ALL';
  if (select.groupBy?.kind === 'items')
    sql += ` GROUP BY ${select.groupBy.items.map((item) => groupKey(groupItem(item, outputs, rows))).join(', ')}`;
  if (select.having !== undefined) sql += ` HAVING ${asBoolean(inner.expression(select.having, inner))}`;
  if (select.qualify !== undefined) sql += ` QUALIFY ${asBoolean(inner.expression(select.qualify, inner))}`;
  if (orderBy.length > 0) sql += ` ORDER BY ${orderBy.map((item) => orderKey(item, outputs, known, inner)).join(', ')}`;
  if (select.top !== undefined) sql += ` LIMIT ${asLimit(select.top, inner)}`;
  return { sql, columns };
}

/** Two moments of TIMESTAMP_TZ are the same when their instants are, whatever their offsets; two texts when their collation says so. */
function distinct(outputs: readonly Output[]): string {
  const keys = outputs.map(({ value }) => (value === undefined ? undefined : groupingKey(value)));
  if (keys.every((key) => key === undefined)) return 'DISTINCT ';
  const all = outputs.map(({ value }, i) => keys[i] ?? value?.sql ?? String(i + 1));
  return `DISTINCT ON (${all.join(', ')}) `;
}

/** XML is given out as XML, not as the JSON that stands for it; shapes in the format that the session asks for. */
function shownValue(value: Typed, cx: Context): Typed {
  if (value.type.name === 'GEOGRAPHY' || value.type.name === 'GEOMETRY')
    return shownShape(value, cx.scope.parameter(`${value.type.name}_OUTPUT_FORMAT`));
  return heldBy(value.type) === 'XML' ? typed(`xml_shown(CAST(${value.sql} AS VARCHAR))`, VARIANT, true) : value;
}

function outputsOf(select: Select, cx: Context, options: QueryOptions): Output[] {
  const outputs: Output[] = [];
  const used = new Set<string>();
  const add = (name: string, given: Typed): void => {
    const value = options.shown === true ? shownValue(given, cx) : given;
    if (select.groupBy?.kind === 'all') uncollated(value, 'GROUP BY ALL');
    const finalName = options.columnNames?.[outputs.length] ?? name;
    const own = withCollation(value.type, collationOf(value));
    const type = options.widen === true ? widened(own) : own;
    let duck = finalName;
    if (options.outermost !== true) {
      for (let n = 1; used.has(duck.toLowerCase()); n++) duck = `${finalName}:${n}`;
      used.add(duck.toLowerCase());
    }
    const untyped = type.name === 'NULL' || (type.name === 'TEXT' && type.length === 0);
    const shown: Type = options.outermost === true && untyped ? TEXT : type;
    const column: OutColumn =
      duck === finalName ? { name: finalName, type: shown } : { name: finalName, type: shown, duck };
    outputs.push({ sql: `${storedAs(value, type, options)} AS ${quoteName(duck)}`, column, value });
  };
  for (const item of select.items) {
    if (item.expr.kind === 'star') {
      expandStar(item.expr, cx, add, (sql) => outputs.push({ sql, column: undefined }));
    } else {
      add(columnName(item, cx.text), cx.expression(item.expr, cx));
    }
  }
  return outputs;
}
