import type { Command, CommandContext } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { column, NUMBER } from '../../engine/result-table.js';
import { md5Of, type StagedFile } from '../../engine/stages/stage-files.js';
import { parseLocation, type StageLocation } from '../../engine/stages/stage-location.js';
import type { TokenCursor } from '../token-cursor.js';

/** The files at a location, by the regular expression that their whole path in the stage matches. */
export async function filesAt(
  location: StageLocation,
  pattern: string | undefined,
  context: CommandContext,
): Promise<StagedFile[]> {
  const files = await context.stages.list(location.key, location.path);
  if (pattern === undefined) return files;
  const expression = wholeMatch(pattern);
  return files.filter(({ path }) => expression.test(path));
}

function wholeMatch(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`, 's');
  } catch {
    throw new LocalError('100048', '2201B', `Invalid regular expression: '${pattern}'`);
  }
}

/** LIST | LS @stage[/path] [PATTERN = '…']. */
export const listFiles: Command = async (cursor, context) => {
  const { location, files } = await named(cursor, context, 'LIST');
  const rows: string[][] = [];
  for (const file of files) {
    rows.push([
      `${location.shown}${file.path}`,
      String(file.bytes),
      await md5Of(file),
      new Date(file.modifiedAt).toUTCString(),
    ]);
  }
  const columns = [column('name'), column('size', NUMBER), column('md5'), column('last_modified')];
  return { statementTypeId: STATEMENT_TYPE.show, table: { columns, rows } };
};

/** REMOVE | RM @stage[/path] [PATTERN = '…']. */
export const removeFiles: Command = async (cursor, context) => {
  const { location, files } = await named(cursor, context, 'REMOVE');
  for (const file of files) await context.stages.removeFile(file);
  return {
    statementTypeId: STATEMENT_TYPE.show,
    table: {
      columns: [column('name'), column('result')],
      rows: files.map(({ path }) => [`${location.shown}${path}`, 'removed']),
    },
  };
};

async function named(
  cursor: TokenCursor,
  context: CommandContext,
  operation: string,
): Promise<{ location: StageLocation; files: StagedFile[] }> {
  cursor.next();
  const location = await parseLocation(cursor, context, operation, operation === 'REMOVE' ? 'WRITE' : 'READ');
  let pattern: string | undefined;
  if (cursor.accept('PATTERN')) {
    cursor.expectSymbol('=');
    pattern = cursor.stringLiteral();
  }
  cursor.expectEnd();
  return { location, files: await filesAt(location, pattern, context) };
}
