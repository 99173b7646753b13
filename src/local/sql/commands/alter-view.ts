import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { EXECUTED, type ResultTable } from '../../engine/result-table.js';
import { missing } from '../../engine/session-names.js';
import { alreadyExists } from '../../engine/snowflake-errors.js';
import { parseOptions } from './object-options.js';

const OPERATION = 'ALTER VIEW';

/** ALTER VIEW [IF EXISTS] name RENAME TO new | SET … | UNSET …. */
export const alterView: Command = async (cursor, context) => {
  cursor.expect('ALTER', 'VIEW');
  const ifExists = cursor.accept('IF', 'EXISTS');
  const name = cursor.name();
  const { names } = context;
  const place = names.writablePlace(name, OPERATION);
  if (names.findIn(place.schema, 'view', place.name) === undefined) {
    if (!ifExists) throw missing('View', place);
    return { statementTypeId: STATEMENT_TYPE.ddl, table: EXECUTED };
  }
  const renameTo = cursor.accept('RENAME', 'TO') ? cursor.name() : undefined;
  const secure = cursor.accept('SET', 'SECURE') ? true : cursor.accept('UNSET', 'SECURE') ? false : undefined;
  const set = cursor.accept('SET') ? parseOptions(cursor) : undefined;
  const unset = cursor.accept('UNSET') ? cursor.rest().text.toUpperCase() : undefined;
  if ([renameTo, secure, set, unset].every((part) => part === undefined)) throw cursor.error();
  cursor.expectEnd();
  const table = await context.change<ResultTable>({
    work: async (edit) => {
      const { entry } = names.view(name, OPERATION);
      const target = renameTo === undefined ? place : names.writablePlace(renameTo, OPERATION);
      if (renameTo !== undefined && names.catalog.findRelation(target.schema.id, target.name) !== undefined) {
        throw alreadyExists(target.name);
      }
      edit.put({
        ...entry,
        name: target.name,
        parent: target.schema.id,
        secure: secure ?? entry.secure,
        comment: set?.text('COMMENT') ?? (unset?.includes('COMMENT') ? '' : entry.comment),
      });
      return EXECUTED;
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};
