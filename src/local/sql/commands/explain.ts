import type { Command, CommandContext } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { column } from '../../engine/result-table.js';
import type { TextSlice } from '../token-cursor.js';
import { translateStatement } from '../translate.js';
import type { Translation } from '../translation.js';

/** EXPLAIN [USING TEXT | TABULAR | JSON] query: DuckDB's plan as text, one line a row. */
export const explain: Command = async (cursor, context) => {
  cursor.expect('EXPLAIN');
  if (cursor.accept('USING')) cursor.identifier();
  const { sql } = explained(cursor.rest(), context);
  const rows = await context.rows(`EXPLAIN ${sql}`);
  const lines = rows.flatMap((row) => String(row[1] ?? '').split('\n'));
  return {
    statementTypeId: STATEMENT_TYPE.explain,
    table: { columns: [column('content')], rows: lines.filter((line) => line !== '').map((line) => [line]) },
  };
};

function explained({ text, offset }: TextSlice, context: CommandContext): Translation {
  const changes = /^(insert|update|delete|merge)\b/i.test(text);
  if (!changes) return context.translateQuery(text, 'SELECT');
  return translateStatement({ text, offset, keywords: [] }, context.scope('EXPLAIN'));
}
