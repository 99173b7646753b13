import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import type { Expr, OrderItem, Query, QueryBody, Select, SelectItem } from '../grammar/ast.js';
import { quoteName } from '../lexer.js';
import { castTo } from './cast.js';
import { asBoolean, asInteger, losesDigits } from './coerce.js';
import { uncollated } from './collated.js';
import { columnName } from './column-names.js';
import {
  type CommonTableEntry,
  type Context,
  compilationError,
  type EmittedQuery,
  type QueryOptions,
} from './context.js';
import { emitFrom } from './from.js';
import { GroupedInstants } from './grouped-instants.js';
import { emitHierarchy } from './hierarchy.js';
import { groupItem, isAll, type Output, orderKey } from './keys.js';
import type { OutColumn } from './names.js';
import { columnOf, type Frame } from './names.js';
import { emitOrderItem } from './order-item.js';
import { expandStar } from './star.js';
import {
  commonType,
  fixed,
  heldBy,
  isSemiStructured,
  isSnowflakeType,
  NULL,
  TEXT,
  type Type,
  type Typed,
  typed,
  VARIANT,
} from './typed.js';

interface EmittedBody extends EmittedQuery {
  /** ORDER BY was part of the body already. */
  readonly ordered: boolean;
}

/** Translates a query; its columns carry Snowflake's names and exactly the DuckDB types of their Snowflake types. */
export function emitQuery(query: Query, cx: Context, options: QueryOptions = {}): EmittedQuery {
  const { cx: inner, clause } = emitWith(query, cx);
  const body = emitBody(query.body, inner, options, query.orderBy);
  let { sql } = body;
  if (!body.ordered && query.orderBy.length > 0) sql = orderedSet(sql, body.columns, query.orderBy, inner);
  if (query.limit !== undefined) sql += ` LIMIT ${asLimit(query.limit, inner)}`;
  if (query.offset !== undefined) sql += ` OFFSET ${asLimit(query.offset, inner)}`;
  return { sql: `${clause}${sql}`, columns: body.columns };
}

function asLimit(expr: Expr, cx: Context): string {
  const value = cx.expression(expr, cx);
  // NULL and the empty text are no limit.
  if (value.literal === null || value.literal === '') return 'NULL';
  return value.type.name === 'UNKNOWN' ? value.sql : asInteger(value);
}

function emitWith(query: Query, cx: Context): { cx: Context; clause: string } {
  if (query.with.length === 0) return { cx, clause: '' };
  const ctes = new Map(cx.ctes);
  const inner: Context = { ...cx, ctes };
  const parts: string[] = [];
  let anyRecursive = query.recursive;
  for (const cte of query.with) {
    const names = cte.columns.map((column) => column.name);
    const given: QueryOptions = names.length > 0 ? { columnNames: names } : {};
    const { body } = cte.query;
    const recursive = body.kind === 'set' && mentions(cx.text.slice(cte.query.start, cte.query.end), cte.name.name);
    let emitted: EmittedQuery;
    if (recursive) {
      anyRecursive = true;
      const anchor = emitBody(body.left, inner, { ...given, widen: true }, []);
      ctes.set(cte.name.name, { emitName: cte.name.name, columns: anchor.columns });
      emitted = emitRecursive(cte.query, body, anchor, inner);
    } else {
      emitted = emitQuery(cte.query, inner, given);
    }
    const entry: CommonTableEntry = { emitName: cte.name.name, columns: emitted.columns };
    ctes.set(cte.name.name, entry);
    const list = emitted.columns === undefined ? names.map(quoteName) : [];
    parts.push(`${quoteName(cte.name.name)}${list.length > 0 ? `(${list.join(', ')})` : ''} AS (${emitted.sql})`);
  }
  return { cx: inner, clause: `WITH ${anyRecursive ? 'RECURSIVE ' : ''}${parts.join(', ')} ` };
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`(^|[^A-Za-z0-9_$])"?${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}"?($|[^A-Za-z0-9_$])`, 'i').test(
    text,
  );
}

/** The recursive part gives exactly the types of the first one. */
function emitRecursive(
  query: Query,
  body: QueryBody & { kind: 'set' },
  anchor: EmittedQuery,
  cx: Context,
): EmittedQuery {
  const step = emitBody(body.right, cx, {}, []);
  const { columns } = anchor;
  if (columns === undefined || step.columns === undefined || query.with.length > 0)
    return emitQuery({ ...query, orderBy: [] }, cx);
  const casts = columns.map((column, i) => {
    const source = `"step"."c${i}"`;
    const type = step.columns?.[i]?.type;
    const value: Typed = { sql: source, type: type ?? column.type, exact: true };
    const cast = isSnowflakeType(column.type) ? castTo(value, column.type).sql : source;
    return `${cast} AS ${quoteName(column.duck ?? column.name)}`;
  });
  const list = columns.map((_, i) => `"c${i}"`).join(', ');
  return { sql: `${anchor.sql} ${body.op} SELECT ${casts.join(', ')} FROM (${step.sql}) AS "step"(${list})`, columns };
}

function emitBody(body: QueryBody, cx: Context, options: QueryOptions, orderBy: readonly OrderItem[]): EmittedBody {
  switch (body.kind) {
    case 'select':
      return { ...emitSelect(body, cx, options, orderBy), ordered: true };
    case 'values':
      return { ...emitValues(body.rows, cx, options), ordered: false };
    case 'nested': {
      const inner = emitQuery(body.query, cx, options);
      return { sql: `(${inner.sql})`, columns: inner.columns, ordered: false };
    }
    case 'set':
      return { ...emitSet(body, cx, options), ordered: false };
  }
}

function emitSet(body: QueryBody & { kind: 'set' }, cx: Context, options: QueryOptions): EmittedQuery {
  const left = emitBody(body.left, cx, options, []);
  const right = emitBody(body.right, cx, { ...(options.widen === true ? { widen: true } : {}) }, []);
  const byName = body.op.endsWith('BY NAME');
  if (left.columns === undefined || right.columns === undefined) {
    return { sql: `${left.sql} ${body.op} ${right.sql}`, columns: byName ? undefined : left.columns };
  }
  if (byName) return unionByName(body.op, left, right);
  if (left.columns.length !== right.columns.length) {
    throw compilationError(
      cx,
      '001789',
      '42601',
      `invalid number of result columns for set operator input branches, expected ${left.columns.length}, got ${right.columns.length} in branch {2}`,
      body.right.start,
    );
  }
  const columns = left.columns.map(
    (column, i): OutColumn => ({ ...column, type: commonType(column.type, right.columns?.[i]?.type ?? column.type) }),
  );
  const sides: [string, string] = [retyped(left, columns), retyped(right, columns)];
  const zoned = body.op === 'UNION' && columns.some((column) => column.type.name === 'TIMESTAMP_TZ');
  return { sql: zoned ? instantsOnce(sides, columns) : sides.join(` ${body.op} `), columns };
}

/** UNION: two moments of TIMESTAMP_TZ are the same when their instants are, whatever their offsets. */
function instantsOnce(sides: readonly string[], columns: readonly OutColumn[]): string {
  const keys = columns.map((column, i) =>
    column.type.name === 'TIMESTAMP_TZ' ? `struct_extract("c${i}", 'utc')` : `"c${i}"`,
  );
  const items = columns.map((column, i) => `"c${i}" AS ${quoteName(column.duck ?? column.name)}`);
  const list = columns.map((_, i) => `"c${i}"`).join(', ');
  return `SELECT DISTINCT ON (${keys.join(', ')}) ${items.join(', ')} FROM (${sides.join(' UNION ALL ')}) AS "both"(${list})`;
}

/** UNION BY NAME: the left side's columns, then those that only the right one has; what a side lacks is NULL. */
function unionByName(op: string, left: EmittedQuery, right: EmittedQuery): EmittedQuery {
  const [own, others] = [left.columns ?? [], right.columns ?? []];
  const typeIn = (columns: readonly OutColumn[], name: string): Type | undefined =>
    columns.find((column) => column.name === name)?.type;
  const columns = [...own, ...others.filter((column) => typeIn(own, column.name) === undefined)].map(
    (column): OutColumn => ({
      name: column.name,
      type: commonType(typeIn(own, column.name) ?? column.type, typeIn(others, column.name) ?? column.type),
    }),
  );
  return { sql: `${byNames(left, columns)} ${op.replace(' BY NAME', '')} ${byNames(right, columns)}`, columns };
}

function byNames(query: EmittedQuery, target: readonly OutColumn[]): string {
  const from = query.columns ?? [];
  const items = target.map((goal) => {
    const at = from.findIndex((column) => column.name === goal.name);
    const given: Typed =
      at < 0 ? { sql: 'NULL', type: NULL } : { sql: `"arm"."c${at}"`, type: (from[at] as OutColumn).type, exact: true };
    return `${isSnowflakeType(goal.type) ? castTo(given, goal.type).sql : given.sql} AS ${quoteName(goal.name)}`;
  });
  return `SELECT ${items.join(', ')} FROM (${query.sql}) AS "arm"(${from.map((_, i) => `"c${i}"`).join(', ')})`;
}

/** DuckDB finds common types of numbers as Snowflake does; anything else is cast. */
function retyped(query: EmittedQuery, target: readonly OutColumn[]): string {
  const differs = query.columns?.some((column, i) => needsCast(column.type, target[i]?.type)) ?? false;
  if (!differs) return query.sql;
  const items = (query.columns ?? []).map((column, i) => {
    const goal = target[i] as OutColumn;
    const value: Typed = { sql: `"arm"."c${i}"`, type: column.type, exact: true };
    const sql = isSnowflakeType(goal.type) ? castTo(value, goal.type).sql : value.sql;
    return `${sql} AS ${quoteName(goal.duck ?? goal.name)}`;
  });
  const list = (query.columns ?? []).map((_, i) => `"c${i}"`).join(', ');
  return `SELECT ${items.join(', ')} FROM (${query.sql}) AS "arm"(${list})`;
}

function needsCast(from: Type, to: Type | undefined): boolean {
  if (to === undefined || !isSnowflakeType(to) || from.name === 'NULL') return false;
  if (losesDigits(from, to)) return true;
  return (
    from.name !== to.name &&
    !(from.name === 'FIXED' && to.name === 'REAL') &&
    !(isSemiStructured(from) && isSemiStructured(to))
  );
}

/** ORDER BY after a set operation, VALUES or a query in parentheses: by output columns. */
function orderedSet(
  sql: string,
  columns: readonly OutColumn[] | undefined,
  orderBy: readonly OrderItem[],
  cx: Context,
): string {
  const source = { name: undefined, path: [], alias: 'set', columns, merged: new Set<string>() };
  const frame: Frame = { sources: [source], shared: new Map(), alias: () => undefined, parent: cx.frame };
  const keys = orderBy.flatMap((item) => {
    if (isAll(item)) return (columns ?? []).map((column) => emitOrderItem(item, columnOf(source, column)));
    const { expr } = item;
    const nth = expr.kind === 'number' ? columns?.[Number(expr.text) - 1] : undefined;
    const value = nth === undefined ? cx.expression(expr, { ...cx, frame }) : columnOf(source, nth);
    return [emitOrderItem(item, value)];
  });
  return `SELECT * FROM (${sql}) AS "set" ORDER BY ${keys.join(', ')}`;
}

function emitValues(rows: readonly (readonly Expr[])[], cx: Context, options: QueryOptions): EmittedQuery {
  const width = rows[0]?.length ?? 0;
  const values = rows.map((row) => row.map((expr) => cx.expression(expr, cx)));
  const ragged = rows.findIndex((row) => row.length !== width);
  if (ragged > 0)
    throw compilationError(
      cx,
      '001812',
      '42601',
      `VALUES rows must all have ${width} expressions; row ${ragged + 1} has ${rows[ragged]?.length}`,
      rows[ragged]?.[0]?.start ?? 0,
    );
  const columns = Array.from(
    { length: width },
    (_, i): OutColumn => ({
      name: options.columnNames?.[i] ?? `COLUMN${i + 1}`,
      type: values.map((row) => (row[i] as Typed).type).reduce(commonType),
    }),
  );
  const lines = values.map(
    (row) => `(${row.map((value, i) => storedAs(value, (columns[i] as OutColumn).type, options)).join(', ')})`,
  );
  const names = columns.map((column) => quoteName(column.name)).join(', ');
  return { sql: `SELECT * FROM (VALUES ${lines.join(', ')}) AS "values"(${names})`, columns };
}

/** A value cast so that its DuckDB type is exactly that of its Snowflake type. */
function storedAs(value: Typed, type: Type, options: QueryOptions): string {
  if (!isSnowflakeType(type))
    return type.name === 'NULL' && options.outermost === true ? `CAST(${value.sql} AS VARCHAR)` : value.sql;
  if (options.outermost === true && value.nanoseconds !== undefined && type.name === 'TIMESTAMP_NTZ')
    return value.nanoseconds;
  const goal = options.widen === true ? widened(type) : type;
  if (value.type.name === 'NULL') return `CAST(NULL AS ${duckdbTypeOf(goal)})`;
  if (value.type.name === goal.name && value.type.name !== 'FIXED' && value.exact === true) return value.sql;
  if (value.type.name === 'UNKNOWN') return value.sql;
  if (value.type.name === goal.name && goal.name !== 'FIXED') return `CAST(${value.sql} AS ${duckdbTypeOf(goal)})`;
  return castTo(value, goal).sql;
}

function widened(type: Type): typeof type & { name: Exclude<Type['name'], 'NULL' | 'UNKNOWN'> } {
  const wide = type.name === 'FIXED' ? fixed(38, type.scale) : type.name === 'TEXT' ? TEXT : type;
  return wide as ReturnType<typeof widened>;
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

/** Two moments of TIMESTAMP_TZ are the same when their instants are, whatever their offsets. */
function distinct(outputs: readonly Output[]): string {
  if (!outputs.some((output) => output.value?.type.name === 'TIMESTAMP_TZ')) return 'DISTINCT ';
  const keys = outputs.map(({ value }, i) =>
    value?.type.name === 'TIMESTAMP_TZ' ? `struct_extract(${value.sql}, 'utc')` : (value?.sql ?? String(i + 1)),
  );
  return `DISTINCT ON (${keys.join(', ')}) `;
}

/** XML is given out as XML, not as the JSON that stands for it. */
function shownXml(value: Typed): Typed {
  return heldBy(value.type) === 'XML' ? typed(`xml_shown(CAST(${value.sql} AS VARCHAR))`, VARIANT, true) : value;
}

function outputsOf(select: Select, cx: Context, options: QueryOptions): Output[] {
  const outputs: Output[] = [];
  const used = new Set<string>();
  const add = (name: string, given: Typed): void => {
    const value = options.shown === true ? shownXml(given) : given;
    if (options.outermost !== true || select.distinct || select.groupBy?.kind === 'all') uncollated(value, 'a column');
    const finalName = options.columnNames?.[outputs.length] ?? name;
    const type = options.widen === true ? widened(value.type) : value.type;
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
