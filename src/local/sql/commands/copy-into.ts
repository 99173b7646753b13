import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { statusRow } from '../../engine/result-table.js';
import { assertWritable } from '../../engine/session-names.js';
import { StaleNames } from '../../engine/stale-names.js';
import { parseCopy } from './copy-statement.js';
import { copyToLocation } from './copy-to-location.js';
import { carefulInserts, quickInserts } from './load-inserts.js';
import { filesToLoad, type LoadJob } from './load-job.js';
import { runLoad } from './run-load.js';
import { validateLoad } from './validate-load.js';

const OPERATION = 'COPY';

/** COPY INTO a table FROM a stage, or INTO a stage FROM a table or query. */
export const copyInto: Command = async (cursor, context) => {
  const target = cursor.peek(2);
  return target.kind === 'stage' || target.kind === 'string'
    ? await copyToLocation(cursor, context)
    : await copyToTable(cursor, context);
};

/**
 * A file that the table was loaded from before is left out unless FORCE is set. With ON_ERROR = ABORT_STATEMENT DuckDB reads the
 * files itself, all of them or none; when that fails, and for all other modes, every row is looked at alone.
 */
const copyToTable: Command = async (cursor, context) => {
  const copy = await parseCopy(cursor, context);
  const resolvedAt = context.names.catalog.changes;
  const { entry, place } = context.names.table(copy.table, OPERATION);
  assertWritable(place.database);
  context.names.assertMay('INSERT', entry);
  const { stage } = copy.location;
  if (copy.purge && stage?.url === '') context.names.assertMay('WRITE', stage);
  const files = await filesToLoad(copy, entry, context);
  if (files.length === 0) {
    return { statementTypeId: STATEMENT_TYPE.copy, table: statusRow('Copy executed with 0 files processed.') };
  }
  const scratch = context.stages.scratch();
  const job: LoadJob = { copy, entry, resolvedAt, directory: scratch.directory, context };
  try {
    if (copy.validation !== undefined) return await validateLoad(job, files);
    if (copy.onError.action !== 'ABORT_STATEMENT') return await runLoad(job, await carefulInserts(job, files));
    try {
      return await runLoad(job, await quickInserts(job, files));
    } catch (error) {
      if (context.signal.aborted || error instanceof StaleNames) throw error;
      await context.transaction.mend();
      return await runLoad(job, await carefulInserts(job, files), error);
    }
  } finally {
    await context.stages.removeAll(scratch.key);
  }
};
