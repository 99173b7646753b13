import type { SnowflakeType } from '../engine/snowflake-type.js';

/** A name as Snowflake resolves it: unquoted parts are already upper case. One to three parts. */
export type NameParts = readonly string[];

export interface ColumnInfo {
  readonly name: string;
  readonly type: SnowflakeType;
  readonly nullable: boolean;
  /** Of a virtual column of a table: what its values are computed from. */
  readonly expression?: string;
}

/** Where images go of a table's rows before they are changed or deleted. */
export interface KeptImages {
  /** DuckDB's name of the table that takes them. */
  readonly into: string;
  /** A statement that changes more rows than this keeps none. */
  readonly most?: number;
  /** Whether a row is to be known again once it was updated. */
  readonly tracked: boolean;
}

/** What a name in a FROM clause (or the target of a DML statement) stands for. */
export type Relation =
  /** A table in DuckDB under its stable name; `temporary` ones live in DuckDB's `temp` database. */
  | {
      readonly kind: 'table';
      readonly id: number;
      readonly name: readonly [database: string, schema: string, table: string];
      readonly physical: { readonly schema: string; readonly table: string; readonly temporary: boolean };
      readonly columns: readonly ColumnInfo[];
      /** Absent where nobody changes the rows. */
      readonly images?: KeptImages;
      /** DuckDB SQL of its rows at a moment of the past, where those are asked for. */
      readonly past?: string;
      /** What a query reads in the table's place, where policies mask columns or hold rows back. */
      readonly read?: Relation & { readonly kind: 'view' };
      /** Which rows a statement may change, where a policy holds others back: an expression over the columns. */
      readonly visible?: { readonly text: string; readonly scope: NameScope };
    }
  /** A view: its own text, translated in its own context each time it is used, so that it follows renames and swaps. */
  | {
      readonly kind: 'view';
      readonly id: number;
      readonly name: readonly [database: string, schema: string, table: string];
      readonly text: string;
      readonly scope: NameScope;
      readonly columnNames: readonly string[];
    }
  /** Rows given as DuckDB SQL: INFORMATION_SCHEMA, RESULT_SCAN. */
  | {
      readonly kind: 'rows';
      readonly sql: string;
      readonly columns?: readonly ColumnInfo[];
      /** The stream that they are read from: a DML statement moves it on. */
      readonly stream?: number;
    };

/** A constant argument of a table function, by place or by name (`RESULT_LIMIT => 10`). */
export interface TableArgument {
  readonly name?: string;
  readonly value: string | number | null;
  /** A moment that is no constant, as a DuckDB TIMESTAMPTZ. */
  readonly sql?: string;
}

/** A function that somebody defined. */
export interface UserFunction {
  readonly id: number;
  /** As messages name it. */
  readonly name: string;
  readonly arguments: readonly { readonly name: string; readonly type: SnowflakeType; readonly default?: string }[];
  readonly returns: SnowflakeType;
  /** Of a table function: its columns. */
  readonly table?: readonly { readonly name: string; readonly type: SnowflakeType }[];
  readonly language: 'SQL' | 'JAVASCRIPT';
  readonly body: string;
  readonly strict: boolean;
  /** The names that its body sees. */
  readonly scope: NameScope;
}

/** Microseconds since the epoch. */
export interface PastMoment {
  readonly at: number;
}

/** A moment as AT and BEFORE give it. */
export interface GivenMoment {
  readonly by: 'TIMESTAMP' | 'OFFSET' | 'STATEMENT' | 'STREAM';
  /** Microseconds since the epoch, seconds from now, a query id, a stream's name. */
  readonly value: string;
  readonly before: boolean;
}

/** What translation needs to know of the session, and nothing more. */
export interface NameScope {
  /**
   * `uses`: the privileges that the statement needs; SELECT unless it changes the table. Throws `LocalError` 002003/42S02 (unknown
   * object), 003001/42501 (a privilege is not there), 090105 or 090106/22000 (no current database or schema).
   */
  relation(name: NameParts, uses?: readonly string[], at?: PastMoment): Relation;
  /** The moment that AT or BEFORE names. Throws `LocalError` 000709/02000 for a statement that is not known. */
  moment(given: GivenMoment): PastMoment;
  /** What changed in a table or view between two moments; up to now without `until`. Throws as `relation` does. */
  changes(name: NameParts, from: PastMoment, until: PastMoment | undefined, appendOnly: boolean): Relation;
  /** Table functions that need the session: `RESULT_SCAN('…')`, `INFORMATION_SCHEMA.QUERY_HISTORY()`; undefined when unknown. */
  tableFunction(name: NameParts, args: readonly TableArgument[]): Relation | undefined;
  /** DuckDB SQL text for a context function (`CURRENT_DATABASE`, `CURRENT_SESSION`, `LAST_QUERY_ID`, …); undefined when it is none. */
  contextFunction(name: string, args: readonly (string | number | null)[]): string | undefined;
  /** DuckDB literal of a session variable (`$NAME`). Throws `LocalError` 000904-like when it is not set. */
  variable(name: string): string;
  /** Value of a session parameter that changes meaning: TIMEZONE, WEEK_START, DATE_INPUT_FORMAT, … */
  parameter(name: string): string;
  /** The type of a bind's value; undefined while only DuckDB can tell. */
  bindType(name: string): SnowflakeType | undefined;
  /** The overloads of a user-defined function; none for a name that is not one. */
  functions(name: NameParts): readonly UserFunction[];
  /** The texts that a query of DuckDB gave, for PIVOT … IN (ANY) and moments; `binds` by name. Throws `ValuesNeeded` until they are known. */
  valuesOf(sql: string, binds?: readonly string[]): readonly string[];
  /** Sums and products of short numbers overflowed: the translation makes them long. */
  readonly wideNumbers: boolean;
  /** `NEXTVAL` of a sequence as DuckDB SQL. */
  sequence(name: NameParts): string;
}
