import type { CommandContext } from '../../engine/command.js';

import { LocalError } from '../../engine/local-error.js';
import { column, INSTANT, instantCell, NUMBER } from '../../engine/result-table.js';
import { resultTableSql } from '../../engine/result-table-sql.js';
import { md5Of } from '../../engine/stages/stage-files.js';
import type { StageLocation } from '../../engine/stages/stage-location.js';
import type { Relation } from '../scope.js';

const COLUMNS = [
  column('RELATIVE_PATH'),
  column('SIZE', NUMBER),
  column('LAST_MODIFIED', INSTANT),
  column('MD5'),
  column('ETAG'),
  column('FILE_URL'),
];

/** `DIRECTORY(@stage)`: the stage's files as they are now, whether it was refreshed or not. Throws where the stage has no directory table. */
export async function directoryTable(location: StageLocation, context: CommandContext): Promise<Relation> {
  const { stage } = location;
  if (stage?.directory !== true) {
    throw new LocalError(
      '002003',
      '02000',
      `SQL compilation error:\nStage '${stage?.name ?? location.shown}' has no directory table; ALTER STAGE … SET DIRECTORY = (ENABLE = TRUE) gives it one.`,
    );
  }
  const rows = [];
  for (const file of await context.stages.list(location.key, location.path)) {
    const md5 = await md5Of(file);
    const moment = instantCell(Math.round(file.modifiedAt));
    rows.push([file.path, String(file.bytes), moment, md5, md5, `file://${location.shown}${file.path}`]);
  }
  return { kind: 'rows', sql: resultTableSql({ columns: COLUMNS, rows }), columns: COLUMNS };
}
