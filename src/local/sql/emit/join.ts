import type { FromItem } from '../grammar/ast.js';
import { quoteName } from '../lexer.js';
import { align, asBoolean } from './coerce.js';
import { type Context, compilationError, freshAlias } from './context.js';
import { type EmittedFrom, frameOf } from './from-source.js';
import { columnOf, type Source } from './names.js';
import { compare } from './operators.js';
import { scriptTableSql } from './script-table.js';
import { emitTableFunction, type Unnesting, unnestSql } from './table-functions.js';
import { commonType, type Typed, typed } from './typed.js';
import { emitUserTable, isScriptTable } from './user-function.js';

type JoinItem = FromItem & { readonly kind: 'join' };
type EmitItem = (item: FromItem, cx: Context, before: readonly Source[]) => EmittedFrom;

/** The column that FULL JOIN … USING makes of both sides'. */
function fromEither(a: Typed, b: Typed): Typed {
  const type = commonType(a.type, b.type);
  return typed(`COALESCE(${align(a, type).sql}, ${align(b, type).sql})`, type);
}

/** `emitItem`: how the items on both sides are translated. */
export function emitJoin(item: JoinItem, cx: Context, before: readonly Source[], emitItem: EmitItem): EmittedFrom {
  const left = emitItem(item.left, cx, before);
  const unnested = emitUnnested(item, left, cx, before);
  if (unnested !== undefined) return unnested;
  const right = emitItem(item.right, cx, [...before, ...left.sources]);
  const using = item.natural
    ? commonColumns(left.sources, right.sources)
    : (item.using ?? []).map((column) => column.name);
  const shared = new Map([...left.shared, ...right.shared]);
  const conditions: string[] = [];
  const merged = new Set<string>();
  for (const name of using) {
    const a = left.shared.get(name) ?? findColumn(left.sources, name);
    const b = findColumn(right.sources, name);
    if (a === undefined || b === undefined)
      throw compilationError(cx, '000904', '42000', `invalid identifier '${name}'`, item.right.start);
    conditions.push(compare('=', a, b).sql);
    merged.add(name);
    if (item.join === 'RIGHT') shared.set(name, b);
    else if (item.join === 'FULL') shared.set(name, fromEither(a, b));
    else shared.set(name, a);
  }
  const sources = [
    ...left.sources,
    ...right.sources.map(
      (source): Source => (merged.size === 0 ? source : { ...source, merged: new Set([...source.merged, ...merged]) }),
    ),
  ];
  const inner: Context = { ...cx, frame: { ...frameOf([...before, ...sources], cx), shared } };
  if (item.match !== undefined) conditions.push(asBoolean(inner.expression(item.match, inner)));
  if (item.on !== undefined) conditions.push(asBoolean(inner.expression(item.on, inner)));
  const on = conditions.length > 0 ? conditions.join(' AND ') : 'TRUE';
  const rightSql = item.right.kind === 'join' ? `(${right.sql})` : right.sql;
  if (item.join === 'CROSS' || (item.join === 'INNER' && conditions.length === 0)) {
    return { sql: `${left.sql} CROSS JOIN ${rightSql}`, sources, shared };
  }
  const word = item.join === 'ASOF' ? 'ASOF LEFT' : item.join;
  return { sql: `${left.sql} ${word} JOIN ${rightSql} ON ${on}`, sources, shared };
}

/**
 * `t, LATERAL FLATTEN(…)` as one projection over `t` that unnests a list: unlike a lateral join it keeps the order of rows and
 * elements. Undefined for other joins, and where columns are not known.
 */
function emitUnnested(
  item: JoinItem,
  left: EmittedFrom,
  cx: Context,
  before: readonly Source[],
): EmittedFrom | undefined {
  const { right } = item;
  const always = item.on === undefined || (item.on.kind === 'boolean' && item.on.value);
  const plain = item.join === 'CROSS' || (item.join === 'INNER' && always && item.using === undefined);
  if (!plain || item.natural || right.kind !== 'function' || right.sample !== undefined) return undefined;
  if (left.sources.some((source) => source.columns === undefined)) return undefined;
  const inner: Context = { ...cx, frame: frameOf([...before, ...left.sources], cx) };
  const own =
    emitTableFunction(right.call, inner) ??
    (isScriptTable(right.call, inner) ? emitUserTable(right.call, inner) : undefined);
  if (own === undefined || (own.unnest === undefined && own.script === undefined)) return undefined;
  const alias = freshAlias(cx, 'U');
  const kept: [name: string, sql: string][] = [];
  const keep = (sql: string): string => {
    const name = `k${kept.length}`;
    kept.push([name, sql]);
    return name;
  };
  const held = (sql: string): string => `${quoteName(alias)}.${quoteName(keep(sql))}`;
  const sources = left.sources.map(
    (source): Source => ({
      ...source,
      alias,
      columns: (source.columns ?? []).map((column) => ({ ...column, duck: keep(columnOf(source, column).sql) })),
      ...(source.row === undefined ? {} : { row: held(source.row) }),
      ...(source.rowid === undefined ? {} : { rowid: held(source.rowid) }),
    }),
  );
  const shared = new Map([...left.shared].map(([name, value]) => [name, { ...value, sql: held(value.sql) }]));
  const renames = right.columnAliases.map((column) => column.name);
  sources.push({
    name: right.alias?.name,
    path: [],
    alias,
    columns: own.columns.map((column, i) => ({ ...column, name: renames[i] ?? column.name, duck: column.name })),
    merged: new Set(),
  });
  const from = ` FROM ${left.sql}`;
  const sql =
    own.script === undefined
      ? unnestSql(own.unnest as Unnesting, own.columns, kept, from)
      : scriptTableSql(own.script, kept, from);
  return { sql: `${before.length > 0 ? 'LATERAL ' : ''}(${sql}) AS ${quoteName(alias)}`, sources, shared };
}

function findColumn(sources: readonly Source[], name: string): Typed | undefined {
  for (const source of sources) {
    const column = source.columns?.find((c) => c.name === name);
    if (column !== undefined) return columnOf(source, column);
  }
  const opaque = sources.find((source) => source.columns === undefined);
  return opaque === undefined ? undefined : typed(`${quoteName(opaque.alias)}.${quoteName(name)}`, { name: 'UNKNOWN' });
}

function commonColumns(left: readonly Source[], right: readonly Source[]): string[] {
  const names = new Set(right.flatMap((source) => source.columns?.map((column) => column.name) ?? []));
  return [...new Set(left.flatMap((source) => source.columns?.map((column) => column.name) ?? []))].filter((name) =>
    names.has(name),
  );
}
