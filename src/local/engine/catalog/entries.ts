import type { SnowflakeType } from '../snowflake-type.js';

/** `parent` of what belongs to the account itself: databases, warehouses, roles, users. */
export const ACCOUNT = 0;

interface EntryBase {
  /** Stable for the entry's life; names change, ids do not. */
  readonly id: number;
  /** Id of the schema or database that holds it, or `ACCOUNT`. */
  readonly parent: number;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Set when dropped: the name is free, the data can still come back by UNDROP. */
  readonly droppedAt?: number;
  readonly owner: string;
  readonly comment: string;
  /** Values of tags by the tags' ids. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Options that are shown and hold nothing back: `DATA_RETENTION_TIME_IN_DAYS`, `CHANGE_TRACKING`, … */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface DatabaseEntry extends EntryBase {
  readonly kind: 'database';
  readonly transient: boolean;
  /** Where a shared, read-only database comes from; empty for one's own. */
  readonly origin: string;
}

export interface SchemaEntry extends EntryBase {
  readonly kind: 'schema';
  readonly transient: boolean;
}

export interface ColumnEntry {
  readonly name: string;
  readonly type: SnowflakeType;
  readonly nullable: boolean;
  /** The default as it was written, in Snowflake's SQL. */
  readonly default?: string;
  readonly identity?: { readonly start: number; readonly increment: number; readonly ordered: boolean };
  /** Of a virtual column: what its values are computed from, in Snowflake's SQL; DuckDB's column of the name is empty. */
  readonly expression?: string;
  readonly comment?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** What readers see in its place, and the columns that the policy is told; the first is the column itself. */
  readonly masking?: PolicyUse;
}

/** A policy by its id, and the columns that its parameters take. */
export interface PolicyUse {
  readonly policy: number;
  readonly columns: readonly string[];
}

/** Accepted and shown, not enforced, as in Snowflake; NOT NULL alone is enforced and stands with the column. */
export interface ConstraintEntry {
  readonly kind: 'PRIMARY KEY' | 'UNIQUE' | 'FOREIGN KEY';
  readonly name: string;
  readonly columns: readonly string[];
  readonly references?: { readonly table: readonly string[]; readonly columns: readonly string[] };
  /** Whether the optimizer may count on it; nothing here does. */
  readonly rely?: boolean;
  /** What a foreign key says of changes to the row that it refers to: CASCADE, SET NULL, …; never done. */
  readonly onDelete?: string;
  readonly onUpdate?: string;
}

export interface TableEntry extends EntryBase {
  readonly kind: 'table';
  readonly durability: 'PERMANENT' | 'TRANSIENT' | 'TEMPORARY';
  /** Where DuckDB keeps the rows; a temporary one lives in the session's `temp` database. */
  readonly physical: { readonly schema: string; readonly table: string };
  readonly columns: readonly ColumnEntry[];
  readonly constraints: readonly ConstraintEntry[];
  /** `LINEAR(A, B)`, or empty. */
  readonly clusterBy: string;
  /**
   * Since when images of changed rows are kept, in milliseconds since the epoch; its rows then carry the stamps of the transactions that
   * wrote them. Absent for shared tables, which nobody changes.
   */
  readonly imagesSince?: number;
  /** Which rows readers see. */
  readonly rowAccess?: PolicyUse;
  /** Of a dynamic table: what it holds, and how it is kept up. */
  readonly dynamic?: DynamicTable;
}

/** A table that holds what a query gave when it was refreshed last. */
export interface DynamicTable {
  /** Resolved from the schema that holds the table. */
  readonly query: string;
  /** The whole CREATE statement. */
  readonly text: string;
  /** `1 minute`, `DOWNSTREAM`. */
  readonly targetLag: string;
  readonly warehouse: string;
  readonly refreshMode: string;
  readonly suspended: boolean;
  /** Milliseconds since the epoch. */
  readonly refreshedAt: number | null;
}

export interface ViewEntry extends EntryBase {
  readonly kind: 'view';
  /** The whole CREATE VIEW statement. */
  readonly text: string;
  /** The query after AS, resolved at each use from the schema that holds the view. */
  readonly query: string;
  readonly columns: readonly ColumnEntry[];
  readonly secure: boolean;
  readonly materialized: boolean;
  readonly temporary: boolean;
  /** Which rows readers see. */
  readonly rowAccess?: PolicyUse;
}

export interface SequenceEntry extends EntryBase {
  readonly kind: 'sequence';
  readonly start: number;
  readonly increment: number;
  readonly ordered: boolean;
  readonly physical: { readonly schema: string; readonly table: string };
}

export interface StageEntry extends EntryBase {
  readonly kind: 'stage';
  /** Of a stage outside; empty for one whose files lie here. */
  readonly url: string;
  readonly temporary: boolean;
  /** Options of its FILE_FORMAT, as written. */
  readonly format: Readonly<Record<string, readonly string[]>>;
  /** COPY options of loads from it that do not say otherwise, as written. */
  readonly copyOptions?: string;
  /** Whether it has a directory table. */
  readonly directory?: boolean;
}

export interface RoutineArgument {
  readonly name: string;
  readonly type: SnowflakeType;
  /** In Snowflake's SQL, as written. */
  readonly default?: string;
}

/** A user-defined function or a stored procedure. */
export interface RoutineEntry extends EntryBase {
  readonly kind: 'function' | 'procedure';
  /** The plain name; `name` is the signature, which tells overloads apart: `F(NUMBER, VARCHAR)`. */
  readonly routine: string;
  readonly arguments: readonly RoutineArgument[];
  readonly returns: SnowflakeType;
  /** Of one that returns a table: its columns, none where the procedure leaves them open. */
  readonly table?: readonly RoutineArgument[];
  readonly language: 'SQL' | 'JAVASCRIPT';
  readonly body: string;
  /** A NULL among the arguments makes the result NULL without a call. */
  readonly strict: boolean;
  readonly secure: boolean;
  readonly memoizable: boolean;
  /** `RETURNS … NOT NULL`; shown only. */
  readonly notNull: boolean;
  readonly volatility: 'VOLATILE' | 'IMMUTABLE' | '';
  readonly executeAs: 'OWNER' | 'CALLER';
}

/** Options of a named file format, as written. */
export interface FileFormatEntry extends EntryBase {
  readonly kind: 'file format';
  readonly temporary: boolean;
  readonly options: Readonly<Record<string, readonly string[]>>;
}

/** What has changed in a table since an offset that reading the stream in a DML statement moves on. */
export interface StreamEntry extends EntryBase {
  readonly kind: 'stream';
  readonly table: number;
  /** Names of the table's columns when the stream was made. */
  readonly columns: readonly string[];
  /** Inserted rows alone. */
  readonly appendOnly: boolean;
  /** The table's rows as they were at the offset. */
  readonly physical: { readonly schema: string; readonly table: string };
}

/** A privilege, or a role, that was granted; it holds nothing back. */
export interface GrantEntry extends EntryBase {
  readonly kind: 'grant';
  /** `SELECT`, `OWNERSHIP`, …; `USAGE` where a role is granted. */
  readonly privilege: string;
  readonly on:
    | { readonly type: 'ROLE'; readonly role: string }
    | { readonly type: 'ACCOUNT' }
    /** `type` as SHOW GRANTS gives it: `TABLE`, `FILE_FORMAT`, … */
    | { readonly type: string; readonly id: number }
    /** What is yet to be made in a database or schema. */
    | { readonly type: string; readonly future: number };
  readonly to: { readonly type: 'ROLE' | 'USER'; readonly name: string };
  readonly grantOption: boolean;
  readonly grantedBy: string;
}

/** Things that are created, listed and dropped, and that no query reads. */
export interface NamedEntry extends EntryBase {
  readonly kind: 'warehouse' | 'role' | 'user' | 'tag';
  readonly attributes: Readonly<Record<string, string>>;
}

/** Kinds that are created, shown, described and dropped; few of them do anything here. */
export type KeptKind =
  | 'aggregation policy'
  | 'alert'
  | 'api integration'
  | 'authentication policy'
  | 'catalog integration'
  | 'compute pool'
  | 'database role'
  | 'external access integration'
  | 'external volume'
  | 'git repository'
  | 'image repository'
  | 'masking policy'
  | 'network policy'
  | 'network rule'
  | 'notebook'
  | 'notification integration'
  | 'password policy'
  | 'pipe'
  | 'projection policy'
  | 'resource monitor'
  | 'row access policy'
  | 'secret'
  | 'security integration'
  | 'session policy'
  | 'share'
  | 'storage integration'
  | 'streamlit'
  | 'task';

/** An object of one of those kinds. */
export interface KeptEntry extends EntryBase {
  readonly kind: KeptKind;
  /** Its options as written, by upper-case key; no secret is among them. */
  readonly attributes: Readonly<Record<string, string>>;
  /** What it is about: a task's statement, a pipe's COPY, a policy's body; empty for the others. */
  readonly definition: string;
  /** A policy's parameters. */
  readonly arguments?: readonly RoutineArgument[];
  /** What a masking policy gives. */
  readonly returns?: SnowflakeType;
}

export type Entry =
  | KeptEntry
  | DatabaseEntry
  | SchemaEntry
  | TableEntry
  | ViewEntry
  | SequenceEntry
  | StageEntry
  | FileFormatEntry
  | RoutineEntry
  | StreamEntry
  | GrantEntry
  | NamedEntry;
export type EntryKind = Entry['kind'];
export type EntryOf<K extends EntryKind> = Entry & { readonly kind: K };

/** Kinds that share one set of names: a view cannot be called like a table beside it. */
export function nameSpace(kind: EntryKind): string {
  return kind === 'view' ? 'table' : kind;
}
