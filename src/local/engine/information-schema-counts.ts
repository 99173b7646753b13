import { duckString } from '../sql/lexer.js';
import type { DatabaseEntry } from './catalog/entries.js';
import { physicalName } from './physical-table.js';
import type { ResultTable } from './result-table.js';
import { resultTableSql } from './result-table-sql.js';
import type { SessionNames } from './session-names.js';

/** DuckDB keeps no size per table; rows times this many bytes a column is the order of magnitude. */
const BYTES_A_CELL = 8;

/** INFORMATION_SCHEMA.TABLES as DuckDB SQL, with the tables' rows as they are when the query runs. */
export function withRowCounts(tables: ResultTable, database: DatabaseEntry, names: SessionNames): string {
  const counts = names.catalog.children(database.id, 'schema').flatMap((schema) =>
    names.objectsIn(schema, 'table').map((table) => {
      const bytes = `count(*) * ${table.columns.length * BYTES_A_CELL}`;
      return `SELECT ${duckString(schema.name)}, ${duckString(table.name)}, count(*), ${bytes} FROM ${physicalName(table)}`;
    }),
  );
  const rows = resultTableSql(tables);
  if (counts.length === 0) return rows;
  return (
    `SELECT t.* REPLACE (CAST(c.n AS DECIMAL(38, 0)) AS "ROW_COUNT", CAST(c.b AS DECIMAL(38, 0)) AS "BYTES") FROM (${rows}) AS t` +
    ` LEFT JOIN (${counts.join(' UNION ALL ')}) AS c(s, t, n, b) ON c.s = t."TABLE_SCHEMA" AND c.t = t."TABLE_NAME"`
  );
}
