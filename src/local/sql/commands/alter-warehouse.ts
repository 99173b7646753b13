import { ACCOUNT } from '../../engine/catalog/entries.js';
import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { EXECUTED, type ResultTable } from '../../engine/result-table.js';
import { alreadyExists, notFound } from '../../engine/snowflake-errors.js';
import { parseUnset } from './alter-properties.js';
import { parseOptions } from './object-options.js';

/** ALTER WAREHOUSE [IF EXISTS] [name] SET … | RENAME TO new | SUSPEND | RESUME | ABORT ALL QUERIES. */
export const alterWarehouse: Command = async (cursor, context) => {
  cursor.expect('ALTER', 'WAREHOUSE');
  const ifExists = cursor.accept('IF', 'EXISTS');
  const named = !['SET', 'SUSPEND', 'RESUME', 'ABORT', 'UNSET'].some((word) => cursor.isKeyword(word));
  const name = named ? (cursor.name()[0] ?? '') : (context.state.context.warehouse ?? '');
  const { catalog } = context.names;
  const renameTo = cursor.accept('RENAME', 'TO') ? cursor.name()[0] : undefined;
  const set = cursor.accept('SET') ? parseOptions(cursor).entries() : undefined;
  const unset = cursor.accept('UNSET') ? parseUnset(cursor) : undefined;
  const turned = cursor.acceptOneOf('SUSPEND', 'RESUME');
  const careful = turned === 'RESUME' && cursor.accept('IF', 'SUSPENDED');
  if ([renameTo, set, unset, turned].every((part) => part === undefined)) cursor.expect('ABORT', 'ALL', 'QUERIES');
  cursor.expectEnd();
  const table = await context.change<ResultTable>({
    work: async (edit) => {
      const entry = catalog.find(ACCOUNT, 'warehouse', name);
      if (entry === undefined) {
        if (ifExists) return EXECUTED;
        throw notFound('Warehouse', [name]);
      }
      if (renameTo !== undefined) {
        if (catalog.find(ACCOUNT, 'warehouse', renameTo) !== undefined) throw alreadyExists(renameTo);
        edit.put({ ...entry, name: renameTo });
      }
      const suspended = entry.attributes.STATE === 'SUSPENDED';
      if (turned !== undefined && suspended === (turned === 'SUSPEND') && !careful) throw invalidState(name, turned);
      if (turned !== undefined) {
        const STATE = turned === 'SUSPEND' ? 'SUSPENDED' : 'STARTED';
        edit.put({ ...entry, attributes: { ...entry.attributes, STATE } });
      }
      if (unset !== undefined) {
        const kept = Object.entries(entry.attributes).filter(([key]) => !unset.includes(key));
        const comment = unset.includes('COMMENT') ? '' : entry.comment;
        edit.put({ ...entry, comment, attributes: Object.fromEntries(kept) });
      }
      if (set !== undefined) {
        const { COMMENT: comment = entry.comment, ...attributes } = set;
        edit.put({ ...entry, comment, attributes: { ...entry.attributes, ...attributes } });
      }
      return EXECUTED;
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

/** What a warehouse answers that is suspended, or runs, already. */
function invalidState(name: string, turned: string): LocalError {
  const [number, word] = turned === 'SUSPEND' ? ['090064', 'suspended'] : ['090063', 'resumed'];
  return new LocalError(number, '22000', `Invalid state. Warehouse '${name}' cannot be ${word}.`);
}
