import type { ColumnEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { showName } from '../../engine/snowflake-errors.js';
import { TokenCursor } from '../token-cursor.js';

/** The sequence's name in a DEFAULT that is `name.NEXTVAL`; undefined for any other expression. */
function sequenceOf(text: string): readonly string[] | undefined {
  const cursor = new TokenCursor(text);
  const { kind } = cursor.peek();
  if ((kind !== 'word' && kind !== 'quoted') || !cursor.isSymbol('.', 1)) return undefined;
  const parts = cursor.name();
  return cursor.atEnd && parts.at(-1) === 'NEXTVAL' ? parts.slice(0, -1) : undefined;
}

/** A DEFAULT that takes the next value of the sequence of that full name. */
export function nextValueOf(sequence: readonly string[]): string {
  return `${showName(sequence)}.NEXTVAL`;
}

/** The DEFAULT with the full name of its sequence, which is the one that was meant when the column was made, wherever it is used. */
export function withFullName(text: string, { names }: CommandContext, operation: string): string {
  const parts = sequenceOf(text);
  if (parts === undefined) return text;
  const place = names.place(parts, operation);
  return nextValueOf([place.database.name, place.schema.name, place.name]);
}

export function withFullDefaults<T extends ColumnEntry>(
  columns: readonly T[],
  context: CommandContext,
  operation: string,
): readonly T[] {
  return columns.map((column) =>
    column.default === undefined ? column : { ...column, default: withFullName(column.default, context, operation) },
  );
}
