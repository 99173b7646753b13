import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { EXECUTED } from '../../engine/result-table.js';

const DONE = { statementTypeId: STATEMENT_TYPE.transaction, table: EXECUTED };

/** BEGIN [WORK | TRANSACTION] [NAME n], START TRANSACTION. A second BEGIN inside a transaction changes nothing, as in Snowflake. */
export const beginTransaction: Command = async (cursor, context) => {
  if (cursor.accept('START')) cursor.expect('TRANSACTION');
  else {
    cursor.expect('BEGIN');
    cursor.acceptOneOf('WORK', 'TRANSACTION');
  }
  const name = cursor.accept('NAME') ? cursor.identifier() : undefined;
  cursor.expectEnd();
  context.transaction.begin(name);
  return DONE;
};

/** COMMIT [WORK]; without a transaction it does nothing. */
export const commitTransaction: Command = async (cursor, context) => {
  cursor.expect('COMMIT');
  cursor.accept('WORK');
  cursor.expectEnd();
  await context.transaction.commit();
  return DONE;
};

/** ROLLBACK [WORK]; without a transaction it does nothing. */
export const rollbackTransaction: Command = async (cursor, context) => {
  cursor.expect('ROLLBACK');
  cursor.accept('WORK');
  cursor.expectEnd();
  await context.transaction.rollback();
  return DONE;
};
