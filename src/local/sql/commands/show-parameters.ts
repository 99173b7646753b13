import type { CommandContext } from '../../engine/command.js';
import { column, type ResultTable } from '../../engine/result-table.js';
import { parameterType } from '../../engine/session-parameters.js';
import type { TokenCursor } from '../token-cursor.js';
import { likePattern } from './like-pattern.js';
import { objectParameters } from './object-parameters.js';

const COLUMNS = ['key', 'value', 'default', 'level', 'description', 'type'].map((name) => column(name));

/** SHOW PARAMETERS [LIKE '…'] [IN | FOR SESSION | ACCOUNT | USER … | kind name] [LIKE '…']: an object's own, else the session's. */
export function showParameters(cursor: TokenCursor, context: CommandContext): ResultTable {
  let like = likeClause(cursor);
  if (cursor.acceptOneOf('IN', 'FOR') !== undefined) {
    const parameters = objectParameters(cursor, context);
    if (parameters !== undefined) {
      like ??= likeClause(cursor);
      cursor.expectEnd();
      return {
        columns: COLUMNS,
        rows: parameters
          .filter(({ name }) => like?.test(name) ?? true)
          .map(({ name, value, default: standard, level, description, type }) => [
            name,
            value,
            standard,
            level,
            description,
            type,
          ]),
      };
    }
    if (cursor.acceptOneOf('SESSION', 'ACCOUNT') === undefined) {
      cursor.identifier();
      if (!cursor.atEnd && !cursor.isKeyword('LIKE')) cursor.name();
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
