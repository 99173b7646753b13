import type { Ident } from '../grammar/ast.js';
import { quoteName } from '../lexer.js';
import { type Type, type Typed, UNKNOWN } from './typed.js';

export interface OutColumn {
  readonly name: string;
  readonly type: Type;
  /** The name in the DuckDB text, where it differs: a derived table's second column of the same name. */
  readonly duck?: string;
  /** What the name stands for where no column of DuckDB's holds it: a virtual column of the table that a statement changes. */
  readonly value?: Typed;
}

/** One item of a FROM clause under the name by which the query knows it. */
export interface Source {
  /** Exposed name; undefined for a derived table without one. */
  readonly name: string | undefined;
  /** Database and schema in front of the name, for tables without an alias. */
  readonly path: readonly string[];
  /** Alias in the DuckDB text. */
  readonly alias: string;
  /** Undefined when only DuckDB knows them. */
  readonly columns: readonly OutColumn[] | undefined;
  /** GENERATOR's row number, which SEQ4 and its kin give out. */
  readonly row?: string;
  /** A table's row number in DuckDB, which tells its rows apart. */
  readonly rowid?: string;
  /** Columns that USING or NATURAL merged into the left side's. */
  readonly merged: ReadonlySet<string>;
}

/** The names of one SELECT. */
export interface Frame {
  readonly sources: readonly Source[];
  /** Columns merged by USING: their value for the whole join. */
  readonly shared: ReadonlyMap<string, Typed>;
  /** Aliases of the select list, for lateral references; a function because each is translated when first used. */
  readonly alias: (name: string) => Typed | undefined;
  readonly parent: Frame | undefined;
}

/** How CONNECT BY is seen from the select list: the parent's and the root's row, and the paths asked for. */
export interface Hierarchy {
  readonly prior: Frame;
  readonly root: Frame;
  /** SYS_CONNECT_BY_PATH by where it stands in the text. */
  readonly paths: ReadonlyMap<number, string>;
}

export type Lookup = { readonly found: Typed } | { readonly missing: true } | { readonly ambiguous: true };

export function columnOf(source: Source, column: OutColumn): Typed {
  if (column.value !== undefined) return column.value;
  return { sql: `${quoteName(source.alias)}.${quoteName(column.duck ?? column.name)}`, type: column.type, exact: true };
}

/** Finds a column by its parts, innermost SELECT first. Source columns win over aliases of the select list. */
export function lookUp(frame: Frame | undefined, parts: readonly Ident[]): Lookup {
  const names = parts.map((part) => part.name);
  const column = names[names.length - 1] as string;
  const qualifier = names.slice(0, -1);
  for (let at = frame; at !== undefined; at = at.parent) {
    const result = qualifier.length === 0 ? findPlain(at, column) : findQualified(at, qualifier, column);
    if (result !== undefined) return result;
  }
  return { missing: true };
}

function findPlain(frame: Frame, column: string): Lookup | undefined {
  const shared = frame.shared.get(column);
  if (shared !== undefined) return { found: shared };
  const hits: Typed[] = [];
  for (const source of frame.sources) {
    if (source.merged.has(column)) continue;
    for (const known of source.columns ?? []) if (known.name === column) hits.push(columnOf(source, known));
  }
  if (hits.length > 1) return { ambiguous: true };
  const [hit] = hits;
  if (hit !== undefined) return { found: hit };
  const alias = frame.alias(column);
  if (alias !== undefined) return { found: alias };
  const opaque = frame.sources.filter((source) => source.columns === undefined);
  const [only] = opaque;
  if (only === undefined) return undefined;
  const sql = opaque.length === 1 ? `${quoteName(only.alias)}.${quoteName(column)}` : quoteName(column);
  return { found: { sql, type: UNKNOWN } };
}

function findQualified(frame: Frame, qualifier: readonly string[], column: string): Lookup | undefined {
  const matches = frame.sources.filter((source) => matchesQualifier(source, qualifier));
  for (const source of matches) {
    if (source.columns === undefined)
      return { found: { sql: `${quoteName(source.alias)}.${quoteName(column)}`, type: UNKNOWN } };
    const [known, other] = source.columns.filter((c) => c.name === column);
    if (other !== undefined) return { ambiguous: true };
    if (known !== undefined) return { found: columnOf(source, known) };
  }
  return matches.length > 0 ? { missing: true } : undefined;
}

export function matchesQualifier(source: Source, qualifier: readonly string[]): boolean {
  if (source.name !== qualifier[qualifier.length - 1]) return false;
  const path = qualifier.slice(0, -1);
  if (path.length === 0) return true;
  return path.every((part, i) => part === source.path[source.path.length - path.length + i]);
}
