import { LocalError } from '../../engine/local-error.js';
import type { CallExpr, Expr, FromItem, Ident, Sample } from '../grammar/ast.js';
import { quoteName } from '../lexer.js';
import type { Relation, TableArgument } from '../scope.js';
import { TokenCursor } from '../token-cursor.js';
import { align, asBoolean, asLtz } from './coerce.js';
import { type Context, compilationError, freshAlias } from './context.js';
import type { OutColumn } from './names.js';
import { columnOf, type Frame, type Source } from './names.js';
import { compare } from './operators.js';
import { emitPivot, emitUnpivot } from './pivot.js';
import { emitTableFunction, unnestSql } from './table-functions.js';
import { commonType, isTimestamp, type Typed, typed } from './typed.js';
import { emitUserTable } from './user-function.js';
import { emitView } from './view.js';

export interface EmittedFrom {
  readonly sql: string;
  readonly sources: readonly Source[];
  readonly shared: ReadonlyMap<string, Typed>;
}

/** Translates a FROM clause. `before` are the items to its left, which lateral items may use. */
export function emitFrom(item: FromItem, cx: Context, before: readonly Source[] = []): EmittedFrom {
  switch (item.kind) {
    case 'table':
      return emitTable(item, cx, before);
    case 'derived': {
      const inner = item.lateral ? { ...cx, frame: frameOf(before, cx) } : cx;
      const query = inner.query(item.query, inner);
      return aliased(
        item,
        item.alias,
        `${item.lateral ? 'LATERAL ' : ''}(${query.sql})`,
        query.columns,
        [],
        cx,
        before,
      );
    }
    case 'function':
      return emitFunction(item, cx, before);
    case 'join':
      return emitJoin(item, cx, before);
    case 'pivot': {
      const pivot = emitPivot(item, cx, emitFrom(item.source, cx, before));
      return aliased(item, item.alias, `(${pivot.sql})`, pivot.columns, [], cx, before);
    }
    case 'unpivot': {
      const unpivot = emitUnpivot(item, cx, emitFrom(item.source, cx, before));
      return aliased(item, item.alias, `(${unpivot.sql})`, unpivot.columns, [], cx, before);
    }
  }
}

export function frameOf(sources: readonly Source[], cx: Context): Frame {
  return { sources, shared: new Map(), alias: () => undefined, parent: cx.frame };
}

interface Named {
  readonly columnAliases: readonly Ident[];
  readonly sample?: Sample;
}

/** Puts the item under its name: the alias, or the table's own; a name that was taken gets another one in the DuckDB text. */
function aliased(
  item: Named,
  alias: Ident | undefined,
  sql: string,
  columns: readonly OutColumn[] | undefined,
  path: readonly string[],
  cx: Context,
  before: readonly Source[],
  ownName?: string,
  row?: string,
): EmittedFrom {
  const name = alias?.name ?? ownName;
  const taken = name === undefined || before.some((source) => source.alias.toLowerCase() === name.toLowerCase());
  const emitAlias = taken ? freshAlias(cx, name ?? 'Q') : name;
  const renames = item.columnAliases.map((column) => column.name);
  const named = columns?.map(
    (column, i): OutColumn => ({
      name: renames[i] ?? column.name,
      type: column.type,
      ...(renames[i] === undefined && column.duck !== undefined ? { duck: column.duck } : {}),
    }),
  );
  const list = renames.length === 0 ? '' : `(${renames.map(quoteName).join(', ')})`;
  const sample = item.sample === undefined ? '' : ` ${sampleClause(item.sample, cx)}`;
  const source: Source = {
    name,
    path: alias === undefined ? path : [],
    alias: emitAlias,
    columns: named,
    merged: new Set(),
    ...(row === undefined ? {} : { row: `${quoteName(emitAlias)}.${quoteName(row)}` }),
  };
  return { sql: `${sql} AS ${quoteName(emitAlias)}${list}${sample}`, sources: [source], shared: new Map() };
}

function sampleClause(sample: Sample, cx: Context): string {
  const size = cx.expression(sample.size, cx).sql;
  const seed = sample.seed === undefined ? '' : ` REPEATABLE (${cx.expression(sample.seed, cx).sql})`;
  if (sample.rows) return `TABLESAMPLE reservoir(${size} ROWS)${seed}`;
  return `TABLESAMPLE ${sample.method === 'SYSTEM' ? 'system' : 'bernoulli'}(${size} PERCENT)${seed}`;
}

function emitTable(item: FromItem & { kind: 'table' }, cx: Context, before: readonly Source[]): EmittedFrom {
  const names = item.name.map((part) => part.name);
  const last = names[names.length - 1] as string;
  const cte = names.length === 1 ? cx.ctes.get(last) : undefined;
  if (cte !== undefined) return aliased(item, item.alias, quoteName(cte.emitName), cte.columns, [], cx, before, last);
  const relation = names.length === 1 && last === 'DUAL' ? relationOrDual(item, cx) : relationAt(names, item.start, cx);
  return emitRelation(relation, item, cx, before, last);
}

/** `FROM DUAL`: one row without columns, unless there is a table of that name. */
function relationOrDual(item: FromItem & { kind: 'table' }, cx: Context): Relation {
  try {
    return relationAt(['DUAL'], item.start, cx);
  } catch (error) {
    if (!(error instanceof LocalError) || error.number !== '002003') throw error;
    return { kind: 'rows', sql: 'SELECT NULL AS "none"', columns: [] };
  }
}

/** Resolves a name, and places the error of an unknown one in the text. */
export function relationAt(names: readonly string[], offset: number, cx: Context, uses?: readonly string[]): Relation {
  try {
    return cx.scope.relation(names, uses);
  } catch (error) {
    if (!(error instanceof LocalError) || error.line !== undefined) throw error;
    const { line, position } = compilationError(cx, error.number, error.sqlState, '', offset);
    throw new LocalError(error.number, error.sqlState, error.message, { line: line ?? 1, position: position ?? 0 });
  }
}

/** A table's place in DuckDB. */
export function physicalName(relation: Relation & { kind: 'table' }): string {
  const { schema, table, temporary } = relation.physical;
  return `${temporary ? '"temp".' : ''}${quoteName(schema)}.${quoteName(table)}`;
}

/** The column that FULL JOIN … USING makes of both sides'. */
function fromEither(a: Typed, b: Typed): Typed {
  const type = commonType(a.type, b.type);
  return typed(`COALESCE(${align(a, type).sql}, ${align(b, type).sql})`, type);
}

function withRowid(source: Source): Source {
  const taken = source.columns?.some((column) => column.name.toLowerCase() === 'rowid') ?? true;
  return taken ? source : { ...source, rowid: `${quoteName(source.alias)}.rowid` };
}

function emitRelation(
  relation: Relation,
  item: Named & { alias?: Ident },
  cx: Context,
  before: readonly Source[],
  name: string,
): EmittedFrom {
  switch (relation.kind) {
    case 'table': {
      if (relation.read !== undefined) return emitRelation(relation.read, item, cx, before, name);
      cx.gathered.reads.add(relation.id);
      const table = aliased(
        item,
        item.alias,
        physicalName(relation),
        relation.columns,
        relation.name.slice(0, 2),
        cx,
        before,
        relation.name[2],
      );
      return { ...table, sources: table.sources.map(withRowid) };
    }
    case 'view': {
      const view = emitView(relation, cx);
      return aliased(
        item,
        item.alias,
        `(${view.sql})`,
        view.columns,
        relation.name.slice(0, 2),
        cx,
        before,
        relation.name[2],
      );
    }
    case 'rows':
      if (relation.stream !== undefined) cx.gathered.reads.add(relation.stream);
      return aliased(item, item.alias, `(${relation.sql})`, relation.columns, [], cx, before, name);
  }
}

function emitFunction(item: FromItem & { kind: 'function' }, cx: Context, before: readonly Source[]): EmittedFrom {
  const named = item.call.name.length === 1 && item.call.name[0] === 'IDENTIFIER' ? item.call.args[0] : undefined;
  const inner: Context = { ...cx, frame: frameOf(before, cx) };
  if (named !== undefined) {
    const names = new TokenCursor(String(constant(named.value, inner))).name();
    return emitRelation(relationAt(names, item.start, cx), item, cx, before, names.at(-1) ?? '');
  }
  const own = emitTableFunction(item.call, inner) ?? emitUserTable(item.call, inner);
  if (own !== undefined) {
    return aliased(
      item,
      item.alias,
      `${before.length > 0 && own.lateral ? 'LATERAL ' : ''}(${own.sql})`,
      own.columns,
      [],
      cx,
      before,
      undefined,
      own.row,
    );
  }
  const relation = cx.scope.tableFunction(
    item.call.name,
    item.call.args.map((arg) => tableArgument(item.call, arg, inner)),
  );
  if (relation === undefined) throw unknownTableFunction(item.call, cx);
  return emitRelation(relation, item, cx, before, item.call.name[item.call.name.length - 1] ?? '');
}

function unknownTableFunction(call: CallExpr, cx: Context): LocalError {
  return compilationError(
    cx,
    '002141',
    '42601',
    `Unknown user-defined table function ${call.name.join('.')}`,
    call.start,
  );
}

/** A constant; VALIDATE takes a table by its name, COPY_HISTORY moments that are computed. */
function tableArgument(call: CallExpr, { name, value }: CallExpr['args'][number], cx: Context): TableArgument {
  const named = name === undefined ? {} : { name };
  if (call.name[0] === 'VALIDATE' && value.kind === 'column') {
    return { ...named, value: value.parts.map((part) => quoteName(part.name)).join('.') };
  }
  if (call.name.at(-1) === 'COPY_HISTORY' && name?.endsWith('_TIME') === true) {
    return { ...named, value: null, sql: asLtz(cx.expression(value, cx)) };
  }
  if (value.kind === 'boolean') return { ...named, value: String(value.value) };
  const given = cx.expression(value, cx);
  if (given.literal === undefined && (given.type.name === 'DATE' || isTimestamp(given.type))) {
    return { ...named, value: null, sql: asLtz(given) };
  }
  return { ...named, value: constant(value, cx) };
}

function constant(expr: Expr, cx: Context): string | number | null {
  const value = cx.expression(expr, cx);
  if (value.literal === undefined) {
    // CURRENT_USER() and its kin are constants as well.
    const text = expr.kind === 'call' ? /^'((?:[^']|'')*)'$/.exec(value.sql)?.[1] : undefined;
    if (text !== undefined) return text.replaceAll("''", "'");
    if (expr.kind === 'call' && expr.name[expr.name.length - 1] === 'LAST_QUERY_ID') return null;
    throw compilationError(cx, '001015', '22023', 'argument of the table function needs to be constant', expr.start);
  }
  return value.literal;
}

function emitJoin(item: FromItem & { kind: 'join' }, cx: Context, before: readonly Source[]): EmittedFrom {
  const left = emitFrom(item.left, cx, before);
  const unnested = emitUnnested(item, left, cx, before);
  if (unnested !== undefined) return unnested;
  const right = emitFrom(item.right, cx, [...before, ...left.sources]);
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
  item: FromItem & { kind: 'join' },
  left: EmittedFrom,
  cx: Context,
  before: readonly Source[],
): EmittedFrom | undefined {
  const { right } = item;
  const always = item.on === undefined || (item.on.kind === 'boolean' && item.on.value);
  const plain = item.join === 'CROSS' || (item.join === 'INNER' && always && item.using === undefined);
  if (!plain || item.natural || right.kind !== 'function' || right.sample !== undefined) return undefined;
  if (left.sources.some((source) => source.columns === undefined)) return undefined;
  const own = emitTableFunction(right.call, { ...cx, frame: frameOf([...before, ...left.sources], cx) });
  if (own?.unnest === undefined) return undefined;
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
  const sql = unnestSql(own.unnest, own.columns, kept, ` FROM ${left.sql}`);
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
