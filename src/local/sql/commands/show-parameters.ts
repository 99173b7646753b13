import type { CommandContext } from '../../engine/command.js';
import { column, type ResultTable } from '../../engine/result-table.js';
import { parameterType } from '../../engine/session-parameters.js';
import type { TokenCursor } from '../token-cursor.js';
import { likePattern } from './like-pattern.js';

const COLUMNS = ['key', 'value', 'default', 'level', 'description', 'type'].map((name) => column(name));

/** SHOW PARAMETERS [LIKE '…'] [IN | FOR SESSION | ACCOUNT | …] [LIKE '…']: the session's, whatever the place. */
export function showParameters(cursor: TokenCursor, context: CommandContext): ResultTable {
  let like = likeClause(cursor);
  if (cursor.acceptOneOf('IN', 'FOR') !== undefined) {
    if (cursor.acceptOneOf('SESSION', 'ACCOUNT') === undefined) {
      cursor.identifier();
      cursor.name();
    }
    like ??= likeClause(cursor);
  }
  cursor.expectEnd();
  return {
    columns: COLUMNS,
    rows: context.state.parameters
      .describe()
      .filter(({ name }) => like?.test(name) ?? true)
      .map((parameter) => [
        parameter.name,
        String(parameter.value),
        String(parameter.default),
        parameter.level,
        parameter.description,
        parameterType(parameter.default),
      ]),
  };
}

function likeClause(cursor: TokenCursor): RegExp | undefined {
  return cursor.accept('LIKE') ? likePattern(cursor.stringLiteral()) : undefined;
}
