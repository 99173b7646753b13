import { ACCOUNT } from '../../engine/catalog/entries.js';
import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { EXECUTED } from '../../engine/result-table.js';
import { INFORMATION_SCHEMA } from '../../engine/session-names.js';
import { cannotPerform, noCurrentDatabase, roleNotAssigned } from '../../engine/snowflake-errors.js';

/** USE DATABASE | SCHEMA | WAREHOUSE | ROLE | SECONDARY ROLES; USE a.b and USE a name a schema and a database. */
export const use: Command = async (cursor, context) => {
  const { names, state } = context;
  const useDatabase = (name: string): void => {
    const database = names.findDatabase(name);
    if (database === undefined) throw cannotPerform();
    const { schema: _left, ...rest } = state.context;
    const hasPublic = names.findSchema(database, 'PUBLIC') !== undefined;
    state.context = { ...rest, database: name, ...(hasPublic ? { schema: 'PUBLIC' } : {}) };
  };
  const useSchema = (path: readonly string[]): void => {
    const schemaName = path.at(-1) ?? '';
    const databaseName = path.length > 1 ? path[0] : state.context.database;
    if (databaseName === undefined) throw noCurrentDatabase('USE SCHEMA');
    const database = names.findDatabase(databaseName);
    const known =
      database !== undefined &&
      (schemaName === INFORMATION_SCHEMA || names.findSchema(database, schemaName) !== undefined);
    if (!known) throw cannotPerform();
    state.context = { ...state.context, database: database.name, schema: schemaName };
  };
  cursor.expect('USE');
  if (cursor.accept('SECONDARY', 'ROLES')) {
    const none = cursor.accept('NONE');
    if (!none) cursor.rest();
    state.rights = state.rights?.with({ secondary: !none });
  } else if (cursor.accept('DATABASE')) useDatabase(cursor.name()[0] ?? '');
  else if (cursor.accept('SCHEMA')) useSchema(cursor.name());
  else if (cursor.accept('WAREHOUSE')) {
    const [name = ''] = cursor.name();
    if (names.catalog.find(ACCOUNT, 'warehouse', name) === undefined) throw cannotPerform();
    state.context = { ...state.context, warehouse: name };
  } else if (cursor.accept('ROLE')) {
    const [name = ''] = cursor.name();
    if (names.catalog.find(ACCOUNT, 'role', name) === undefined) throw cannotPerform();
    if (state.rights?.available.has(name) === false) throw roleNotAssigned(name);
    state.rights = state.rights?.with({ role: name });
    state.context = { ...state.context, role: name };
  } else {
    const path = cursor.name();
    if (path.length > 1) useSchema(path);
    else useDatabase(path[0] ?? '');
  }
  cursor.expectEnd();
  return { statementTypeId: STATEMENT_TYPE.use, table: EXECUTED };
};
