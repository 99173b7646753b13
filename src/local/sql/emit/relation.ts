import { LocalError } from '../../engine/local-error.js';
import type { FromItem, Ident } from '../grammar/ast.js';
import { quoteName } from '../lexer.js';
import type { Relation } from '../scope.js';
import { type Context, compilationError } from './context.js';
import { aliased, type EmittedFrom, type Named } from './from-source.js';
import type { Source } from './names.js';
import { emitView } from './view.js';

/** `FROM DUAL`: one row without columns, unless there is a table of that name. */
export function relationOrDual(item: FromItem & { kind: 'table' }, cx: Context): Relation {
  try {
    return relationAt(['DUAL'], item.start, cx);
  } catch (error) {
    if (!(error instanceof LocalError) || error.number !== '002003') throw error;
    return { kind: 'rows', sql: 'SELECT NULL AS "none"', columns: [] };
  }
}

/** Resolves a name, and places the error of an unknown one in the text. */
export function relationAt(names: readonly string[], offset: number, cx: Context, uses?: readonly string[]): Relation {
  return placed(offset, cx, () => cx.scope.relation(names, uses));
}

/** Runs the resolution of a name that stands at `offset`. */
export function placed<T>(offset: number, cx: Context, resolve: () => T): T {
  try {
    return resolve();
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

function withRowid(source: Source): Source {
  const taken = source.columns?.some((column) => column.name.toLowerCase() === 'rowid') ?? true;
  return taken ? source : { ...source, rowid: `${quoteName(source.alias)}.rowid` };
}

/** A table by its place in DuckDB, a view and a function's rows as a derived table. */
export function emitRelation(
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
        relation.past === undefined ? physicalName(relation) : `(${relation.past})`,
        relation.columns,
        relation.name.slice(0, 2),
        cx,
        before,
        relation.name[2],
      );
      return relation.past === undefined ? { ...table, sources: table.sources.map(withRowid) } : table;
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
