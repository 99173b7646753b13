import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { EXECUTED, type ResultTable } from '../../engine/result-table.js';
import { assertWritable } from '../../engine/session-names.js';
import { alreadyExists } from '../../engine/snowflake-errors.js';
import { parseUnset, withoutProperties, withProperties } from './alter-properties.js';
import { parseOptions } from './object-options.js';

/** ALTER DATABASE [IF EXISTS] name RENAME TO new | SWAP WITH other | SET … | UNSET …. */
export const alterDatabase: Command = async (cursor, context) => {
  cursor.expect('ALTER', 'DATABASE');
  const ifExists = cursor.accept('IF', 'EXISTS');
  const [name = ''] = cursor.name();
  const { names, state } = context;
  if (ifExists && names.findDatabase(name) === undefined) {
    return { statementTypeId: STATEMENT_TYPE.ddl, table: EXECUTED };
  }
  assertWritable(names.database(name));
  const renameTo = cursor.accept('RENAME', 'TO') ? cursor.name()[0] : undefined;
  const swapWith = cursor.accept('SWAP', 'WITH') ? cursor.name()[0] : undefined;
  const set = cursor.accept('SET') ? parseOptions(cursor) : undefined;
  const unset = cursor.accept('UNSET') ? parseUnset(cursor) : undefined;
  if ([renameTo, swapWith, set, unset].every((part) => part === undefined)) throw cursor.error();
  cursor.expectEnd();
  const table = await context.change<ResultTable>({
    work: async (edit) => {
      const entry = names.database(name);
      if (renameTo !== undefined) {
        if (names.findDatabase(renameTo) !== undefined) throw alreadyExists(renameTo);
        edit.put({ ...entry, name: renameTo });
      }
      if (swapWith !== undefined) {
        const other = names.database(swapWith);
        assertWritable(other);
        edit.put({ ...entry, name: other.name });
        edit.put({ ...other, name: entry.name });
      }
      if (set !== undefined) edit.put(withProperties(entry, set));
      if (unset !== undefined) edit.put(withoutProperties(entry, unset));
      return EXECUTED;
    },
  });
  if (renameTo !== undefined && state.context.database === name)
    state.context = { ...state.context, database: renameTo };
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};
