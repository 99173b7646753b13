/** One operation of a plan as EXPLAIN gives it. */
export interface Operation {
  readonly id: number;
  readonly parent: number | undefined;
  readonly operation: string;
  /** Tables that it reads, by DuckDB's name. */
  readonly table: string | undefined;
  readonly expressions: readonly string[];
}

interface PlanNode {
  readonly name?: string;
  readonly children?: readonly PlanNode[];
  readonly extra_info?: Readonly<Record<string, unknown>>;
}

/** Snowflake's words for DuckDB's operators. */
const WORDS: Readonly<Record<string, string>> = {
  SEQ_SCAN: 'TableScan',
  INDEX_SCAN: 'TableScan',
  TABLE_SCAN: 'TableScan',
  FILTER: 'Filter',
  HASH_GROUP_BY: 'Aggregate',
  PERFECT_HASH_GROUP_BY: 'Aggregate',
  PARTITIONED_AGGREGATE: 'Aggregate',
  UNGROUPED_AGGREGATE: 'Aggregate',
  SIMPLE_AGGREGATE: 'Aggregate',
  CROSS_PRODUCT: 'CartesianJoin',
  NESTED_LOOP_JOIN: 'CartesianJoin',
  BLOCKWISE_NL_JOIN: 'CartesianJoin',
  ORDER_BY: 'Sort',
  TOP_N: 'SortWithLimit',
  LIMIT: 'Limit',
  STREAMING_LIMIT: 'Limit',
  LIMIT_PERCENT: 'Limit',
  WINDOW: 'WindowFunction',
  STREAMING_WINDOW: 'WindowFunction',
  UNION: 'UnionAll',
  UNNEST: 'Flatten',
  INOUT_FUNCTION: 'Flatten',
  COLUMN_DATA_SCAN: 'ValuesClause',
  EXPRESSION_SCAN: 'ValuesClause',
  DUMMY_SCAN: 'Generator',
  CTE: 'WithClause',
  CTE_SCAN: 'WithReference',
  RECURSIVE_CTE: 'UnionAll',
  INSERT: 'Insert',
  BATCH_INSERT: 'Insert',
  UPDATE: 'Update',
  DELETE_OPERATOR: 'Delete',
  DELETE: 'Delete',
  MERGE_INTO: 'Merge',
};

const JOINS: Readonly<Record<string, string>> = {
  INNER: 'InnerJoin',
  LEFT: 'LeftOuterJoin',
  RIGHT: 'RightOuterJoin',
  FULL: 'FullOuterJoin',
  OUTER: 'FullOuterJoin',
  SEMI: 'SemiJoin',
  ANTI: 'AntiJoin',
  RIGHT_SEMI: 'SemiJoin',
  RIGHT_ANTI: 'AntiJoin',
  MARK: 'SemiJoin',
  SINGLE: 'LeftOuterJoin',
};

/** The operations of DuckDB's plan, its own projections left out; the first is the result of what is explained. */
export function operationsOf(plan: string, root: string, expressions: readonly string[]): Operation[] {
  const operations: Operation[] = [{ id: 0, parent: undefined, operation: root, table: undefined, expressions }];
  const visit = (node: PlanNode, parent: number): void => {
    const word = wordOf(node);
    const same = word === undefined || (parent === 0 && word === root);
    const id = same ? parent : operations.length;
    if (!same) {
      const info = node.extra_info ?? {};
      const table = typeof info.Table === 'string' ? info.Table : undefined;
      operations.push({
        id,
        parent,
        operation: word,
        table,
        expressions: table === undefined ? [] : listOf(info.Projections),
      });
    }
    for (const child of node.children ?? []) visit(child, id);
  };
  for (const node of JSON.parse(plan) as PlanNode[]) visit(node, 0);
  return operations;
}

function wordOf({ name = '', extra_info: info }: PlanNode): string | undefined {
  const operator = name.trim();
  const join = String(info?.['Join Type'] ?? '');
  if (join !== '' && JOINS[join] !== undefined) return JOINS[join];
  return WORDS[operator];
}

function listOf(given: unknown): string[] {
  const list = Array.isArray(given) ? given.map(String) : typeof given === 'string' ? [given] : [];
  return list.filter((item) => item !== '');
}
