import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import type { LocalError } from '../../engine/local-error.js';
import { EXECUTED, type ResultTable } from '../../engine/result-table.js';
import { assertWritable } from '../../engine/session-names.js';
import { alreadyExists } from '../../engine/snowflake-errors.js';
import { parseUnset, withoutProperties, withProperties } from './alter-properties.js';
import { parseOptions } from './object-options.js';

const OPERATION = 'ALTER SCHEMA';

/** ALTER SCHEMA [IF EXISTS] name RENAME TO new | SWAP WITH other | SET … | UNSET … | ENABLE/DISABLE MANAGED ACCESS. */
export const alterSchema: Command = async (cursor, context) => {
  cursor.expect('ALTER', 'SCHEMA');
  const ifExists = cursor.accept('IF', 'EXISTS');
  const name = cursor.name();
  const { names, state } = context;
  try {
    assertWritable(names.schema(name, OPERATION).database);
  } catch (error) {
    if (!ifExists || (error as LocalError).number !== '002003') throw error;
    return { statementTypeId: STATEMENT_TYPE.ddl, table: EXECUTED };
  }
  const renameTo = cursor.accept('RENAME', 'TO') ? cursor.name() : undefined;
  const swapWith = cursor.accept('SWAP', 'WITH') ? cursor.name() : undefined;
  const set = cursor.accept('SET') ? parseOptions(cursor) : undefined;
  const unset = cursor.accept('UNSET') ? parseUnset(cursor) : undefined;
  const switched = cursor.acceptOneOf('ENABLE', 'DISABLE');
  if (switched !== undefined) cursor.expect('MANAGED', 'ACCESS');
  if ([renameTo, swapWith, set, unset, switched].every((part) => part === undefined)) throw cursor.error();
  cursor.expectEnd();
  const before = names.schema(name, OPERATION);
  const table = await context.change<ResultTable>({
    work: async (edit) => {
      const { schema: entry, database } = names.schema(name, OPERATION);
      if (renameTo !== undefined) {
        const parent = renameTo.length > 1 ? names.database(renameTo[0] ?? '') : database;
        const newName = renameTo.at(-1) ?? '';
        if (names.findSchema(parent, newName) !== undefined) throw alreadyExists(newName);
        edit.put({ ...entry, parent: parent.id, name: newName });
      }
      if (swapWith !== undefined) {
        const other = names.schema(swapWith, OPERATION).schema;
        edit.put({ ...entry, name: other.name, parent: other.parent });
        edit.put({ ...other, name: entry.name, parent: entry.parent });
      }
      if (set !== undefined) edit.put(withProperties(entry, set));
      if (unset !== undefined) edit.put(withoutProperties(entry, unset));
      if (switched !== undefined) {
        edit.put({
          ...entry,
          properties: { ...entry.properties, MANAGED_ACCESS: String(switched === 'ENABLE').toUpperCase() },
        });
      }
      return EXECUTED;
    },
  });
  const wasCurrent = state.context.database === before.database.name && state.context.schema === before.schema.name;
  if (renameTo !== undefined && wasCurrent) state.context = { ...state.context, schema: renameTo.at(-1) ?? '' };
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};
