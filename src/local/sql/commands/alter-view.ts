import type { ViewEntry } from '../../engine/catalog/entries.js';
import type { Command, CommandContext } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { EXECUTED, type ResultTable } from '../../engine/result-table.js';
import { missing } from '../../engine/session-names.js';
import { alreadyExists, invalidIdentifier } from '../../engine/snowflake-errors.js';
import type { TokenCursor } from '../token-cursor.js';
import { parseMaskingChange, parseRowAccessChange } from './alter-policies.js';
import { parseUnset, withoutProperties, withProperties } from './alter-properties.js';
import { parseOptions } from './object-options.js';

const OPERATION = 'ALTER VIEW';

type Change = (view: ViewEntry, context: CommandContext) => ViewEntry;

/**
 * ALTER [MATERIALIZED] VIEW [IF EXISTS] name RENAME TO new | SET … | UNSET … | {ALTER | MODIFY} COLUMN … | ROW ACCESS POLICY …; a
 * materialized one takes CLUSTER BY, SUSPEND and RESUME too, which change nothing here: it is always what its query gives.
 */
export const alterView: Command = async (cursor, context) => {
  cursor.expect('ALTER');
  const materialized = cursor.accept('MATERIALIZED');
  cursor.expect('VIEW');
  const ifExists = cursor.accept('IF', 'EXISTS');
  const name = cursor.name();
  const { names } = context;
  const place = names.writablePlace(name, OPERATION);
  if (names.findIn(place.schema, 'view', place.name) === undefined) {
    if (!ifExists) throw missing('View', place);
    return { statementTypeId: STATEMENT_TYPE.ddl, table: EXECUTED };
  }
  const renameTo = cursor.accept('RENAME', 'TO') ? cursor.name() : undefined;
  const change = renameTo === undefined ? parseChange(cursor, materialized) : undefined;
  cursor.expectEnd();
  const table = await context.change<ResultTable>({
    work: async (edit) => {
      const { entry } = names.view(name, OPERATION);
      const target = renameTo === undefined ? place : names.writablePlace(renameTo, OPERATION);
      if (renameTo !== undefined && names.catalog.findRelation(target.schema.id, target.name) !== undefined) {
        throw alreadyExists(target.name);
      }
      const moved = { ...entry, name: target.name, parent: target.schema.id };
      edit.put(change === undefined ? moved : change(moved, context));
      return EXECUTED;
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

function parseChange(cursor: TokenCursor, materialized: boolean): Change {
  const rowAccess = parseRowAccessChange(cursor);
  if (rowAccess !== undefined) return rowAccess;
  if (materialized) {
    if (cursor.accept('CLUSTER', 'BY')) {
      cursor.parenthesised();
      return (view) => view;
    }
    if (cursor.accept('DROP', 'CLUSTERING', 'KEY')) return (view) => view;
    if (cursor.acceptOneOf('SUSPEND', 'RESUME') !== undefined) {
      cursor.accept('RECLUSTER');
      return (view) => view;
    }
  }
  if (cursor.accept('SET', 'SECURE')) return (view) => ({ ...view, secure: true });
  if (cursor.accept('UNSET', 'SECURE')) return (view) => ({ ...view, secure: false });
  if (cursor.acceptOneOf('ALTER', 'MODIFY') !== undefined) return parseColumns(cursor);
  if (cursor.accept('UNSET')) {
    const keys = parseUnset(cursor);
    return (view) => withoutProperties(view, keys);
  }
  cursor.expect('SET');
  const options = parseOptions(cursor);
  return (view) => withProperties(view, options);
}

/** `[COLUMN] c COMMENT '…' | UNSET COMMENT | SET MASKING POLICY … | UNSET MASKING POLICY, …`. */
function parseColumns(cursor: TokenCursor): Change {
  const changes: Change[] = [];
  do {
    cursor.accept('COLUMN');
    changes.push(parseColumn(cursor, cursor.identifier()));
  } while (cursor.acceptSymbol(','));
  return (view, context) => changes.reduce((changed, change) => change(changed, context), view);
}

function parseColumn(cursor: TokenCursor, name: string): Change {
  const masking = parseMaskingChange(cursor, name);
  if (masking !== undefined) return masking;
  const unset = cursor.accept('UNSET');
  cursor.expect('COMMENT');
  const comment = unset ? undefined : cursor.stringLiteral();
  return (view) => {
    if (!view.columns.some((column) => column.name === name)) throw invalidIdentifier(name);
    return {
      ...view,
      columns: view.columns.map(({ comment: before, ...column }) => {
        const kept = column.name === name ? comment : before;
        return kept === undefined ? column : { ...column, comment: kept };
      }),
    };
  };
}
