import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { EXECUTED } from '../../engine/result-table.js';
import type { ParameterValue } from '../../engine/session-parameters.js';
import { setTimeZone } from '../../engine/time-zone.js';
import type { TokenCursor } from '../token-cursor.js';

/** ALTER SESSION SET name = value [, …]; ALTER SESSION UNSET name [, …]. All of them, or none when one cannot be. */
export const alterSession: Command = async (cursor, context) => {
  const { parameters } = context.state;
  cursor.expect('ALTER', 'SESSION');
  if (cursor.accept('UNSET')) {
    const names: string[] = [];
    do names.push(cursor.identifier());
    while (cursor.acceptSymbol(','));
    cursor.expectEnd();
    parameters.unset(names);
  } else {
    cursor.expect('SET');
    const values: [string, ParameterValue][] = [];
    do {
      const name = cursor.identifier();
      cursor.expectSymbol('=');
      values.push([name, parameterValue(cursor)]);
      cursor.acceptSymbol(',');
    } while (!cursor.atEnd);
    parameters.set(values);
  }
  await setTimeZone(context.connection, parameters.text('TIMEZONE'));
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
