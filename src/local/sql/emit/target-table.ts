import { LocalError } from '../../engine/local-error.js';
import type { Expr, Ident } from '../grammar/ast.js';
import type { ColumnInfo, Relation } from '../scope.js';
import { unsupported } from '../syntax-error.js';
import { castTo } from './cast.js';
import { type Context, compilationError } from './context.js';
import { typeName } from './invalid-cast.js';
import { type Source, columnOf as sourceColumn } from './names.js';
import { relationAt } from './relation.js';
import { textOf } from './text-casts.js';
import type { Typed } from './typed.js';

export type Table = Relation & { kind: 'table' };

/** The table that a statement changes; `uses` are the privileges that this takes. Throws 002003 for a view. */
export function targetTable(name: readonly Ident[], cx: Context, uses: readonly string[]): Table {
  const relation = relationAt(
    name.map((part) => part.name),
    name[0]?.start ?? 0,
    cx,
    uses,
  );
  if (relation.kind !== 'table') {
    throw new LocalError(
      '002003',
      '42S02',
      `SQL compilation error:\nObject '${name.map((part) => part.name).join('.')}' is not a table and cannot be changed.`,
    );
  }
  cx.gathered.writes.add(relation.id);
  return relation;
}

/** The columns that rows are written to. */
export function writtenColumns(table: Table): readonly ColumnInfo[] {
  return table.columns.filter(({ expression }) => expression === undefined);
}

/** A column to be written. Throws 000904, and 000002 for a virtual one. */
export function columnOf(table: Table, column: Ident, cx: Context): ColumnInfo {
  const found = table.columns.find((c) => c.name === column.name);
  if (found === undefined)
    throw compilationError(cx, '000904', '42000', `invalid identifier '${column.name}'`, column.start);
  if (found.expression !== undefined) throw unsupported(`writing to the virtual column '${found.name}'`);
  return found;
}

/** What INSERT, UPDATE and MERGE give a column, by types ("Data type conversion": what is not coercible). Throws 002023. */
export function assignedValue(value: Typed, column: ColumnInfo): string {
  if (NOT_COERCIBLE[column.type.name]?.has(value.type.name) === true) {
    throw new LocalError(
      '002023',
      '22000',
      `SQL compilation error:\nExpression type does not match column data type, expecting ${typeName(column.type)} but got ${typeName(value.type)} for column ${column.name}`,
    );
  }
  return storedValue(value, column);
}

const MOMENTS = ['DATE', 'TIME', 'TIMESTAMP_NTZ', 'TIMESTAMP_LTZ', 'TIMESTAMP_TZ'];
const NO_NUMBERS = new Set(['BOOLEAN', ...MOMENTS, 'BINARY', 'ARRAY', 'OBJECT']);
const NO_TIMESTAMPS = new Set(['REAL', 'BOOLEAN', 'TIME', 'BINARY', 'ARRAY', 'OBJECT']);

/** Types of values, by the column's type, that only a cast brings there. */
const NOT_COERCIBLE: Readonly<Record<string, ReadonlySet<string>>> = {
  FIXED: NO_NUMBERS,
  REAL: NO_NUMBERS,
  BOOLEAN: new Set([...MOMENTS, 'BINARY', 'ARRAY', 'OBJECT']),
  TEXT: new Set(['BINARY', 'ARRAY', 'OBJECT']),
  DATE: new Set(['FIXED', 'REAL', 'BOOLEAN', 'TIME', 'BINARY', 'ARRAY', 'OBJECT']),
  TIME: new Set(['FIXED', 'REAL', 'BOOLEAN', 'DATE', 'BINARY', 'ARRAY', 'OBJECT']),
  TIMESTAMP_NTZ: NO_TIMESTAMPS,
  TIMESTAMP_LTZ: NO_TIMESTAMPS,
  TIMESTAMP_TZ: NO_TIMESTAMPS,
  VARIANT: new Set(['TEXT', ...MOMENTS, 'BINARY']),
  ARRAY: new Set(['FIXED', 'REAL', 'BOOLEAN', 'TEXT', ...MOMENTS, 'BINARY', 'OBJECT']),
  OBJECT: new Set(['FIXED', 'REAL', 'BOOLEAN', 'TEXT', ...MOMENTS, 'BINARY', 'ARRAY']),
};

/** A value on its way into a column: a text that does not fit is an error, not cut. */
export function storedValue(value: Typed, column: ColumnInfo): string {
  const { type } = column;
  if (type.name === 'TEXT') {
    const text = textOf(value);
    const fits = type.length >= 16_777_216 || (value.type.name === 'TEXT' && value.type.length <= type.length);
    return fits ? text : `_fn.fit_text(${text}, ${type.length})`;
  }
  return castTo(value, type).sql;
}

/** Whether the word DEFAULT stands for the value. */
export function isDefault(expr: Expr): boolean {
  return (
    expr.kind === 'column' && expr.parts.length === 1 && expr.parts[0]?.name === 'DEFAULT' && !expr.parts[0].quoted
  );
}

/** 002020 / 21S01: a row of values has another length than the list of columns. */
export function countMismatch(expected: number, got: number): LocalError {
  return new LocalError(
    '002020',
    '21S01',
    `SQL compilation error:\nInsert value list does not match column list expecting ${expected} but got ${got}`,
  );
}

/** Names that MERGE … BY NAME pairs. Throws 002023 for a column of one side that the other lacks. */
export function pairedByName(table: Table, sources: readonly Source[]): { target: ColumnInfo; source: string }[] {
  const columns = sources.flatMap((source) => (source.columns ?? []).map((column) => ({ source, column })));
  const pairs = writtenColumns(table).map((target) => {
    const found = columns.find(({ column }) => column.name === target.name);
    if (found === undefined) throw notInBoth(target.name);
    return { target, source: assignedValue(sourceColumn(found.source, found.column), target) };
  });
  const extra = columns.find(({ column }) => !table.columns.some(({ name }) => name === column.name));
  if (extra !== undefined) throw notInBoth(extra.column.name);
  return pairs;
}

function notInBoth(name: string): LocalError {
  return new LocalError(
    '002023',
    '42601',
    `SQL compilation error:\nALL BY NAME needs the same columns in source and target; '${name}' is in one of them only.`,
  );
}
