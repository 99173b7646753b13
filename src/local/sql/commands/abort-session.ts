import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { column } from '../../engine/result-table.js';
import type { ParsedStatement } from '../translation.js';

const SELECT_ABORT = /^select\s+system\$abort_session\s*\(/i;

/** SELECT SYSTEM$ABORT_SESSION(id): what the session runs ends, what it has open is rolled back, and its token is void. */
export function selectAbortSession(statement: ParsedStatement): Command | undefined {
  if (!SELECT_ABORT.test(statement.text)) return undefined;
  return async (cursor, context) => {
    cursor.expect('SELECT');
    const start = cursor.peek().start;
    cursor.expect('SYSTEM$ABORT_SESSION');
    cursor.expectSymbol('(');
    const id = cursor.peek().kind === 'string' ? cursor.stringLiteral() : String(cursor.number());
    cursor.expectSymbol(')');
    const end = cursor.tokens[cursor.index - 1]?.end ?? start;
    cursor.expectEnd();
    if (!(await context.abortSession(id)))
      throw new LocalError('002003', '02000', `Session '${id}' does not exist or not authorized.`);
    return {
      statementTypeId: STATEMENT_TYPE.select,
      table: {
        columns: [column(cursor.text.slice(start, end).toUpperCase())],
        rows: [[`session [${id}] terminated.`]],
      },
    };
  };
}
