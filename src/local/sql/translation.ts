import type { SnowflakeType } from '../engine/snowflake-type.js';
import type { KeptImages } from './scope.js';

/** A column of a result. Its type is undefined where only DuckDB knows it (binds, rows given as DuckDB SQL). */
export interface TranslatedColumn {
  readonly name: string;
  readonly type: SnowflakeType | undefined;
}

/** Statements that DuckDB runs after translation; everything else is a command of our own. */
export type TranslatedVerb = 'select' | 'insert' | 'update' | 'delete' | 'merge';

export interface Translation {
  readonly verb: TranslatedVerb;
  /**
   * DuckDB SQL. For `select` its columns carry Snowflake's names (`COUNT(*)`, `FOO`, …). Binds are `$1`, `$2`, … in the
   * order of `binds`.
   */
  readonly sql: string;
  /** Bind names in order: `'1'`, `'2'`, … */
  readonly binds: readonly string[];
  /** Catalog ids of tables read and written (for locks, idempotency and result reuse). */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /** `select` only: the columns in order; undefined where a star stands for columns that only DuckDB knows. */
  readonly columns?: readonly TranslatedColumn[] | undefined;
  /**
   * MERGE and INSERT OVERWRITE only: statements run in order inside one transaction whose row counts give "number of rows inserted", "…
   * updated", "… deleted" where one DuckDB statement cannot tell them apart. `by action`: the statement returns a row of `merge_action`
   * (INSERT, UPDATE, DELETE) for each row it changed. Absent otherwise.
   */
  readonly parts?: readonly {
    readonly sql: string;
    readonly counts: 'inserted' | 'updated' | 'deleted' | 'by action' | 'by join' | 'images' | 'none' | 'no binds';
    /** Of `images`: the table whose rows it keeps images of, and where. */
    readonly images?: KeptImages & { readonly of: number };
  }[];
  /** Multi-table INSERT: the table of each part that inserts, in their order. */
  readonly targets?: readonly string[];
}

/** A statement cut out of a text, before anything is known of what it names. */
export interface ParsedStatement {
  /** The statement's own text, without its semicolon and surrounding blanks. */
  readonly text: string;
  /** Offset of `text` in what was sent, so that errors point into the caller's text. */
  readonly offset: number;
  /** Leading keywords in upper case, comments skipped: `['CREATE', 'OR', 'REPLACE', 'TABLE']` (at most six). */
  readonly keywords: readonly string[];
}
