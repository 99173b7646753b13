import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { EXECUTED } from '../../engine/result-table.js';

/** GRANT and REVOKE are accepted and forgotten: whoever can log in locally may do everything. */
export const grant: Command = async (cursor) => {
  cursor.next();
  const { text } = cursor.rest();
  if (!/\b(to|from)\b/i.test(text)) throw cursor.error();
  return { statementTypeId: STATEMENT_TYPE.ddl, table: EXECUTED };
};
