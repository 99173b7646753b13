import type { Context, EmittedQuery, Gathered } from './emit/context.js';
import { emitDelete, emitInsert, emitMerge, emitUpdate } from './emit/dml.js';
import { emitExpression } from './emit/expression.js';
import { emitMultiInsert } from './emit/multi-insert.js';
import type { OutColumn } from './emit/names.js';
import { withNumberWidth } from './emit/number-width.js';
import { emitQuery } from './emit/query.js';
import { withTextFormats } from './emit/text-formats.js';
import { momentAt } from './emit/time-travel.js';
import { isSnowflakeType, VARIANT } from './emit/typed.js';
import { emitCall } from './functions/registry.js';
import type { Query, Statement } from './grammar/ast.js';
import { parseExpressionText, parseQueryText, parseStatement, parseTimePointText } from './grammar/statements.js';
import { bindOnce } from './macros/install.js';
import type { ColumnInfo, NameScope, PastMoment } from './scope.js';
import type { ParsedStatement, TranslatedColumn, Translation } from './translation.js';

function contextFor(text: string, scope: NameScope): Context {
  const gathered: Gathered = { binds: [], reads: new Set(), writes: new Set(), aliases: 0, views: [] };
  return {
    text,
    scope,
    gathered,
    frame: undefined,
    ctes: new Map(),
    lambda: new Map(),
    query: emitQuery,
    expression: emitExpression,
    call: emitCall,
  };
}

/** What the session says about texts and numbers, for the time of a translation. */
function forSession<T>(scope: NameScope, work: () => T): T {
  return withNumberWidth(scope.wideNumbers, () => withTextFormats((name) => scope.parameter(name), work));
}

function finish(verb: Translation['verb'], sql: string, cx: Context, columns?: readonly OutColumn[]): Translation {
  const { binds, reads, writes } = cx.gathered;
  return {
    verb,
    sql,
    binds: [...binds],
    reads: [...reads],
    writes: [...writes],
    ...(columns === undefined ? {} : { columns: columns.map(shown) }),
  };
}

function shown(column: OutColumn): TranslatedColumn {
  if (column.type.name === 'VARIANT') return { name: column.name, type: VARIANT };
  return { name: column.name, type: isSnowflakeType(column.type) ? column.type : undefined };
}

/**
 * Translates SELECT, INSERT, UPDATE, DELETE and MERGE to DuckDB SQL. Throws `LocalError`: 001003 (syntax), 000904 (unknown
 * column), 002140 (unknown function), 000002 (not supported), and whatever the scope throws for unknown objects.
 * MERGE returns one row per changed row, whose `merge_action` is INSERT, UPDATE or DELETE.
 */
export function translateStatement(parsed: ParsedStatement, scope: NameScope): Translation {
  const { sql, parts, ...rest } = forSession(scope, () => translated(parsed, scope));
  return {
    ...rest,
    sql: bindOnce(sql),
    ...(parts !== undefined && { parts: parts.map((part) => ({ ...part, sql: bindOnce(part.sql) })) }),
  };
}

function translated(parsed: ParsedStatement, scope: NameScope): Translation {
  const statement = parsedTree(parsed.text, scope);
  const cx = contextFor(parsed.text, scope);
  switch (statement.kind) {
    case 'select':
      return finished(emitQuery(statement.query, cx, { outermost: true, shown: true }), cx);
    case 'insert': {
      const { sql, clear, images = [], aside } = emitInsert(statement, cx);
      const translation = finish('insert', sql, cx);
      if (clear === undefined) return translation;
      const named = (part: string): string => withAllBinds(part, cx, (bind) => `${part} WHERE ${bind} IS NULL OR TRUE`);
      const cleared = { sql: named(clear), counts: 'none' as const };
      return {
        ...translation,
        parts:
          aside === undefined
            ? [...images, cleared, { sql, counts: 'inserted' }]
            : [
                { sql: aside.set, counts: 'none' },
                ...images,
                cleared,
                { sql: named(sql), counts: 'inserted' },
                { sql: aside.forget, counts: 'no binds' },
              ],
      };
    }
    case 'multi-insert': {
      const { before, images, inserts, after } = emitMultiInsert(statement, cx);
      const [rows = '', ...clear] = before;
      const filtered = (sql: string): string => withAllBinds(sql, cx, (bind) => `${sql} AND (${bind} IS NULL OR TRUE)`);
      const where = (sql: string): string => withAllBinds(sql, cx, (bind) => `${sql} WHERE ${bind} IS NULL OR TRUE`);
      return {
        ...finish('insert', rows, cx),
        targets: inserts.map(({ target }) => target),
        parts: [
          { sql: where(rows), counts: 'none' },
          ...images,
          ...clear.map((sql) => ({ sql: where(sql), counts: 'none' as const })),
          ...inserts.map(({ sql }) => ({ sql: filtered(sql), counts: 'inserted' as const })),
          ...after.map((sql) => ({ sql, counts: 'no binds' as const })),
        ],
      };
    }
    case 'update':
      return updating(emitUpdate(statement, cx), cx);
    case 'delete': {
      const { sql, images } = emitDelete(statement, cx);
      const translation = finish('delete', sql, cx);
      return images.length === 0 ? translation : { ...translation, parts: [...images, { sql, counts: 'deleted' }] };
    }
    case 'merge': {
      const { sql, images, check } = emitMerge(statement, cx);
      const translation = finish('merge', sql, cx);
      if (check === undefined) return translation;
      const checked = withAllBinds(check, cx, (bind) => check.replace('SELECT ', `SELECT ${bind}, `));
      return {
        ...translation,
        parts: [{ sql: checked, counts: 'none' }, ...images, { sql, counts: 'by action' }],
      };
    }
  }
}

function updating({ sql, joined, images }: ReturnType<typeof emitUpdate>, cx: Context): Translation {
  const translation = finish('update', sql, cx);
  if (joined === undefined) {
    return images.length === 0 ? translation : { ...translation, parts: [...images, { sql, counts: 'updated' }] };
  }
  const counted = withAllBinds(joined, cx, (bind) => `${joined} WHERE ${bind} IS NULL OR TRUE`);
  return {
    ...translation,
    parts: [{ sql: counted, counts: 'by join' }, ...images, { sql, counts: 'none' }],
  };
}

/** Each part of a statement is given all binds, so each must name them. */
function withAllBinds(sql: string, cx: Context, naming: (list: string) => string): string {
  const { binds } = cx.gathered;
  return binds.length === 0 ? sql : naming(`row(${binds.map((_, i) => `$${i + 1}`).join(', ')})`);
}

function finished(query: EmittedQuery, cx: Context): Translation {
  return finish('select', query.sql, cx, query.columns);
}

/** Translates the text of a query alone: CREATE TABLE AS, CREATE VIEW, COPY. */
export function translateQueryText(text: string, scope: NameScope): Translation {
  const cx = contextFor(text, scope);
  const translation = forSession(scope, () => finished(emitQuery(queryTree(text, scope), cx, { outermost: true }), cx));
  return { ...translation, sql: bindOnce(translation.sql) };
}

/** The moment that `AT (…)` or `BEFORE (…)` names. */
export function translateMoment(text: string, scope: NameScope): PastMoment {
  const point = parseTimePointText(text, timestampTypeOf(scope));
  return forSession(scope, () => momentAt(point, contextFor(text, scope)));
}

/** Translates one expression (a default, a SET value); `columns` are the names it may use unqualified. */
export function translateExpression(text: string, scope: NameScope, columns: readonly ColumnInfo[] = []): string {
  const base = contextFor(text, scope);
  const frame = {
    sources: [{ name: undefined, path: [], alias: '', columns, merged: new Set<string>() }],
    shared: new Map(
      columns.map((column) => [
        column.name,
        { sql: `"${column.name.replaceAll('"', '""')}"`, type: column.type, exact: true },
      ]),
    ),
    alias: () => undefined,
    parent: undefined,
  };
  const cx: Context = columns.length === 0 ? base : { ...base, frame };
  return forSession(scope, () => emitExpression(parseExpressionText(text, timestampTypeOf(scope)), cx).sql);
}

const CACHE_SIZE = 500;
const trees = new Map<string, Statement | Query>();

/** Parsing depends on the text and on what TIMESTAMP means, so the last few hundred trees are kept. */
function cached<T extends Statement | Query>(
  kind: string,
  text: string,
  scope: NameScope,
  parse: (text: string, timestampType: string) => T,
): T {
  const timestampType = timestampTypeOf(scope);
  const key = `${kind}:${timestampType}:${text}`;
  const known = trees.get(key);
  if (known !== undefined) return known as T;
  const tree = parse(text, timestampType);
  if (trees.size >= CACHE_SIZE) trees.delete(trees.keys().next().value as string);
  if (text.length < 20_000) trees.set(key, tree);
  return tree;
}

function timestampTypeOf(scope: NameScope): string {
  return scope.parameter('TIMESTAMP_TYPE_MAPPING').toUpperCase() || 'TIMESTAMP_NTZ';
}

const parsedTree = (text: string, scope: NameScope): Statement => cached('s', text, scope, parseStatement);
const queryTree = (text: string, scope: NameScope): Query => cached('q', text, scope, parseQueryText);
