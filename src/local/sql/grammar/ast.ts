import type { SnowflakeType } from '../../engine/snowflake-type.js';

/** Name of the column that stands for all in `ORDER BY ALL`; reserved, so no column of a table has it. */
export const ALL_COLUMNS = 'ALL';

/** Offsets in the statement's text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An identifier, upper case when it was not quoted. */
export interface Ident extends Span {
  readonly name: string;
  readonly quoted: boolean;
}

export interface Arg {
  /** `INPUT => …`: upper case. */
  readonly name?: string;
  readonly value: Expr;
}

export interface OrderItem {
  readonly expr: Expr;
  readonly descending: boolean;
  readonly nulls?: 'FIRST' | 'LAST';
}

export interface Window {
  readonly name?: string;
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly OrderItem[];
  readonly frame?: Frame;
}

export interface Frame {
  readonly unit: 'ROWS' | 'RANGE' | 'GROUPS';
  readonly from: FrameBound;
  readonly to?: FrameBound;
}

export interface FrameBound {
  readonly kind: 'UNBOUNDED PRECEDING' | 'UNBOUNDED FOLLOWING' | 'CURRENT ROW' | 'PRECEDING' | 'FOLLOWING';
  readonly offset?: Expr;
}

export interface CallExpr extends Span {
  readonly kind: 'call';
  /** One to three parts, upper case unless quoted. */
  readonly name: readonly string[];
  readonly args: readonly Arg[];
  readonly distinct?: boolean;
  readonly withinGroup?: readonly OrderItem[];
  readonly filter?: Expr;
  readonly nulls?: 'IGNORE' | 'RESPECT';
  /** NTH_VALUE counts from the end of the window. */
  readonly fromLast?: boolean;
  /** In MEASURES: over the match up to the row, or over the whole match. */
  readonly semantics?: 'RUNNING' | 'FINAL';
  readonly over?: Window;
}

export interface StarExpr extends Span {
  readonly kind: 'star';
  readonly qualifier: readonly Ident[];
  readonly ilike?: string;
  readonly exclude: readonly Ident[];
  readonly replace: readonly { readonly expr: Expr; readonly name: string }[];
  readonly rename: readonly { readonly from: string; readonly to: string }[];
}

export type PathStep = { readonly key: string } | { readonly index: Expr };

/** A type as written: `integer` keeps no arguments, NUMBER(p, s) is resolved with Snowflake's defaults. */
export type DataType = SnowflakeType;

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '||' | '=' | '<>' | '<' | '<=' | '>' | '>=' | 'AND' | 'OR';

export type Expr =
  | (Span & { readonly kind: 'number'; readonly text: string })
  | (Span & { readonly kind: 'string'; readonly value: string })
  | (Span & { readonly kind: 'binary-string'; readonly hex: string })
  | (Span & { readonly kind: 'boolean'; readonly value: boolean })
  | (Span & { readonly kind: 'null' })
  /** `outer`: marked with `(+)`. */
  | (Span & { readonly kind: 'column'; readonly parts: readonly Ident[]; readonly outer?: true })
  | (Span & { readonly kind: 'position'; readonly position: number; readonly qualifier?: Ident })
  | (Span & { readonly kind: 'variable'; readonly name: string })
  | (Span & { readonly kind: 'bind'; readonly name: string })
  | StarExpr
  | CallExpr
  | (Span & { readonly kind: 'negate' | 'not' | 'plus' | 'prior' | 'connect-by-root'; readonly arg: Expr })
  | (Span & { readonly kind: 'binary'; readonly op: BinaryOperator; readonly left: Expr; readonly right: Expr })
  | (Span & { readonly kind: 'cast'; readonly arg: Expr; readonly type: DataType; readonly try: boolean })
  | (Span & {
      readonly kind: 'case';
      readonly operand?: Expr;
      readonly whens: readonly { readonly when: Expr; readonly then: Expr }[];
      readonly otherwise?: Expr;
    })
  | (Span & {
      readonly kind: 'is';
      readonly arg: Expr;
      readonly not: boolean;
      readonly what: 'NULL' | 'TRUE' | 'FALSE';
    })
  | (Span & { readonly kind: 'distinct-from'; readonly left: Expr; readonly right: Expr; readonly not: boolean })
  | (Span & {
      readonly kind: 'between';
      readonly arg: Expr;
      readonly low: Expr;
      readonly high: Expr;
      readonly not: boolean;
    })
  | (Span & { readonly kind: 'in'; readonly arg: Expr; readonly list: readonly Expr[]; readonly not: boolean })
  | (Span & { readonly kind: 'in-query'; readonly arg: Expr; readonly query: Query; readonly not: boolean })
  | (Span & {
      readonly kind: 'like';
      readonly arg: Expr;
      readonly op: 'LIKE' | 'ILIKE' | 'RLIKE';
      readonly quantifier?: 'ANY' | 'ALL';
      readonly patterns: readonly Expr[];
      readonly escape?: Expr;
      readonly not: boolean;
    })
  | (Span & { readonly kind: 'exists'; readonly query: Query })
  | (Span & { readonly kind: 'scalar-query'; readonly query: Query })
  | (Span & {
      readonly kind: 'quantified';
      readonly left: Expr;
      readonly op: BinaryOperator;
      readonly quantifier: 'ANY' | 'ALL';
      readonly query: Query;
    })
  | (Span & { readonly kind: 'path'; readonly arg: Expr; readonly steps: readonly PathStep[] })
  | (Span & { readonly kind: 'array'; readonly items: readonly Expr[] })
  | (Span & { readonly kind: 'object'; readonly entries: readonly { readonly key: string; readonly value: Expr }[] })
  | (Span & { readonly kind: 'interval'; readonly text: string })
  | (Span & { readonly kind: 'tuple'; readonly items: readonly Expr[] })
  | (Span & { readonly kind: 'lambda'; readonly params: readonly Ident[]; readonly body: Expr });

export interface SelectItem extends Span {
  readonly expr: Expr;
  readonly alias?: string;
}

export type GroupBy = { readonly kind: 'all' } | { readonly kind: 'items'; readonly items: readonly GroupItem[] };

export type GroupItem =
  | { readonly kind: 'expr'; readonly expr: Expr }
  | { readonly kind: 'rollup' | 'cube'; readonly exprs: readonly Expr[] }
  | { readonly kind: 'sets'; readonly sets: readonly (readonly Expr[])[] };

export interface Select extends Span {
  readonly kind: 'select';
  readonly distinct: boolean;
  readonly top?: Expr;
  readonly items: readonly SelectItem[];
  readonly from?: FromItem;
  readonly where?: Expr;
  readonly startWith?: Expr;
  readonly connectBy?: Expr;
  readonly groupBy?: GroupBy;
  readonly having?: Expr;
  readonly qualify?: Expr;
}

export type SetOperator = 'UNION' | 'UNION ALL' | 'UNION BY NAME' | 'UNION ALL BY NAME' | 'INTERSECT' | 'EXCEPT';

export type QueryBody =
  | Select
  | (Span & { readonly kind: 'values'; readonly rows: readonly (readonly Expr[])[] })
  | (Span & { readonly kind: 'set'; readonly op: SetOperator; readonly left: QueryBody; readonly right: QueryBody })
  | (Span & { readonly kind: 'nested'; readonly query: Query });

export interface CommonTable {
  readonly name: Ident;
  readonly columns: readonly Ident[];
  readonly query: Query;
}

export interface Query extends Span {
  readonly recursive: boolean;
  readonly with: readonly CommonTable[];
  readonly body: QueryBody;
  readonly orderBy: readonly OrderItem[];
  readonly limit?: Expr;
  readonly offset?: Expr;
}

export interface Sample {
  readonly method?: 'BERNOULLI' | 'SYSTEM';
  readonly size: Expr;
  readonly rows: boolean;
  readonly seed?: Expr;
}

interface Aliased extends Span {
  readonly alias?: Ident;
  readonly columnAliases: readonly Ident[];
  readonly sample?: Sample;
}

export type JoinKind = 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS' | 'ASOF';

/** `AT (TIMESTAMP => …)`, `BEFORE (STATEMENT => …)` and their kin. */
export interface TimePoint extends Span {
  readonly by: 'TIMESTAMP' | 'OFFSET' | 'STATEMENT' | 'STREAM';
  readonly value: Expr;
  /** Right before the moment. */
  readonly before: boolean;
}

/** A table at a moment of the past, or what changed in it from then on. */
export interface TimeTravel {
  readonly at: TimePoint;
  readonly changes?: { readonly appendOnly: boolean; readonly until?: TimePoint };
}

export type FromItem =
  | (Aliased & { readonly kind: 'table'; readonly name: readonly Ident[]; readonly travel?: TimeTravel })
  | (Aliased & { readonly kind: 'derived'; readonly query: Query; readonly lateral: boolean })
  | (Aliased & { readonly kind: 'function'; readonly call: CallExpr })
  | (Span & {
      readonly kind: 'join';
      readonly join: JoinKind;
      readonly natural: boolean;
      readonly left: FromItem;
      readonly right: FromItem;
      readonly on?: Expr;
      readonly using?: readonly Ident[];
      readonly match?: Expr;
    })
  | (Aliased & {
      readonly kind: 'pivot';
      readonly source: FromItem;
      readonly aggregate: CallExpr;
      readonly column: Ident;
      readonly values: readonly { readonly value: Expr; readonly alias?: string }[] | 'ANY' | Query;
      /** `ANY ORDER BY …`. */
      readonly anyOrder?: readonly OrderItem[];
      readonly defaultOnNull?: Expr;
    })
  | (Aliased & {
      readonly kind: 'unpivot';
      readonly source: FromItem;
      readonly includeNulls: boolean;
      readonly value: Ident;
      readonly name: Ident;
      readonly columns: readonly { readonly name: Ident; readonly alias?: string }[];
    })
  | (Aliased & MatchRecognize & { readonly kind: 'match-recognize' })
  /** `a, b WHERE a.x = b.x(+)`: the items as written, and how they are joined one after the other. */
  | (Span & {
      readonly kind: 'outer-joins';
      readonly items: readonly FromItem[];
      readonly steps: readonly OuterJoinStep[];
    });

export interface OuterJoinStep {
  /** Which of the items comes next. */
  readonly item: number;
  /** Undefined: it is joined with everything. */
  readonly on?: Expr;
}

/** What PATTERN of MATCH_RECOGNIZE says of the rows of a match. */
export type RowPattern =
  | { readonly kind: 'symbol'; readonly name: Ident }
  /** `^` and `$`: before a partition's first row, behind its last. */
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice' | 'permute'; readonly items: readonly RowPattern[] }
  /** `{- … -}`: the rows are part of the match and not of the result. */
  | { readonly kind: 'exclusion'; readonly item: RowPattern }
  | {
      readonly kind: 'repeat';
      readonly item: RowPattern;
      readonly min: number;
      /** Undefined: without an end. */
      readonly max: number | undefined;
      /** As few as will do, not as many. */
      readonly reluctant: boolean;
    };

export interface MatchRecognize {
  readonly source: FromItem;
  readonly partitionBy: readonly SelectItem[];
  readonly orderBy: readonly OrderItem[];
  readonly measures: readonly { readonly expr: Expr; readonly name: string }[];
  readonly rows: 'one' | 'all' | 'all but empty' | 'all and unmatched';
  /** Where the next match may begin: behind this one, at its second row, or at a row of a symbol. */
  readonly skip: { readonly to: 'past' | 'next' } | { readonly to: 'first' | 'last'; readonly symbol: Ident };
  readonly pattern: RowPattern;
  readonly define: readonly { readonly symbol: Ident; readonly condition: Expr }[];
}

export interface Assignment {
  readonly column: Ident;
  readonly value: Expr;
}

export interface InsertStatement {
  readonly kind: 'insert';
  readonly overwrite: boolean;
  readonly target: readonly Ident[];
  readonly columns: readonly Ident[];
  readonly query: Query;
}

/** One target of a multi-table INSERT. */
export interface IntoClause {
  readonly target: readonly Ident[];
  readonly columns: readonly Ident[];
  readonly values?: readonly Expr[];
}

export interface MultiInsertStatement {
  readonly kind: 'multi-insert';
  readonly overwrite: boolean;
  /** A row goes to the first branch that takes it, not to all. */
  readonly first: boolean;
  /** Without a condition: every row, or, behind others, those that no other takes. */
  readonly branches: readonly { readonly when?: Expr; readonly into: readonly IntoClause[] }[];
  readonly query: Query;
}

export interface UpdateStatement {
  readonly kind: 'update';
  readonly target: readonly Ident[];
  readonly alias?: Ident;
  readonly set: readonly Assignment[];
  readonly from?: FromItem;
  readonly where?: Expr;
}

export interface DeleteStatement {
  readonly kind: 'delete';
  readonly target: readonly Ident[];
  readonly alias?: Ident;
  readonly using?: FromItem;
  readonly where?: Expr;
}

export type MergeClause =
  | { readonly matched: true; readonly condition?: Expr; readonly action: 'delete' }
  | { readonly matched: true; readonly condition?: Expr; readonly action: 'update by name' }
  | { readonly matched: false; readonly condition?: Expr; readonly action: 'insert by name' }
  | {
      readonly matched: true;
      readonly condition?: Expr;
      readonly action: 'update';
      readonly set: readonly Assignment[];
    }
  | {
      readonly matched: false;
      readonly condition?: Expr;
      readonly action: 'insert';
      readonly columns: readonly Ident[];
      readonly values: readonly Expr[];
    };

export interface MergeStatement {
  readonly kind: 'merge';
  readonly target: readonly Ident[];
  readonly alias?: Ident;
  readonly source: FromItem;
  readonly on: Expr;
  readonly clauses: readonly MergeClause[];
}

export interface QueryStatement {
  readonly kind: 'select';
  readonly query: Query;
}

export type Statement =
  | QueryStatement
  | InsertStatement
  | MultiInsertStatement
  | UpdateStatement
  | DeleteStatement
  | MergeStatement;
