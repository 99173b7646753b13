import type { Expr, FromItem, Query } from '../grammar/ast.js';
import { duckString, quoteName } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { castTo } from './cast.js';
import { align, asText } from './coerce.js';
import { expressionName } from './column-names.js';
import { type Context, compilationError, type EmittedQuery } from './context.js';
import type { OutColumn, Source } from './names.js';
import { columnOf } from './names.js';
import { emitOrderItem } from './order-item.js';
import { commonType, isNumeric, isSnowflakeType, TEXT, type Typed } from './typed.js';

interface From {
  readonly sql: string;
  readonly sources: readonly Source[];
}

function knownColumns(from: From, what: string): { column: OutColumn; value: Typed }[] {
  return from.sources.flatMap((source) => {
    if (source.columns === undefined) throw unsupported(`${what} over rows whose columns are not known`);
    return source.columns.map((column) => ({ column, value: columnOf(source, column) }));
  });
}

type Pivot = FromItem & { kind: 'pivot' };

/** The values as listed; for ANY and a subquery those that their rows have now. NULL makes no column. */
function listedValues(
  item: Pivot,
  pivoted: Typed,
  from: From,
  cx: Context,
): readonly { readonly value: Expr; readonly alias?: string }[] {
  const { values } = item;
  if (values !== 'ANY' && !('body' in values)) return values;
  if (cx.gathered.binds.length > 0) throw unsupported('PIVOT with ANY or a subquery beside binds');
  const sql = values === 'ANY' ? anyValues(item, pivoted, from, cx) : subqueryValues(values, cx);
  const { start, end } = item;
  const numeric = isNumeric(pivoted.type);
  return cx.scope.valuesOf(sql).map((text) => ({
    value: numeric ? { kind: 'number', text, start, end } : { kind: 'string', value: text, start, end },
    alias: numeric ? text : `'${text}'`,
  }));
}

function anyValues(item: Pivot, pivoted: Typed, from: From, cx: Context): string {
  const [order] = item.anyOrder ?? [];
  const key = order === undefined ? pivoted : cx.expression(order.expr, cx);
  const sorted = emitOrderItem({ descending: false, ...order }, { ...key, sql: 'k' });
  return `SELECT v FROM (SELECT ${asText(pivoted)} AS v, min(${key.sql}) AS k FROM ${from.sql} WHERE ${pivoted.sql} IS NOT NULL GROUP BY 1) ORDER BY ${sorted}`;
}

function subqueryValues(query: Query, cx: Context): string {
  const emitted = cx.query(query, cx);
  const [column] = emitted.columns ?? [];
  if (column === undefined || emitted.columns?.length !== 1)
    throw compilationError(cx, '001789', '42601', 'the subquery of PIVOT must have one column', query.start);
  const value = asText({ sql: 'v', type: column.type });
  return `SELECT ${value} AS v FROM (${emitted.sql}) AS "values"(v) WHERE v IS NOT NULL`;
}

/** PIVOT as one conditional aggregate per value, grouped by all columns that the pivot does not use. */
export function emitPivot(item: FromItem & { kind: 'pivot' }, cx: Context, from: From): EmittedQuery {
  const inner: Context = {
    ...cx,
    frame: { sources: from.sources, shared: new Map(), alias: () => undefined, parent: cx.frame },
  };
  const columns = knownColumns(from, 'PIVOT');
  const pivoted = columns.find(({ column }) => column.name === item.column.name);
  if (pivoted === undefined)
    throw compilationError(cx, '000904', '42000', `invalid identifier '${item.column.name}'`, item.column.start);
  const argument = item.aggregate.args[0]?.value;
  const used = new Set([item.column.name]);
  if (argument?.kind === 'column') used.add(argument.parts[argument.parts.length - 1]?.name ?? '');
  const kept = columns.filter(({ column }) => !used.has(column.name));
  const outputs: string[] = kept.map(({ column, value }) => `${value.sql} AS ${quoteName(column.name)}`);
  const out: OutColumn[] = kept.map(({ column }) => ({ name: column.name, type: column.type }));
  for (const { value, alias } of listedValues(item, pivoted.value, from, inner)) {
    const label = inner.expression(value, inner);
    if (label.literal === undefined && value.kind !== 'boolean' && value.kind !== 'cast')
      throw compilationError(cx, '001015', '22023', 'the values of PIVOT need to be constant', value.start);
    const name =
      alias ??
      (typeof label.literal === 'string'
        ? `'${label.literal}'`
        : expressionName(cx.text.slice(value.start, value.end)));
    const { start, end } = item.column;
    const column: Expr = { kind: 'column', parts: [item.column], start, end };
    const filter: Expr = { kind: 'binary', op: '=', left: column, right: value, start, end };
    const aggregate = inner.call({ ...item.aggregate, filter }, inner);
    let { sql, type } = aggregate;
    if (!sql.includes('FILTER (WHERE')) throw unsupported(`PIVOT by ${item.aggregate.name.join('.')}`);
    if (item.defaultOnNull !== undefined) {
      const other = inner.expression(item.defaultOnNull, inner);
      type = commonType(type, other.type);
      sql = `COALESCE(${align({ ...aggregate, sql }, type).sql}, ${align(other, type).sql})`;
    }
    outputs.push(`${sql} AS ${quoteName(name)}`);
    out.push({ name, type });
  }
  const groups = kept.map(({ value }) => value.sql);
  return {
    sql: `SELECT ${outputs.join(', ')} FROM ${from.sql}${groups.length > 0 ? ` GROUP BY ${groups.join(', ')}` : ''}`,
    columns: out,
  };
}

const UNPIVOTED = '"unpivoted row"';

/** UNPIVOT as a list per row, its columns in the order of the text; those whose value is NULL are left out unless INCLUDE NULLS. */
export function emitUnpivot(item: FromItem & { kind: 'unpivot' }, cx: Context, from: From): EmittedQuery {
  const columns = knownColumns(from, 'UNPIVOT');
  const names = new Set(item.columns.map((column) => column.name.name));
  const kept = columns.filter(({ column }) => !names.has(column.name));
  const picked = item.columns.map((entry) => {
    const found = columns.find(({ column }) => column.name === entry.name.name);
    if (found === undefined)
      throw compilationError(cx, '000904', '42000', `invalid identifier '${entry.name.name}'`, entry.name.start);
    return { ...found, label: entry.alias ?? entry.name.name };
  });
  const type = picked.map(({ value }) => value.type).reduce(commonType);
  const cells = picked.map(({ value, label }) => {
    const cell = isSnowflakeType(type) ? castTo(value, type).sql : value.sql;
    return `{'n': ${duckString(label)}, 'v': ${cell}}`;
  });
  const inner = kept.map(({ column, value }) => `${value.sql} AS ${quoteName(column.name)}`);
  const outputs = kept.map(({ column }) => quoteName(column.name));
  const sql =
    `SELECT ${[...outputs, `${UNPIVOTED}.n AS ${quoteName(item.name.name)}`, `${UNPIVOTED}.v AS ${quoteName(item.value.name)}`].join(', ')} ` +
    `FROM (SELECT ${[...inner, `unnest([${cells.join(', ')}]) AS ${UNPIVOTED}`].join(', ')} FROM ${from.sql})` +
    (item.includeNulls ? '' : ` WHERE ${UNPIVOTED}.v IS NOT NULL`);
  const out = [
    ...kept.map(({ column }): OutColumn => ({ name: column.name, type: column.type })),
    { name: item.name.name, type: TEXT },
    { name: item.value.name, type },
  ];
  return { sql, columns: out };
}
