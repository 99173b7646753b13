import type { CommandResult } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { quoteName } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { abortedBy, checkFile, errorTable, type LoadError } from './load-errors.js';
import { type ChosenFile, type LoadJob, planOf } from './load-job.js';

/** VALIDATION_MODE: the errors or the first rows of the files, none of them loaded. */
export async function validateLoad(job: LoadJob, files: readonly ChosenFile[]): Promise<CommandResult> {
  const { copy, entry, context } = job;
  const { validation } = copy;
  if (copy.query !== undefined) throw unsupported('VALIDATION_MODE with a transformation');
  const errors: LoadError[] = [];
  const selects: string[] = [];
  for (const { file } of files) {
    const plan = await planOf(job, file, true);
    const { errors: found } = await checkFile(plan, { file, shown: copy.location.shown, table: entry.name }, context);
    errors.push(
      ...(validation !== undefined && 'errors' in validation && validation.errors !== 'all'
        ? found.slice(0, 1)
        : found),
    );
    const cells = entry.columns.map(({ name }) => {
      const value = plan.values.find(({ target }) => target.name === name);
      return `${value?.lenient ?? 'NULL'} AS ${quoteName(name)}`;
    });
    selects.push(`SELECT ${cells.join(', ')} FROM (${plan.rows}) AS "src"`);
  }
  if (validation === undefined || 'errors' in validation) {
    return { statementTypeId: STATEMENT_TYPE.copy, table: errorTable(errors) };
  }
  const [first] = errors;
  if (first !== undefined) throw abortedBy(first);
  const table = await context.read(
    `SELECT * FROM (${selects.join(' UNION ALL ')}) AS "rows" LIMIT ${validation.rows}`,
    entry.columns,
  );
  return { statementTypeId: STATEMENT_TYPE.copy, table };
}
