import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import type { CallExpr, Expr, OrderItem, Select } from '../grammar/ast.js';
import { duckString, quoteName } from '../lexer.js';
import { raise } from '../macros/raise.js';
import { unsupported } from '../syntax-error.js';
import { asBoolean, asText } from './coerce.js';
import { type Context, compilationError, freshAlias } from './context.js';
import { emitFrom } from './from.js';
import { type EmittedFrom, frameOf } from './from-source.js';
import { columnOf, type Hierarchy, type OutColumn, type Source } from './names.js';
import { INTEGER, isSnowflakeType, typed } from './typed.js';

const OWN = 'c';
const PRIOR = 'q';
const ROOT = 'r';

/**
 * `START WITH … CONNECT BY …` as a recursive table: each row carries its own columns, its parent's, its root's, its level and
 * its paths. WHERE is applied afterwards, as Snowflake does with conditions that are no joins.
 */
export function emitHierarchy(
  select: Select,
  orderBy: readonly OrderItem[],
  cx: Context,
): { from: EmittedFrom; hierarchy: Hierarchy } {
  if (select.from === undefined || select.connectBy === undefined) throw unsupported('CONNECT BY without FROM');
  const base = emitFrom(select.from, cx);
  const columns = base.sources.flatMap((source) => {
    if (source.columns === undefined) throw unsupported('CONNECT BY over rows whose columns are not known');
    return source.columns.map((column) => ({ column, sql: columnOf(source, column).sql }));
  });
  const calls = pathCalls([select.items, select.where, orderBy]);
  const inner: Context = { ...cx, frame: frameOf(base.sources, cx) };
  const pathParts = calls.map((call) => pathPart(call, inner));

  // Where LEVEL bounds the depth, a row may well be below itself.
  const guarded = names(select.connectBy, 'PRIOR') && !names(select.connectBy, 'LEVEL');
  const rowHash = `hash(${columns.map(({ sql }) => sql).join(', ')})`;
  const own = columns.map(({ sql }, i) => `${sql} AS "${OWN}${i}"`);
  const anchor = [
    ...own,
    ...columns.map(({ column }, i) => `CAST(NULL AS ${storage(column)}) AS "${PRIOR}${i}"`),
    ...columns.map(({ sql }, i) => `${sql} AS "${ROOT}${i}"`),
    'CAST(1 AS DECIMAL(38, 0)) AS "lvl"',
    ...(guarded ? [`[${rowHash}] AS "seen"`] : []),
    ...pathParts.map((part, i) => `${part} AS "p${i}"`),
  ];
  const start = select.startWith === undefined ? '' : ` WHERE ${asBoolean(inner.expression(select.startWith, inner))}`;
  const parent = freshAlias(cx, 'PARENT');
  const up = (prefix: string): string => `${quoteName(parent)}."${prefix}`;
  const step = [
    ...own,
    ...columns.map((_, i) => `${up(OWN)}${i}" AS "${PRIOR}${i}"`),
    ...columns.map((_, i) => `${up(ROOT)}${i}" AS "${ROOT}${i}"`),
    `CAST(${up('lvl')}" + 1 AS DECIMAL(38, 0)) AS "lvl"`,
    ...(guarded
      ? [
          `list_append(CASE WHEN list_contains(${up('seen')}", ${rowHash}) THEN ${LOOP} ELSE ${up('seen')}" END, ${rowHash}) AS "seen"`,
        ]
      : []),
    ...pathParts.map((part, i) => `${up('p')}${i}" || ${part} AS "p${i}"`),
  ];
  const parentFrame = frameOf(renamed(base.sources, parent, OWN), cx);
  const depth = typed(`(${up('lvl')}" + 1)`, INTEGER);
  const connecting: Context = {
    ...inner,
    frame: { ...frameOf(base.sources, cx), shared: new Map([...base.shared, ['LEVEL', depth]]) },
    hierarchy: { prior: parentFrame, root: parentFrame, paths: new Map() },
  };
  const condition = asBoolean(connecting.expression(select.connectBy, connecting));
  const table = quoteName(freshAlias(cx, 'TREE'));
  const alias = freshAlias(cx, 'NODE');
  const sql =
    `(WITH RECURSIVE ${table} AS (SELECT ${anchor.join(', ')} FROM ${base.sql}${start}` +
    ` UNION ALL SELECT ${step.join(', ')} FROM ${base.sql} JOIN ${table} AS ${quoteName(parent)} ON ${condition})` +
    ` SELECT * FROM ${table}) AS ${quoteName(alias)}`;
  const level = typed(`${quoteName(alias)}."lvl"`, INTEGER, true);
  return {
    from: {
      sql,
      sources: renamed(base.sources, alias, OWN),
      shared: new Map([...base.shared, ['LEVEL', level]]),
    },
    hierarchy: {
      prior: frameOf(renamed(base.sources, alias, PRIOR), cx),
      root: frameOf(renamed(base.sources, alias, ROOT), cx),
      paths: new Map(calls.map((call, i) => [call.start, `${quoteName(alias)}."p${i}"`])),
    },
  };
}

/** A row that is its own ancestor would be followed for ever. */
const LOOP = `CAST(${raise('100298', '54001', "'CONNECT BY does not end: a row leads back to itself. Look for a cycle in the data.'")} AS UBIGINT[])`;

/** Whether an expression has a PRIOR, or names LEVEL. */
function names(node: unknown, what: 'PRIOR' | 'LEVEL'): boolean {
  if (Array.isArray(node)) return node.some((item) => names(item, what));
  if (typeof node !== 'object' || node === null) return false;
  const expr = node as Expr;
  if (expr.kind === 'prior' && what === 'PRIOR') return true;
  if (expr.kind === 'column' && what === 'LEVEL' && expr.parts.at(-1)?.name === 'LEVEL') return true;
  return Object.values(node).some((item) => names(item, what));
}

function storage(column: OutColumn): string {
  return isSnowflakeType(column.type) ? duckdbTypeOf(column.type) : 'VARCHAR';
}

/** The same sources, their columns taken from the recursive table. */
function renamed(sources: readonly Source[], alias: string, prefix: string): Source[] {
  let next = 0;
  return sources.map((source) => ({
    ...source,
    alias,
    columns: (source.columns ?? []).map((column): OutColumn => {
      const duck = `${prefix}${next}`;
      next += 1;
      return { name: column.name, type: column.type, duck };
    }),
  }));
}

function pathPart(call: CallExpr, cx: Context): string {
  const [value, separator] = call.args;
  if (value === undefined || separator?.value.kind !== 'string') {
    throw compilationError(
      cx,
      '000938',
      '22023',
      'SYS_CONNECT_BY_PATH takes a column and a constant separator',
      call.start,
    );
  }
  return `(${duckString(separator.value.value)} || ${asText(cx.expression(value.value, cx))})`;
}

/** Every SYS_CONNECT_BY_PATH in a part of the tree. */
function pathCalls(node: unknown): CallExpr[] {
  if (Array.isArray(node)) return node.flatMap(pathCalls);
  if (typeof node !== 'object' || node === null) return [];
  const call = node as Expr;
  if (call.kind === 'call' && call.name[0] === 'SYS_CONNECT_BY_PATH') return [call];
  return Object.values(node).flatMap(pathCalls);
}
