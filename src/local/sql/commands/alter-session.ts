import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { EXECUTED } from '../../engine/result-table.js';
import type { ParameterValue } from '../../engine/session-parameters.js';
import { duckString } from '../lexer.js';
import type { TokenCursor } from '../token-cursor.js';

/** ALTER SESSION SET name = value [, …]; ALTER SESSION UNSET name [, …]. */
export const alterSession: Command = async (cursor, context) => {
  const { parameters } = context.state;
  cursor.expect('ALTER', 'SESSION');
  if (cursor.accept('UNSET')) {
    do parameters.unset(cursor.identifier());
    while (cursor.acceptSymbol(','));
    cursor.expectEnd();
  } else {
    cursor.expect('SET');
    while (!cursor.atEnd) {
      const name = cursor.identifier();
      cursor.expectSymbol('=');
      parameters.set(name, parameterValue(cursor));
      cursor.acceptSymbol(',');
    }
  }
  await context.connection.run(`SET TimeZone = ${duckString(parameters.text('TIMEZONE'))}`);
  if (parameters.get('AUTOCOMMIT') === true && context.transaction.open) await context.transaction.commit();
  return { statementTypeId: STATEMENT_TYPE.alterSession, table: EXECUTED };
};

function parameterValue(cursor: TokenCursor): ParameterValue {
  const string = cursor.stringIf();
  if (string !== undefined) return string;
  const token = cursor.peek();
  if (token.kind === 'number' || cursor.isSymbol('-')) return cursor.number();
  const word = cursor.identifier();
  return word === 'TRUE' ? true : word === 'FALSE' ? false : word;
}
