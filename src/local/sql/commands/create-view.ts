import type { ViewEntry } from '../../engine/catalog/entries.js';
import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { statusRow } from '../../engine/result-table.js';
import { alreadyExists, alreadyExistsAs, duplicateColumn } from '../../engine/snowflake-errors.js';
import { quoteName } from '../lexer.js';
import type { TokenCursor } from '../token-cursor.js';
import { type Attachment, attached, parseAttachments } from './attachments.js';
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
  const { text: written, offset } = cursor.rest();
  const recursive = context.statement.keywords.includes('RECURSIVE');
  const query = recursive ? recursiveQuery(place.name, listed?.columns ?? [], written) : written;
  const described = await context.describe(context.translateQuery(query, 'CREATE VIEW', recursive ? 0 : offset));
  if (listed !== undefined && listed.columns.length !== described.length) {
    throw new LocalError('002026', '42601', 'SQL compilation error:\nInvalid column definition list');
  }
  const plain: ViewEntry = {
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
      name: listed?.columns[i]?.name ?? column.name,
      type: column.type,
      nullable: true,
      ...(listed?.columns[i]?.comment === undefined ? {} : { comment: listed.columns[i].comment }),
    })),
    secure: create.secure,
    materialized: create.materialized,
    temporary: create.temporary,
  };
  assertDistinct(plain.columns.map(({ name: column }) => column));
  const view = attached(plain, [...(listed?.attachments ?? []), ...options.attachments], context);
  const table = await context.change({
    work: async (edit) => {
      const existing = context.names.catalog.findRelation(place.schema.id, place.name);
      if (existing !== undefined) {
        if (ifNotExists) return statusRow(`${place.name} already exists, statement succeeded.`);
        if (!create.orReplace) throw alreadyExists(place.name);
        if (existing.kind !== 'view') throw alreadyExistsAs(place.name, existing.kind);
        edit.drop(existing, context.now);
      }
      edit.put(view);
      return statusRow(`View ${place.name} successfully created.`);
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

/** A recursive view's query may name the view itself, as a recursive common table expression does. */
function recursiveQuery(name: string, columns: ViewColumns['columns'], query: string): string {
  const list = columns.length === 0 ? '' : ` (${columns.map((column) => quoteName(column.name)).join(', ')})`;
  return `WITH RECURSIVE ${quoteName(name)}${list} AS (${query}) SELECT * FROM ${quoteName(name)}`;
}

interface ViewColumns {
  readonly columns: readonly { readonly name: string; readonly comment?: string }[];
  readonly attachments: readonly Attachment[];
}

/** `(name [tags and policies] [COMMENT '…'], …)`. */
function parseViewColumns(cursor: TokenCursor): ViewColumns {
  const columns: { name: string; comment?: string }[] = [];
  const attachments: Attachment[] = [];
  cursor.expectSymbol('(');
  do {
    let column: { name: string; comment?: string } = { name: cursor.identifier() };
    for (;;) {
      if (cursor.accept('COMMENT')) {
        cursor.acceptSymbol('=');
        column = { ...column, comment: cursor.stringLiteral() };
        continue;
      }
      const more = parseAttachments(cursor, column.name);
      if (more === undefined) break;
      attachments.push(...more);
    }
    columns.push(column);
  } while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  return { columns, attachments };
}

function assertDistinct(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw duplicateColumn(twice);
}
