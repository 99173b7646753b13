import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { physicalName } from '../../engine/physical-table.js';
import { EXECUTED, type ResultTable } from '../../engine/result-table.js';
import { missing } from '../../engine/session-names.js';
import { forgetLoadsSql } from '../../engine/stages/load-records.js';
import { StaleNames } from '../../engine/stale-names.js';
import { keepAllImages } from '../../engine/versions/kept-images.js';

/** TRUNCATE [TABLE] [IF EXISTS] name. It commits, as DDL does. */
export const truncate: Command = async (cursor, context) => {
  cursor.expect('TRUNCATE');
  cursor.accept('TABLE');
  const ifExists = cursor.accept('IF', 'EXISTS');
  const name = cursor.name();
  cursor.expectEnd();
  const place = context.names.writablePlace(name, 'TRUNCATE TABLE');
  const entry = context.names.findIn(place.schema, 'table', place.name);
  if (entry === undefined) {
    if (!ifExists) throw missing('Table', place);
    return { statementTypeId: STATEMENT_TYPE.ddl, table: EXECUTED };
  }
  context.names.assertMay('TRUNCATE', entry);
  const table = await context.change<ResultTable>({
    locks: [{ table: entry.id, mode: 'exclusive' }],
    work: async (_edit, run) => {
      const now = context.names.findIn(place.schema, 'table', place.name);
      if (now?.id !== entry.id) throw new StaleNames('another table has the name now');
      await keepAllImages(now, context.names.whole, run);
      await run(`DELETE FROM ${physicalName(now)}`);
      await run(forgetLoadsSql(now.id));
      return EXECUTED;
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};
