import { LocalError } from '../../engine/local-error.js';
import type { CallExpr, Expr, Query } from '../grammar/ast.js';
import type { NameScope } from '../scope.js';
import { positionOf } from '../syntax-error.js';
import type { Frame, Hierarchy, OutColumn } from './names.js';
import type { Typed } from './typed.js';

export interface EmittedQuery {
  readonly sql: string;
  /** Undefined when a star stands for columns that only DuckDB knows. */
  readonly columns: readonly OutColumn[] | undefined;
}

/** What is gathered while one statement is translated, views included. */
export interface Gathered {
  readonly binds: string[];
  readonly reads: Set<number>;
  readonly writes: Set<number>;
  /** Counts the aliases made up here. */
  aliases: number;
  /** Views being expanded, to refuse one that names itself. */
  readonly views: number[];
}

export interface CommonTableEntry {
  readonly emitName: string;
  readonly columns: readonly OutColumn[] | undefined;
}

/** Where an expression or query stands: its text, its names, and the way back into the translation. */
export interface Context {
  readonly text: string;
  readonly scope: NameScope;
  readonly gathered: Gathered;
  readonly frame: Frame | undefined;
  readonly ctes: ReadonlyMap<string, CommonTableEntry>;
  /** What PRIOR, CONNECT_BY_ROOT and SYS_CONNECT_BY_PATH mean; undefined without CONNECT BY. */
  readonly hierarchy?: Hierarchy;
  /** In a common table that reads itself. */
  readonly recursive?: boolean;
  /** Names bound by a lambda. */
  readonly lambda: ReadonlyMap<string, Typed>;
  readonly query: (query: Query, cx: Context, options?: QueryOptions) => EmittedQuery;
  readonly expression: (expr: Expr, cx: Context) => Typed;
  readonly call: (call: CallExpr, cx: Context) => Typed;
  /** `expression` as it is for the rows of a group, where it differs: in the arguments of aggregates. */
  readonly ungrouped?: Context['expression'] | undefined;
}

export interface QueryOptions {
  /** Names for the columns, by position. */
  readonly columnNames?: readonly string[];
  /** Widen numbers so that a recursive part fits. */
  readonly widen?: boolean;
  /** The result is the statement's own: its names may repeat, and a bare NULL becomes a text. */
  readonly outermost?: boolean;
  /** The rows go to whoever asked, and not into a table: XML is shown as such. */
  readonly shown?: boolean;
}

/** An error in the meaning of a statement, placed at an offset of its text. */
export function compilationError(
  cx: Context,
  number: string,
  sqlState: string,
  message: string,
  offset: number,
): LocalError {
  const at = positionOf(cx.text, offset);
  return new LocalError(
    number,
    sqlState,
    `SQL compilation error: error line ${at.line} at position ${at.position}\n${message}`,
    at,
  );
}

export function freshAlias(cx: Context, stem: string): string {
  cx.gathered.aliases += 1;
  return `${stem}_${cx.gathered.aliases}`;
}
