/** Classes of statements that a server may allow (`serve --allow read,dml,ddl`). */
export const STATEMENT_CLASSES = ['read', 'dml', 'ddl'] as const;
export type StatementClass = (typeof STATEMENT_CLASSES)[number];

export interface GuardedStatement {
  /** The leading keyword in upper case: `SELECT`, `SHOW`, `MERGE`, `CREATE`, … */
  readonly verb: string;
  /** The strongest of `requires`. */
  readonly class: StatementClass;
  /** Every class that has to be allowed: a procedure or an unknown system function may do anything, so it asks for all. */
  readonly requires: readonly StatementClass[];
  /** True when a repeated run could change the warehouse (everything but `read`). */
  readonly write: boolean;
  /** The statement changes the session (USE, ALTER SESSION, SET, UNSET). */
  readonly changesSession: boolean;
  /** What `ALTER SESSION SET | UNSET` does to the session's parameters, by upper-case name; `null` unsets. */
  readonly sessionParameters?: Readonly<Record<string, string | null>>;
  /** Leaves something behind in its connection (temporary objects, transactions, variables): needs a connection of its own. */
  readonly leavesState: boolean;
  /** Reads what an earlier statement left in the connection (`LAST_QUERY_ID()`): needs that same connection. */
  readonly needsState: boolean;
}

/** Statements that run code of others, which may change the session behind our back: their connection is not reused. */
export const VERBS_THAT_MAY_LEAVE_STATE: ReadonlySet<string> = new Set(['CALL', 'EXECUTE']);

/** Session parameters that break the rule "one statement, one transaction", so no shared connection may carry them. */
export const PINNED_PARAMETERS: ReadonlySet<string> = new Set(['AUTOCOMMIT']);
