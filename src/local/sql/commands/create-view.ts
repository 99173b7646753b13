import type { ViewEntry } from '../../engine/catalog/entries.js';
import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { statusRow } from '../../engine/result-table.js';
import { alreadyExists } from '../../engine/snowflake-errors.js';
import type { TokenCursor } from '../token-cursor.js';
import { parseCreate } from './create-prefix.js';
import { parseOptions } from './object-options.js';

/** CREATE [OR REPLACE] [SECURE] [MATERIALIZED] VIEW name [(columns)] [COMMENT = …] AS query. */
export const createView: Command = async (cursor, context) => {
  const create = parseCreate(cursor, 'VIEW');
  const name = cursor.name();
  const ifNotExists = create.ifNotExists || cursor.accept('IF', 'NOT', 'EXISTS');
  const place = context.names.writablePlace(name, 'CREATE VIEW');
  const listed = cursor.isSymbol('(') ? parseViewColumns(cursor) : undefined;
  const options = parseOptions(cursor, ['AS', 'CLUSTER']);
  if (cursor.accept('CLUSTER', 'BY')) cursor.parenthesised();
  cursor.expect('AS');
  const query = cursor.rest().text;
  const described = await context.describe(context.translateQuery(query, 'CREATE VIEW'));
  if (listed !== undefined && listed.length !== described.length) {
    throw new LocalError('002026', '42601', 'SQL compilation error:\nInvalid column definition list');
  }
  const view: ViewEntry = {
    kind: 'view',
    id: context.newId(),
    parent: place.schema.id,
    name: place.name,
    createdAt: context.now,
    owner: context.state.context.role ?? 'ACCOUNTADMIN',
    comment: options.text('COMMENT') ?? '',
    text: context.statement.text,
    query,
    columns: described.map((column, i) => ({
      name: listed?.[i]?.name ?? column.name,
      type: column.type,
      nullable: true,
      ...(listed?.[i]?.comment === undefined ? {} : { comment: listed[i].comment }),
    })),
    secure: create.secure,
    materialized: create.materialized,
    temporary: create.temporary,
  };
  const table = await context.change({
    work: async (edit) => {
      const existing = context.names.catalog.findRelation(place.schema.id, place.name);
      if (existing !== undefined) {
        if (ifNotExists) return statusRow(`${place.name} already exists, statement succeeded.`);
        if (!create.orReplace || existing.kind !== 'view') throw alreadyExists(place.name);
        edit.drop(existing, context.now);
      }
      edit.put(view);
      return statusRow(`View ${place.name} successfully created.`);
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

function parseViewColumns(cursor: TokenCursor): { name: string; comment?: string }[] {
  const columns: { name: string; comment?: string }[] = [];
  cursor.expectSymbol('(');
  do {
    const name = cursor.identifier();
    const comment = cursor.accept('COMMENT') ? (cursor.acceptSymbol('='), cursor.stringLiteral()) : undefined;
    columns.push(comment === undefined ? { name } : { name, comment });
  } while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  return columns;
}
