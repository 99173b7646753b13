import type { SelectItem } from '../grammar/ast.js';
import { tokenize } from '../lexer.js';

/** The name of an output column: its alias, the column's own name, or the expression's text in upper case. */
export function columnName(item: SelectItem, text: string): string {
  if (item.alias !== undefined) return item.alias;
  const { expr } = item;
  if (expr.kind === 'column' && text.charAt(item.start) !== '(') {
    const last = expr.parts[expr.parts.length - 1];
    if (last !== undefined) return last.name;
  }
  if (expr.kind === 'position' && text.charAt(item.start) !== '(') return `$${expr.position}`;
  return expressionName(text.slice(item.start, item.end));
}

/** Upper case outside double quotes, blanks and comments as Snowflake folds them: one blank where any stood. */
export function expressionName(text: string): string {
  let name = '';
  let last = 0;
  for (const token of tokenize(text)) {
    if (token.kind === 'end') break;
    if (token.start > last && name !== '') name += ' ';
    const written = text.slice(token.start, token.end);
    name += token.kind === 'quoted' ? written : written.toUpperCase();
    last = token.end;
  }
  return name;
}
