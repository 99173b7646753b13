import type { Relation } from '../sql/scope.js';
import type { ResultTable } from './result-table.js';
import { resultTableSql } from './result-table-sql.js';

/** Rows that are known already, as what a query reads from. */
export function rowsRelation(table: ResultTable): Relation {
  return { kind: 'rows', sql: resultTableSql(table), columns: table.columns };
}
