import type { DuckDBConnection } from '@duckdb/node-api';
import type { NameScope, PastMoment } from '../sql/scope.js';
import type { TokenCursor } from '../sql/token-cursor.js';
import type { ParsedStatement, Translation } from '../sql/translation.js';
import type { CatalogEdit } from './catalog/catalog.js';
import type { Entry, TableEntry } from './catalog/entries.js';
import type { FileTransfer, StatementInput, WireColumn } from './engine.js';
import type { ResultTable } from './result-table.js';
import type { SessionNames } from './session-names.js';
import type { SessionState } from './session-state.js';
import type { SnowflakeType } from './snowflake-type.js';
import type { StageFiles } from './stages/stage-files.js';
import type { LockRequest } from './table-locks.js';
import type { SessionTransaction } from './transaction.js';

/** Snowflake's statementTypeId, by what a statement does. */
export const STATEMENT_TYPE = {
  select: 0x1000,
  explain: 0x1000,
  insert: 0x3100,
  update: 0x3200,
  delete: 0x3300,
  merge: 0x3400,
  multiInsert: 0x3500,
  copy: 0x3600,
  set: 0x4100,
  alterSession: 0x4200,
  use: 0x4300,
  show: 0x4400,
  describe: 0x4500,
  transaction: 0x5000,
  ddl: 0x6000,
  call: 0x7000,
  transfer: 0x7100,
  multi: 0xa000,
} as const;

export interface CommandResult {
  readonly statementTypeId: number;
  readonly table: ResultTable;
  /** PUT and GET: what the driver is to copy. */
  readonly transfer?: FileTransfer;
}

/** A change of the catalog and of what lies under it, in one DuckDB transaction of its own. */
export interface CatalogChange<T> {
  /** Taken before anything else, until the change is committed. */
  readonly locks?: readonly LockRequest[];
  /** Long physical work (CREATE TABLE … AS SELECT) that needs no exclusive hold of the catalog. */
  readonly before?: (run: RunSql) => Promise<void>;
  /** Alone in the catalog: looks names up, does the physical work, fills the edit, and answers. */
  work(edit: CatalogEdit, run: RunSql): Promise<T>;
}

/** Runs DuckDB SQL in the open transaction; answers the number of rows changed. */
export type RunSql = (sql: string) => Promise<number>;

/** What a statement gave that another statement ran. */
export interface NestedResult {
  readonly queryId: string;
  readonly statementTypeId: number;
  readonly table: ResultTable;
  /** Rows inserted, updated and deleted together; undefined for a statement that is no DML. */
  readonly changed?: number;
}

/** What a command may use of the session it runs in. */
export interface CommandContext {
  readonly names: SessionNames;
  readonly state: SessionState;
  readonly transaction: SessionTransaction;
  readonly connection: DuckDBConnection;
  readonly statement: ParsedStatement;
  readonly input: StatementInput;
  /** When the statement began, in milliseconds since the epoch. */
  readonly now: number;
  readonly signal: AbortSignal;
  scope(operation: string): NameScope;
  /** DuckDB SQL of a table's rows at a moment of the past. Throws 000707/02000. */
  rowsAt(table: TableEntry, at: PastMoment): string;
  /** Commits an open transaction first, as DDL does in Snowflake. Temporary entries go to the session's own catalog. */
  change<T>(change: CatalogChange<T>): Promise<T>;
  /** Small reads of the engine's own: counts, plans. */
  rows(sql: string): Promise<unknown[][]>;
  /** A query of the caller's, translated; where it stands in the statement, if it does, makes its errors tell the right place. */
  translateQuery(text: string, operation: string, offset?: number): Translation;
  /** An expression of the caller's as DuckDB SQL. */
  translateExpression(text: string, operation: string): string;
  /** Columns of a translated query, nothing runs. */
  describe(query: Translation): Promise<readonly WireColumn[]>;
  /** The files of stages. */
  readonly stages: StageFiles;
  /** Writes what the request answers, in the open DuckDB transaction. */
  record(result: CommandResult): Promise<void>;
  /** Keeps it in memory, once that transaction is committed. */
  remember(result: CommandResult): void;
  /** Ends another session, or this one after its statement. False when there is none with this id. */
  abortSession(id: string): Promise<boolean>;
  /** An id that no entry has had. */
  newId(): number;
  /**
   * Runs another statement in the session, to its end, under a query id of its own (EXECUTE IMMEDIATE, scripts). After an error
   * the open transaction is as it was before that statement. Throws `LocalError`.
   */
  runNested(text: string, binds?: StatementInput['binds']): Promise<NestedResult>;
  /** The rows of DuckDB SQL, its columns of those types. */
  read(sql: string, types: readonly { readonly type: SnowflakeType }[]): Promise<ResultTable>;
  /** The rows of a query of the caller's, which is no statement of its own. Throws `LocalError`. */
  evaluate(query: string, binds?: StatementInput['binds']): Promise<ResultTable>;
}

/** Parses the statement and does it. */
export type Command = (cursor: TokenCursor, context: CommandContext) => Promise<CommandResult>;

export function isTemporary(entry: Entry): boolean {
  return (
    (entry.kind === 'table' && entry.durability === 'TEMPORARY') ||
    ((entry.kind === 'view' || entry.kind === 'stage' || entry.kind === 'file format') && entry.temporary === true)
  );
}
