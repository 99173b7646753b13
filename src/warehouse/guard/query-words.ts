/** Words of queries and DML, by what they mean for whoever looks for the tables that a statement names. */

/** Words that end the list of tables after FROM; reserved, so that none of them can be an alias. */
export const ENDS_TABLES = new Set(['WHERE', 'HAVING', 'QUALIFY', 'SELECT']);
/** The same, but only before the second word: by itself it may be an alias. */
export const ENDS_TABLES_BEFORE: ReadonlyMap<string, readonly string[]> = new Map([
  ['GROUP', ['BY']],
  ['ORDER', ['BY']],
  ['START', ['WITH']],
  ['CONNECT', ['BY']],
  ['WHEN', ['MATCHED', 'NOT']],
]);
export const SET_OPERATORS = new Set(['UNION', 'INTERSECT', 'EXCEPT', 'MINUS']);

/** Words that can follow a table and are not its alias. Taking an alias for one of these does no harm: see `#scan`. */
export const AFTER_TABLE = new Set([
  ...ENDS_TABLES,
  ...ENDS_TABLES_BEFORE.keys(),
  ...SET_OPERATORS,
  ...['JOIN', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS', 'NATURAL', 'ASOF', 'OUTER', 'DIRECTED', 'ON', 'USING'],
  ...['LIMIT', 'OFFSET', 'FETCH', 'PIVOT', 'UNPIVOT', 'MATCH_RECOGNIZE', 'MATCH_CONDITION', 'SAMPLE', 'TABLESAMPLE'],
  ...['AT', 'BEFORE', 'CHANGES', 'WINDOW', 'SET', 'VALUES', 'INTO', 'FROM', 'WITH', 'TABLE', 'LATERAL'],
]);

/** Words that stand before a parenthesis without being a function. */
export const NO_FUNCTIONS = new Set([
  ...AFTER_TABLE,
  ...['AND', 'OR', 'NOT', 'IN', 'EXISTS', 'ANY', 'ALL', 'SOME', 'LIKE', 'ILIKE', 'RLIKE', 'REGEXP', 'BETWEEN', 'IS'],
  ...['CASE', 'WHEN', 'THEN', 'ELSE', 'END', 'AS', 'BY', 'DISTINCT', 'OVER', 'FILTER', 'WITHIN', 'GROUP', 'INSERT'],
  ...['PARTITION', 'RETURN', 'EXCLUDE', 'RENAME', 'REPLACE', 'CUBE', 'ROLLUP', 'SETS', 'RECURSIVE', 'UNIQUE', 'KEY'],
  ...[
    'CHECK',
    'DEFAULT',
    'IDENTITY',
    'AUTOINCREMENT',
    'INTERVAL',
    'SEED',
    'DEFINE',
    'MEASURES',
    'PATTERN',
    'TOP',
    'BERNOULLI',
    'SYSTEM',
    'BLOCK',
    'ROW',
  ],
]);

/** Words that mean what they say wherever they stand, so that no part of a name can be one. */
export const CLAUSE_WORDS = new Set([
  ...ENDS_TABLES,
  ...['FROM', 'JOIN', 'USING', 'INTO', 'WITH', 'TABLE', 'LATERAL', 'VALUES', 'UNION', 'INTERSECT', 'ON', 'SET'],
]);

/** First words of what stands in place of a subquery in some dialects and names a table without FROM. */
export const STATEMENTS_IN_PARENTHESES = new Set([
  ...['TABLE', 'PIVOT', 'UNPIVOT', 'DESCRIBE', 'DESC', 'SHOW', 'SUMMARIZE', 'PRAGMA', 'CALL', 'EXECUTE', 'EXPLAIN'],
  ...['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY', 'LIST'],
]);

/** `EXTRACT(YEAR FROM d)`: here FROM is no clause. */
export const FUNCTIONS_WITH_FROM = new Set(['EXTRACT', 'TRIM', 'SUBSTRING', 'OVERLAY']);
