import type { Expr, OrderItem, Query, QueryBody } from '../grammar/ast.js';
import { quoteName } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { castTo } from './cast.js';
import {
  type CommonTableEntry,
  type Context,
  compilationError,
  type EmittedQuery,
  type QueryOptions,
} from './context.js';
import { isAll } from './keys.js';
import { columnOf, type Frame, type OutColumn } from './names.js';
import { emitOrderItem } from './order-item.js';
import { asLimit, emitSelect } from './select.js';
import { instantsOnce, retyped, unionByName } from './set-branches.js';
import { storedAs } from './stored-as.js';
import { commonType, isSnowflakeType, type Typed } from './typed.js';
import { valueOfClause } from './values-clause.js';

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
      const within: Context = { ...inner, recursive: true };
      const anchor = emitBody(body.left, within, { ...given, widen: true }, []);
      ctes.set(cte.name.name, { emitName: cte.name.name, columns: anchor.columns });
      emitted = emitRecursive(cte.query, body, anchor, within);
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
  const collated = columns.some(({ type }) => type.name === 'TEXT' && type.collation !== undefined);
  if (collated && body.op !== 'UNION' && body.op !== 'UNION ALL')
    throw unsupported(`${body.op} of a text with COLLATE`);
  const zoned = body.op === 'UNION' && (collated || columns.some((column) => column.type.name === 'TIMESTAMP_TZ'));
  return { sql: zoned ? instantsOnce(sides, columns) : sides.join(` ${body.op} `), columns };
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
  const values = rows.map((row) => row.map((expr) => valueOfClause(expr, cx)));
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
