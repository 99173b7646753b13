import { textWidth } from '../text-width.js';

/** What is shown before the place in a line that is too long (columns). */
const LEAD = 20;

/**
 * The line of a statement with a `^` below the place that an error names, in the width of a terminal. `line` counts from 1, `position`
 * from 0; `undefined` where the statement has no such place.
 */
export function markedPlace(
  sql: string,
  { line, position = 0 }: { readonly line?: number | undefined; readonly position?: number | undefined },
  width: number,
): string | undefined {
  const text = line === undefined ? undefined : sql.split('\n')[line - 1]?.replaceAll(/[\u0000-\u001f]/g, ' ');
  if (text === undefined || text.trim() === '' || position > text.length) return undefined;
  const from = textWidth(text) <= width ? 0 : Math.max(0, position - LEAD);
  const shown = text.slice(from, from + width);
  return `${shown.trimEnd()}\n${' '.repeat(textWidth(text.slice(from, position)))}^`;
}
