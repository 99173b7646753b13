import { ACCOUNT } from '../../engine/catalog/entries.js';
import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { EXECUTED, type ResultTable } from '../../engine/result-table.js';
import { alreadyExists, notFound } from '../../engine/snowflake-errors.js';
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
  if (renameTo === undefined && set === undefined) cursor.rest();
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
      if (set !== undefined) {
        const { COMMENT: comment = entry.comment, ...attributes } = set;
        edit.put({ ...entry, comment, attributes: { ...entry.attributes, ...attributes } });
      }
      return EXECUTED;
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};
