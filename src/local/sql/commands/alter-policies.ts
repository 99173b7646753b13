import type { TableEntry, ViewEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { invalidIdentifier } from '../../engine/snowflake-errors.js';
import type { TokenCursor } from '../token-cursor.js';
import { attached, findPolicy, parseMasking, parseRowAccess, unmasked } from './attachments.js';

/** What an ALTER TABLE or ALTER VIEW does about a policy. */
export type PolicyChange = <E extends TableEntry | ViewEntry>(entry: E, context: CommandContext) => E;

/** `ADD ROW ACCESS POLICY p ON (…)`, `DROP ROW ACCESS POLICY p [, ADD …]`, `DROP ALL ROW ACCESS POLICIES`; undefined for anything else. */
export function parseRowAccessChange(cursor: TokenCursor): PolicyChange | undefined {
  if (cursor.accept('ADD', 'ROW', 'ACCESS', 'POLICY')) {
    const policy = parseRowAccess(cursor);
    return (entry, context) => attached(entry, [policy], context);
  }
  if (cursor.accept('DROP', 'ALL', 'ROW', 'ACCESS', 'POLICIES')) return (entry) => withoutRowAccess(entry);
  if (!cursor.accept('DROP', 'ROW', 'ACCESS', 'POLICY')) return undefined;
  const name = cursor.name();
  const next = cursor.acceptSymbol(',') ? parseRowAccessChange(cursor) : undefined;
  return (entry, context) => {
    findPolicy('row access policy', name, context);
    const without = withoutRowAccess(entry);
    return next === undefined ? without : next(without, context);
  };
}

function withoutRowAccess<E extends TableEntry | ViewEntry>({ rowAccess: _gone, ...entry }: E): E {
  return entry as unknown as E;
}

/** `SET MASKING POLICY p [USING (…)] [FORCE]` and `UNSET MASKING POLICY`, behind a column's name; undefined for anything else. */
export function parseMaskingChange(cursor: TokenCursor, column: string): PolicyChange | undefined {
  if (cursor.accept('SET', 'MASKING', 'POLICY')) {
    const policy = parseMasking(cursor, column);
    return (entry, context) => attached(entry, [policy], context);
  }
  if (!cursor.accept('UNSET', 'MASKING', 'POLICY')) return undefined;
  return (entry) => {
    if (!entry.columns.some(({ name }) => name === column)) throw invalidIdentifier(column);
    return { ...entry, columns: entry.columns.map((item) => (item.name === column ? unmasked(item) : item)) };
  };
}
