import type { CommandContext, CommandResult } from '../../../engine/command.js';
import { STATEMENT_TYPE } from '../../../engine/command.js';
import { statusRow } from '../../../engine/result-table.js';
import type { TokenCursor } from '../../token-cursor.js';
import { findKept, keptName } from './find-kept.js';
import type { KeptSpecification } from './kept-specification.js';
import { assertUnused } from './policy-uses.js';

/** What follows the kind in DROP kind [IF EXISTS] name. */
export async function dropKept(
  specifications: readonly KeptSpecification[],
  cursor: TokenCursor,
  context: CommandContext,
): Promise<CommandResult> {
  const ifExists = cursor.accept('IF', 'EXISTS');
  const path = cursor.name();
  cursor.acceptOneOf('CASCADE', 'RESTRICT');
  cursor.expectEnd();
  const named = specifications.map((specification) => keptName(specification, path, context, 'DROP'));
  const table = await context.change({
    work: async (edit) => {
      const entry = named.map((at) => findKept(at, context)).find((found) => found !== undefined);
      const name = path.at(-1) ?? '';
      if (entry === undefined) {
        if (!ifExists) throw named[0]?.missing;
        return statusRow(`Drop statement executed successfully (${name} already dropped).`);
      }
      assertUnused(entry, context);
      edit.drop(entry, context.now);
      return statusRow(`${name} successfully dropped.`);
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
}
