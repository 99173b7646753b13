import type { IntoClause, MultiInsertStatement } from '../grammar/ast.js';
import { quoteName } from '../lexer.js';
import type { ColumnInfo } from '../scope.js';
import { unsupported } from '../syntax-error.js';
import { asBoolean } from './coerce.js';
import type { Context } from './context.js';
import { frameOf } from './from-source.js';
import { type ImagesPart, keptImages } from './kept-images.js';
import { type OutColumn, type Source, columnOf as sourceColumn } from './names.js';
import { physicalName } from './relation.js';
import {
  assignedValue,
  columnOf,
  countMismatch,
  isDefault,
  type Table,
  targetTable,
  writtenColumns,
} from './target-table.js';

/** The source's rows while they are handed out: temporary, and gone with the statement. */
const ROWS = 'temp.main."_multi_insert"';
const SOURCE = 'src';

export interface EmittedMultiInsert {
  readonly before: readonly string[];
  /** What comes before tables are cleared. */
  readonly images: readonly ImagesPart[];
  /** One INSERT for each INTO, in order. */
  readonly inserts: readonly { readonly sql: string; readonly target: string }[];
  readonly after: readonly string[];
}

/** INSERT ALL | FIRST: the source runs once, into a temporary table; each INTO takes its rows from there. */
export function emitMultiInsert(statement: MultiInsertStatement, cx: Context): EmittedMultiInsert {
  const query = cx.query(statement.query, cx);
  const { columns } = query;
  if (columns === undefined) throw unsupported('multi-table INSERT from columns that are not known');
  const names = columns.map((_, i) => `"c${i}"`).join(', ');
  const source: Source = {
    name: undefined,
    path: [],
    alias: SOURCE,
    columns: columns.map(({ name, type }, i): OutColumn => ({ name, type, duck: `c${i}` })),
    merged: new Set(),
  };
  const inner: Context = { ...cx, frame: frameOf([source], cx) };
  const conditions = statement.branches.map(({ when }) =>
    when === undefined ? undefined : `coalesce(${asBoolean(inner.expression(when, inner))}, FALSE)`,
  );
  const inserts: { sql: string; target: string }[] = [];
  const cleared = new Map<string, Table>();
  statement.branches.forEach(({ into }, i) => {
    const condition = conditionOf(conditions, i, statement.first);
    for (const clause of into) {
      const table = targetTable(clause.target, cx, statement.overwrite ? ['INSERT', 'DELETE'] : ['INSERT']);
      cleared.set(physicalName(table), table);
      inserts.push({ sql: insertInto(clause, table, source, inner) + condition, target: table.name[2] });
    }
  });
  const clear = statement.overwrite ? [...cleared.keys()].map((table) => `DELETE FROM ${table}`) : [];
  const images = statement.overwrite
    ? [...cleared.values()].flatMap((table) => keptImages(table, table.name[2], undefined, cx))
    : [];
  return {
    before: [`CREATE OR REPLACE TEMPORARY TABLE ${ROWS} AS SELECT * FROM (${query.sql}) AS "q"(${names})`, ...clear],
    images,
    inserts,
    after: [`DROP TABLE ${ROWS}`],
  };
}

/** FIRST leaves a row to the first branch that takes it; ELSE takes what no branch does. */
function conditionOf(conditions: readonly (string | undefined)[], i: number, first: boolean): string {
  const own = conditions[i];
  const others = conditions.slice(0, i).filter((condition) => condition !== undefined);
  const excluded = own === undefined || first ? others.map((condition) => `NOT ${condition}`) : [];
  const all = [...(own === undefined ? [] : [own]), ...excluded];
  return ` WHERE ${all.length === 0 ? 'TRUE' : all.join(' AND ')}`;
}

function insertInto(clause: IntoClause, table: Table, source: Source, inner: Context): string {
  const targets =
    clause.columns.length > 0 ? clause.columns.map((column) => columnOf(table, column, inner)) : writtenColumns(table);
  const given = valuesOf(clause, targets, source, inner);
  // A column that is left out takes its default.
  const kept = targets.flatMap((target, i) => {
    const value = given[i];
    return value === undefined ? [] : [{ name: quoteName(target.name), value }];
  });
  if (kept.length === 0) throw unsupported('multi-table INSERT of defaults alone');
  const into = `INSERT INTO ${physicalName(table)} (${kept.map(({ name }) => name).join(', ')})`;
  return `${into} SELECT ${kept.map(({ value }) => value).join(', ')} FROM ${ROWS} AS ${quoteName(SOURCE)}`;
}

/** DuckDB SQL for each column; undefined where it takes its default. */
function valuesOf(
  clause: IntoClause,
  targets: readonly ColumnInfo[],
  source: Source,
  inner: Context,
): readonly (string | undefined)[] {
  if (clause.values !== undefined) {
    if (clause.values.length !== targets.length) throw countMismatch(targets.length, clause.values.length);
    return clause.values.map((value, i) =>
      isDefault(value) ? undefined : assignedValue(inner.expression(value, inner), targets[i] as ColumnInfo),
    );
  }
  const columns = source.columns ?? [];
  if (columns.length !== targets.length) throw countMismatch(targets.length, columns.length);
  return columns.map((column, i) => assignedValue(sourceColumn(source, column), targets[i] as ColumnInfo));
}
