import type { CommandContext } from '../../engine/command.js';
import { column, INSTANT, instantCell, NUMBER, type ResultTable } from '../../engine/result-table.js';
import type { TokenCursor } from '../token-cursor.js';
import { likePattern } from './like-pattern.js';

const COLUMNS = [
  column('session_id', NUMBER),
  column('created_on', INSTANT),
  column('updated_on', INSTANT),
  column('name'),
  column('value'),
  column('type'),
  column('comment'),
];

/** SHOW VARIABLES [LIKE '…']. */
export function showVariables(cursor: TokenCursor, context: CommandContext): ResultTable {
  const like = cursor.accept('LIKE') ? likePattern(cursor.stringLiteral()) : undefined;
  cursor.expectEnd();
  const { state, now } = context;
  const variables = [...state.variables.values()].filter(({ name }) => like?.test(name) ?? true);
  return {
    columns: COLUMNS,
    rows: variables
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, value, type }) => [state.id, instantCell(now), instantCell(now), name, value, type, '']),
  };
}
