import type { Command, CommandContext } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import type { LocalError } from '../../engine/local-error.js';
import { findTagged, tagKey, withTags } from '../../engine/object-tags.js';
import { EXECUTED, type ResultTable } from '../../engine/result-table.js';
import type { TokenCursor } from '../token-cursor.js';
import type { ParsedStatement } from '../translation.js';

/** Whether an ALTER sets or unsets tags. */
export function isTagging({ keywords, text }: ParsedStatement): boolean {
  return keywords[0] === 'ALTER' && keywords[1] !== 'TAG' && /\b(un)?set\s+tag\b/i.test(text);
}

/** ALTER kind [IF EXISTS] name [MODIFY COLUMN c] SET TAG tag = 'value', … | UNSET TAG tag, …. */
export const setTags: Command = async (cursor, context) => {
  cursor.expect('ALTER');
  const kind = cursor.next().value;
  const ifExists = cursor.accept('IF', 'EXISTS');
  const name = cursor.name();
  const column = cursor.acceptOneOf('MODIFY', 'ALTER') === undefined ? undefined : columnName(cursor);
  const changes = parseChanges(cursor, context);
  cursor.expectEnd();
  const table = await context.change<ResultTable>({
    work: async (edit) => {
      try {
        const [domain, path] = column === undefined ? [kind, name] : ['COLUMN', [...name, column]];
        edit.put(withTags(findTagged(domain, path, context.names), changes));
      } catch (error) {
        if (!ifExists || (error as LocalError).number !== '002003') throw error;
      }
      return EXECUTED;
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

function columnName(cursor: TokenCursor): string {
  cursor.accept('COLUMN');
  return cursor.identifier();
}

function parseChanges(cursor: TokenCursor, context: CommandContext): Record<string, string | undefined> {
  const unset = cursor.accept('UNSET', 'TAG');
  if (!unset) cursor.expect('SET', 'TAG');
  const changes: Record<string, string | undefined> = {};
  do {
    const tag = tagKey(cursor.name(), context.names);
    if (!unset) cursor.expectSymbol('=');
    changes[tag] = unset ? undefined : cursor.stringLiteral();
  } while (cursor.acceptSymbol(','));
  return changes;
}
