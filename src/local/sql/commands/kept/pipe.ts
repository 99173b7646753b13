import type { KeptEntry } from '../../../engine/catalog/entries.js';
import type { CommandContext } from '../../../engine/command.js';
import { asOwner } from '../../../engine/grants/as-owner.js';
import { LocalError } from '../../../engine/local-error.js';
import { column, type ResultTable } from '../../../engine/result-table.js';
import { tokenize } from '../../lexer.js';
import { TokenCursor } from '../../token-cursor.js';

/** Throws 002003 for a pipe into a table that does not exist. */
export function assertPipe({ definition }: KeptEntry, context: CommandContext): void {
  const cursor = new TokenCursor(definition);
  cursor.expect('COPY', 'INTO');
  context.names.table(cursor.name(), 'CREATE PIPE');
}

/** ALTER PIPE … REFRESH [PREFIX = '…']: loads the staged files that the table does not have; one row for each. */
export async function refreshPipe(
  pipe: KeptEntry,
  prefix: string | undefined,
  context: CommandContext,
): Promise<ResultTable> {
  if (pipe.attributes.PIPE_EXECUTION_PAUSED?.toUpperCase() === 'TRUE') {
    throw new LocalError('090904', '55000', `Pipe ${pipe.name} is paused.`);
  }
  const { names, state } = context;
  names.assertMay('OPERATE', pipe);
  const home = state.context;
  const schema = names.catalog.get(pipe.parent);
  const database = schema === undefined ? undefined : names.catalog.get(schema.parent);
  state.context = { ...home, database: database?.name ?? '', schema: schema?.name ?? '' };
  try {
    const { table } = await asOwner(
      state,
      pipe.owner,
      async () => await context.runNested(loadOf(pipe.definition, prefix)),
    );
    const at = table.columns.findIndex(({ name }) => name === 'file');
    return {
      columns: [column('File'), column('Status')],
      rows: at < 0 ? [] : table.rows.map((row) => [row[at] ?? null, 'SENT']),
    };
  } finally {
    state.context = home;
  }
}

/** The pipe's COPY below a path of its stage. A pipe skips files with errors unless it says otherwise. */
function loadOf(definition: string, prefix: string | undefined): string {
  const tokens = tokenize(definition);
  const stage = tokens.find(({ kind }) => kind === 'stage');
  const located =
    prefix === undefined || stage === undefined
      ? definition
      : `${definition.slice(0, stage.end).replace(/\/$/, '')}/${prefix.replace(/^\//, '')}${definition.slice(stage.end)}`;
  const tells = tokens.some(({ kind, value }) => kind === 'word' && value === 'ON_ERROR');
  return tells ? located : `${located} ON_ERROR = SKIP_FILE`;
}
