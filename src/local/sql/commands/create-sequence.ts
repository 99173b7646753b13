import type { SequenceEntry } from '../../engine/catalog/entries.js';
import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { createPhysicalSequence } from '../../engine/physical-table.js';
import { statusRow } from '../../engine/result-table.js';
import { alreadyExists } from '../../engine/snowflake-errors.js';
import type { TokenCursor } from '../token-cursor.js';
import { parseCreate } from './create-prefix.js';
import { nextValue } from './sequence-values.js';

/** CREATE [OR REPLACE] SEQUENCE [IF NOT EXISTS] name [START n] [INCREMENT n] [ORDER | NOORDER] [COMMENT = …] | CLONE source. */
export const createSequence: Command = async (cursor, context) => {
  const create = parseCreate(cursor, 'SEQUENCE');
  const place = context.names.writablePlace(cursor.name(), 'CREATE SEQUENCE');
  const source = cursor.accept('CLONE') ? context.names.sequence(cursor.name(), 'CREATE SEQUENCE').entry : undefined;
  const options =
    source === undefined
      ? parseSequenceOptions(cursor)
      : {
          start: await nextValue(source, context),
          increment: source.increment,
          ordered: source.ordered,
          comment: source.comment,
        };
  cursor.expectEnd();
  const id = context.newId();
  const sequence: SequenceEntry = {
    ...options,
    kind: 'sequence',
    id,
    parent: place.schema.id,
    name: place.name,
    createdAt: context.now,
    owner: context.state.context.role ?? 'ACCOUNTADMIN',
    physical: { schema: `s${place.schema.id}`, table: `q${id}` },
  };
  const table = await context.change({
    work: async (edit, run) => {
      const existing = context.names.catalog.find(place.schema.id, 'sequence', place.name);
      if (existing !== undefined) {
        if (create.ifNotExists) return statusRow(`${place.name} already exists, statement succeeded.`);
        if (!create.orReplace) throw alreadyExists(place.name);
        edit.drop(existing, context.now);
      }
      await createPhysicalSequence(sequence, run);
      edit.put(sequence);
      return statusRow(`Sequence ${place.name} successfully created.`);
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

function parseSequenceOptions(cursor: TokenCursor): {
  start: number;
  increment: number;
  ordered: boolean;
  comment: string;
} {
  const options = { start: 1, increment: 1, ordered: true, comment: '' };
  cursor.accept('WITH');
  while (!cursor.atEnd) {
    cursor.acceptSymbol(',');
    if (cursor.accept('START')) {
      cursor.accept('WITH');
      cursor.acceptSymbol('=');
      options.start = cursor.number();
    } else if (cursor.accept('INCREMENT')) {
      cursor.accept('BY');
      cursor.acceptSymbol('=');
      options.increment = cursor.number();
    } else if (cursor.accept('ORDER')) options.ordered = true;
    else if (cursor.accept('NOORDER')) options.ordered = false;
    else if (cursor.accept('COMMENT')) {
      cursor.acceptSymbol('=');
      options.comment = cursor.stringLiteral();
    } else throw cursor.error();
  }
  return options;
}
