import type { CallExpr } from '../grammar/ast.js';
import { quoteName } from '../lexer.js';
import type { UserFunction } from '../scope.js';
import { unsupported } from '../syntax-error.js';
import { castTo } from './cast.js';
import type { Context } from './context.js';
import { emitOrderItem } from './order-item.js';
import type { EmittedTableFunction, ScriptTable } from './table-functions.js';
import { type Typed, VARIANT } from './typed.js';

/** Rows that go to a function together where OVER does not say so: as many as DuckDB hands on at once. */
const IMPLICIT_PARTITION = 2_048;

const SEMI_STRUCTURED: ReadonlySet<string> = new Set(['VARIANT', 'OBJECT', 'ARRAY']);

/** What a row that the function wrote, `e`, has in each column. */
function cells(columns: ScriptTable['columns']): string[] {
  return columns.map(({ name, type }, i) => {
    const written = `json_extract(e, '$.v."${i}"')`;
    const sql = SEMI_STRUCTURED.has(type.name) ? `sorted_json(${written}, TRUE, FALSE)` : written;
    const cell: Typed = { sql, type: VARIANT, exact: true };
    return `${castTo(cell, type).sql} AS ${quoteName(name)}`;
  });
}

const rowsOf = (id: number, partition: string): string =>
  `unnest(CAST(CAST(js_table(${id}, ${partition}) AS JSON) AS JSON[]))`;

export function scriptTable(routine: UserFunction, row: string, node: CallExpr, cx: Context): EmittedTableFunction {
  const columns = routine.table ?? [];
  const { over } = node;
  if (over?.frame !== undefined) throw unsupported('a window frame of a table function');
  const partition = over?.partitionBy.map((expr) => cx.expression(expr, cx).sql);
  const order = (over?.orderBy ?? []).map((item) => emitOrderItem(item, cx.expression(item.expr, cx)));
  const rows = rowsOf(routine.id, `'[' || ${row} || ']'`);
  return {
    sql: `SELECT ${cells(columns).join(', ')} FROM (SELECT ${rows} AS e)`,
    columns,
    lateral: true,
    script: { id: routine.id, arguments: row, columns, order, ...(partition === undefined ? {} : { partition }) },
  };
}

/**
 * `t, TABLE(f(…))`: what the function makes of all rows of `from`. `kept` are the columns of those rows that go on beside its own; where it
 * writes at the end of a partition, only those that OVER partitions by have a value.
 */
export function scriptTableSql(
  { id, arguments: row, columns, partition, order }: ScriptTable,
  kept: readonly (readonly [name: string, sql: string])[],
  from: string,
): string {
  const keys = partition ?? [`(row_number() OVER () - 1) // ${IMPLICIT_PARTITION}`];
  const place = order.length === 0 ? '"in:row"' : `row_number() OVER (ORDER BY ${order.join(', ')})`;
  const named = (pairs: readonly (readonly [string, string])[]): string[] =>
    pairs.map(([name, sql]) => `${sql} AS ${quoteName(name)}`);
  const keyNames = keys.map((_, i) => `"in:p${i}"`);
  const input = named([
    ...kept,
    ['in:a', row],
    ...keys.map((sql, i): [string, string] => [`in:p${i}`, sql]),
    ['in:row', 'row_number() OVER ()'],
    ['in:place', place],
  ]);
  const held = ['"in:row"', ...kept.map(([name]) => quoteName(name))].map((name) => `${name} := ${name}`).join(', ');
  const grouped =
    `SELECT ${keyNames.join(', ')}, list(struct_pack(${held}) ORDER BY "in:place") AS "in:rows", ` +
    `'[' || string_agg("in:a", ',' ORDER BY "in:place") || ']' AS "in:all" FROM (SELECT ${input.join(', ')}${from}) ` +
    `GROUP BY ${keyNames.join(', ')} ORDER BY min("in:row")`;
  const outputs = kept.map(([name, sql]): [string, string] => {
    const key = keys.indexOf(sql);
    return [name, key >= 0 ? `"in:p${key}"` : `"in:rows"[CAST(e ->> 'r' AS BIGINT)].${quoteName(name)}`];
  });
  const all = [...named(outputs), ...cells(columns)].join(', ');
  return `SELECT ${all} FROM (SELECT * EXCLUDE ("in:all"), ${rowsOf(id, '"in:all"')} AS e FROM (${grouped}))`;
}
