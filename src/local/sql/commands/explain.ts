import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { column } from '../../engine/result-table.js';

/** EXPLAIN [USING TEXT | TABULAR | JSON] query: DuckDB's plan as text, one line a row. */
export const explain: Command = async (cursor, context) => {
  cursor.expect('EXPLAIN');
  if (cursor.accept('USING')) cursor.identifier();
  const { sql } = context.translateQuery(cursor.rest().text, 'SELECT');
  const rows = await context.rows(`EXPLAIN ${sql}`);
  const lines = rows.flatMap((row) => String(row[1] ?? '').split('\n'));
  return {
    statementTypeId: STATEMENT_TYPE.explain,
    table: { columns: [column('content')], rows: lines.filter((line) => line !== '').map((line) => [line]) },
  };
};
