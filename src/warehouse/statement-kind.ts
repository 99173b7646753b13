/** Classes of statements that a server may allow (`serve --allow read,dml,ddl`). */
export const STATEMENT_CLASSES = ['read', 'dml', 'ddl'] as const;
export type StatementClass = (typeof STATEMENT_CLASSES)[number];

export interface GuardedStatement {
  /** The leading keyword in upper case: `SELECT`, `SHOW`, `MERGE`, `CREATE`, … */
  readonly verb: string;
  readonly class: StatementClass;
  /** True when a repeated run could change the warehouse (everything but `read`). */
  readonly write: boolean;
  /** The statement changes the session (USE, ALTER SESSION, SET, UNSET). */
  readonly changesSession: boolean;
  /** Leaves something behind in its connection (temporary objects, transactions, variables): needs a connection of its own. */
  readonly leavesState: boolean;
}
