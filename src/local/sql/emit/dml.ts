import { LocalError } from '../../engine/local-error.js';
import type {
  Assignment,
  DeleteStatement,
  Expr,
  Ident,
  InsertStatement,
  MergeStatement,
  UpdateStatement,
} from '../grammar/ast.js';
import { parseExpressionText } from '../grammar/statements.js';
import { quoteName } from '../lexer.js';
import { raise } from '../macros/raise.js';
import type { ColumnInfo } from '../scope.js';
import { castTo } from './cast.js';
import { asBoolean } from './coerce.js';
import type { Context } from './context.js';
import { emitFrom } from './from.js';
import { frameOf } from './from-source.js';
import { type ImagesPart, keptImages, rowsOfJoin, stamped } from './kept-images.js';
import type { OutColumn, Source } from './names.js';
import { physicalName } from './relation.js';
import {
  assignedValue,
  columnOf,
  countMismatch,
  isDefault,
  pairedByName,
  type Table,
  targetTable,
  writtenColumns,
} from './target-table.js';
import { isSnowflakeType } from './typed.js';
import { valueOfClause } from './values-clause.js';

const DUPLICATE_ROW = raise('100090', '42P18', "'Duplicate row detected during DML action'");

/** The target under its alias, known to the statement's expressions. */
function targetSource(table: Table, alias: Ident | undefined, cx: Context): Source {
  const name = alias?.name ?? table.name[2];
  const source: Source = {
    name,
    path: alias === undefined ? table.name.slice(0, 2) : [],
    alias: name,
    columns: table.columns,
    merged: new Set(),
  };
  if (!table.columns.some(({ expression }) => expression !== undefined)) return source;
  const columns: OutColumn[] = [...writtenColumns(table)];
  for (const { name: virtual, type, expression: text } of table.columns) {
    if (text === undefined) continue;
    const inner: Context = { ...cx, text, frame: frameOf([{ ...source, columns }], { ...cx, frame: undefined }) };
    columns.push({ name: virtual, type, value: castTo(inner.expression(parseExpressionText(text), inner), type) });
  }
  return { ...source, columns };
}

/** The rows that replace those of the table that they are made of: temporary, and gone with the statement. */
const REPLACING = 'temp.main."_replacing"';

/** An INSERT; with OVERWRITE also what clears the table, and what sets the rows aside before and forgets them after, where they are made of it. */
export interface EmittedInsert {
  readonly sql: string;
  readonly clear?: string;
  /** What is done before it is cleared. */
  readonly images?: readonly ImagesPart[];
  readonly aside?: { readonly set: string; readonly forget: string };
}

/** INSERT: VALUES go in row by row (so that DEFAULT works), a query through casts to the columns' types. */
export function emitInsert(statement: InsertStatement, cx: Context): EmittedInsert {
  const table = targetTable(statement.target, cx, statement.overwrite ? ['INSERT', 'DELETE'] : ['INSERT']);
  const emitted = insertInto(table, statement, cx);
  return statement.overwrite ? { ...emitted, images: keptImages(table, table.name[2], undefined, cx) } : emitted;
}

function insertInto(table: Table, statement: InsertStatement, cx: Context): EmittedInsert {
  const columns =
    statement.columns.length > 0
      ? statement.columns.map((column) => columnOf(table, column, cx))
      : writtenColumns(table);
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice !== undefined)
    throw new LocalError('002025', '42S21', `SQL compilation error:\nduplicate column name '${twice.name}'`);
  const list = columns.map((column) => quoteName(column.name)).join(', ');
  const into = `INSERT INTO ${physicalName(table)} (${list})`;
  const clear = statement.overwrite ? { clear: `DELETE FROM ${physicalName(table)}` } : {};
  const { query } = statement;
  const plainValues =
    query.body.kind === 'values' && query.with.length === 0 && query.orderBy.length === 0 && query.limit === undefined;
  if (query.body.kind === 'values' && plainValues) {
    const rows = query.body.rows.map((row) => {
      if (row.length !== columns.length) throw countMismatch(columns.length, row.length);
      return `(${row.map((expr, i) => (isDefault(expr) ? 'DEFAULT' : assignedValue(valueOfClause(expr, cx), columns[i] as ColumnInfo))).join(', ')})`;
    });
    return { sql: `${into} VALUES ${rows.join(', ')}`, ...clear };
  }
  const source = cx.query(query, cx);
  if (source.columns === undefined) return { ...inserted(into, source.sql, table, statement, cx), ...clear };
  if (source.columns.length !== columns.length) throw countMismatch(columns.length, source.columns.length);
  const casts = source.columns.map((column, i) =>
    assignedValue(
      { sql: `"src"."c${i}"`, type: column.type, exact: isSnowflakeType(column.type) },
      columns[i] as ColumnInfo,
    ),
  );
  const names = columns.map((_, i) => `"c${i}"`).join(', ');
  const rows = `SELECT ${casts.join(', ')} FROM (${source.sql}) AS "src"(${names})`;
  return { ...inserted(into, rows, table, statement, cx), ...clear };
}

function inserted(
  into: string,
  rows: string,
  table: Table,
  { overwrite }: InsertStatement,
  { gathered }: Context,
): EmittedInsert {
  if (!overwrite || !gathered.reads.has(table.id)) return { sql: `${into} ${rows}` };
  return {
    sql: `${into} SELECT * FROM ${REPLACING}`,
    aside: { set: `CREATE OR REPLACE TEMPORARY TABLE ${REPLACING} AS ${rows}`, forget: `DROP TABLE ${REPLACING}` },
  };
}

/** The condition, and that the row is one that the reader sees. */
function amongVisible(condition: string | undefined, table: Table, target: Source, cx: Context): string | undefined {
  if (table.visible === undefined) return condition;
  const { text, scope } = table.visible;
  const inner: Context = { ...cx, text, scope, frame: frameOf([target], { ...cx, frame: undefined }) };
  const visible = asBoolean(inner.expression(parseExpressionText(text), inner));
  return condition === undefined ? visible : `(${condition}) AND ${visible}`;
}

function whereClause(expr: Expr | undefined, table: Table, target: Source, cx: Context): string {
  const condition = expr === undefined ? undefined : asBoolean(cx.expression(expr, cx));
  const among = amongVisible(condition, table, target, cx);
  return among === undefined ? '' : ` WHERE ${among}`;
}

/** Which rows of the table a statement changes that joins it with `others`; undefined for all. */
function changedRows(table: Table, alias: string, others: string | undefined, where: string): string | undefined {
  if (others !== undefined) return rowsOfJoin(table, alias, others, where);
  return where === '' ? undefined : where.slice(' WHERE '.length);
}

function assignments(set: readonly Assignment[], table: Table, cx: Context): string {
  return set
    .map(({ column, value }) => {
      const info = columnOf(table, column, cx);
      const stored = isDefault(value) ? 'DEFAULT' : assignedValue(cx.expression(value, cx), info);
      return `${quoteName(info.name)} = ${stored}`;
    })
    .join(', ');
}

/**
 * UPDATE … FROM. `joined` counts the rows that are changed, and those of them that more than one row of FROM meets: DuckDB counts each
 * meeting.
 */
export function emitUpdate(
  statement: UpdateStatement,
  cx: Context,
): { readonly sql: string; readonly joined?: string; readonly images: readonly ImagesPart[] } {
  const table = targetTable(statement.target, cx, ['UPDATE']);
  const target = targetSource(table, statement.alias, cx);
  const from = statement.from === undefined ? undefined : emitFrom(statement.from, cx, [target]);
  const inner: Context = { ...cx, frame: frameOf([target, ...(from?.sources ?? [])], cx) };
  const set = [assignments(statement.set, table, inner), ...stamped(table, target.alias)].join(', ');
  const where = whereClause(statement.where, table, target, inner);
  const images = keptImages(table, target.alias, changedRows(table, target.alias, from?.sql, where), cx);
  const named = `${physicalName(table)} AS ${quoteName(target.alias)}`;
  if (from === undefined) return { sql: `UPDATE ${named} SET ${set}${where}`, images };
  const met = `SELECT count(*) AS "times" FROM ${named}, ${from.sql}${where} GROUP BY ${quoteName(target.alias)}.rowid`;
  const several = 'count(*) FILTER ("times" > 1)';
  const strict = cx.scope.parameter('ERROR_ON_NONDETERMINISTIC_UPDATE') === 'true';
  const told = strict ? `CASE WHEN ${several} > 0 THEN ${DUPLICATE_ROW} ELSE 0 END` : several;
  return {
    sql: `UPDATE ${named} SET ${set} FROM ${from.sql}${where}`,
    joined: `SELECT count(*), ${told} FROM (${met})`,
    images,
  };
}

/** DELETE … USING. */
export function emitDelete(
  statement: DeleteStatement,
  cx: Context,
): { readonly sql: string; readonly images: readonly ImagesPart[] } {
  const table = targetTable(statement.target, cx, ['DELETE']);
  const target = targetSource(table, statement.alias, cx);
  const using = statement.using === undefined ? undefined : emitFrom(statement.using, cx, [target]);
  const inner: Context = { ...cx, frame: frameOf([target, ...(using?.sources ?? [])], cx) };
  const where = whereClause(statement.where, table, target, inner);
  const images = keptImages(table, target.alias, changedRows(table, target.alias, using?.sql, where), cx);
  const sql = `DELETE FROM ${physicalName(table)} AS ${quoteName(target.alias)}${using === undefined ? '' : ` USING ${using.sql}`}${where}`;
  return { sql, images };
}

export interface EmittedMerge {
  readonly sql: string;
  readonly images: readonly ImagesPart[];
  /** Raises 100090 when a row of the target would be changed by more than one row of the source. */
  readonly check?: string;
}

/** MERGE as DuckDB's own, with one row of `merge_action` per changed row. */
export function emitMerge(statement: MergeStatement, cx: Context): EmittedMerge {
  const uses = statement.clauses.map(({ action }) => action.replace(' by name', '').toUpperCase());
  const table = targetTable(statement.target, cx, [...new Set(uses)]);
  const target = targetSource(table, statement.alias, cx);
  const source = emitFrom(statement.source, cx, [target]);
  const both: Context = { ...cx, frame: frameOf([target, ...source.sources], cx) };
  const sourceOnly: Context = { ...cx, frame: frameOf(source.sources, cx) };
  const matched = asBoolean(both.expression(statement.on, both));
  const on = amongVisible(matched, table, target, both) ?? matched;
  const stamp = stamped(table, target.alias);
  const clauses = statement.clauses.map((clause) => {
    const inner = clause.matched ? both : sourceOnly;
    const condition =
      clause.condition === undefined ? '' : ` AND ${asBoolean(inner.expression(clause.condition, inner))}`;
    if (clause.action === 'delete') return `WHEN MATCHED${condition} THEN DELETE`;
    if (clause.action === 'update by name') {
      const set = pairedByName(table, source.sources).map((pair) => `${quoteName(pair.target.name)} = ${pair.source}`);
      return `WHEN MATCHED${condition} THEN UPDATE SET ${[...set, ...stamp].join(', ')}`;
    }
    if (clause.action === 'insert by name') {
      const pairs = pairedByName(table, source.sources);
      const names = pairs.map((pair) => quoteName(pair.target.name)).join(', ');
      return `WHEN NOT MATCHED${condition} THEN INSERT (${names}) VALUES (${pairs.map((pair) => pair.source).join(', ')})`;
    }
    if (clause.action === 'update')
      return `WHEN MATCHED${condition} THEN UPDATE SET ${[assignments(clause.set, table, inner), ...stamp].join(', ')}`;
    const columns =
      clause.columns.length > 0 ? clause.columns.map((column) => columnOf(table, column, cx)) : writtenColumns(table);
    if (clause.values.length !== columns.length) throw countMismatch(columns.length, clause.values.length);
    const values = clause.values.map((value, i) =>
      isDefault(value) ? 'DEFAULT' : assignedValue(inner.expression(value, inner), columns[i] as ColumnInfo),
    );
    return `WHEN NOT MATCHED${condition} THEN INSERT (${columns.map((column) => quoteName(column.name)).join(', ')}) VALUES (${values.join(', ')})`;
  });
  const sql = `MERGE INTO ${physicalName(table)} AS ${quoteName(target.alias)} USING ${source.sql} ON ${on} ${clauses.join(' ')} RETURNING merge_action`;
  const changing = statement.clauses.filter((clause) => clause.matched);
  if (changing.length === 0) return { sql, images: [] };
  const conditions = changing.map((clause) =>
    clause.condition === undefined ? 'TRUE' : asBoolean(both.expression(clause.condition, both)),
  );
  const rowid = `${quoteName(target.alias)}.rowid`;
  const changed = ` WHERE (${on}) AND (${conditions.join(' OR ')})`;
  const images = keptImages(table, target.alias, rowsOfJoin(table, target.alias, source.sql, changed), cx);
  const twice =
    `SELECT ${rowid} FROM ${physicalName(table)} AS ${quoteName(target.alias)} JOIN ${source.sql} ON ${on}` +
    ` WHERE ${conditions.join(' OR ')} GROUP BY ${rowid} HAVING count(*) > 1`;
  return { sql, images, check: `SELECT CASE WHEN count(*) > 0 THEN ${DUPLICATE_ROW} END FROM (${twice}) AS "twice"` };
}
