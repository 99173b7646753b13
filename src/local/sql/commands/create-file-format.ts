import type { FileFormatEntry } from '../../engine/catalog/entries.js';
import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { EXECUTED, statusRow } from '../../engine/result-table.js';
import { missing } from '../../engine/session-names.js';
import { alreadyExists } from '../../engine/snowflake-errors.js';
import type { TokenCursor } from '../token-cursor.js';
import { parseCreate } from './create-prefix.js';
import { type FormatOptions, fileFormat, optionValues } from './file-format.js';

/** CREATE [OR REPLACE] [TEMPORARY] FILE FORMAT [IF NOT EXISTS] name [TYPE = …] [options] [COMMENT = …]. */
export const createFileFormat: Command = async (cursor, context) => {
  const create = parseCreate(cursor, 'FILE');
  cursor.expect('FORMAT');
  const ifNotExists = cursor.accept('IF', 'NOT', 'EXISTS');
  const place = context.names.writablePlace(cursor.name(), 'CREATE FILE FORMAT');
  const { options, comment } = parseAssignments(cursor);
  fileFormat(options);
  const entry: FileFormatEntry = {
    kind: 'file format',
    id: context.newId(),
    parent: place.schema.id,
    name: place.name,
    createdAt: context.now,
    owner: context.state.context.role ?? 'ACCOUNTADMIN',
    comment: comment ?? '',
    temporary: create.temporary,
    options: Object.fromEntries(options),
  };
  const table = await context.change({
    work: async (edit) => {
      const existing = context.names.findIn(place.schema, 'file format', place.name);
      if (existing !== undefined) {
        if (ifNotExists) return statusRow(`${place.name} already exists, statement succeeded.`);
        if (!create.orReplace) throw alreadyExists(place.name);
        edit.drop(existing, context.now);
      }
      edit.put(entry);
      return statusRow(`File format ${place.name} successfully created.`);
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

/** ALTER FILE FORMAT [IF EXISTS] name RENAME TO new | SET options [COMMENT = …]. */
export const alterFileFormat: Command = async (cursor, context) => {
  cursor.expect('ALTER', 'FILE', 'FORMAT');
  const ifExists = cursor.accept('IF', 'EXISTS');
  const place = context.names.writablePlace(cursor.name(), 'ALTER FILE FORMAT');
  const renameTo = cursor.accept('RENAME', 'TO') ? cursor.name() : undefined;
  const unset = renameTo === undefined && cursor.accept('UNSET');
  if (renameTo === undefined) cursor.expect(unset ? 'COMMENT' : 'SET');
  const { options, comment } = unset ? { options: new Map(), comment: '' } : parseAssignments(cursor);
  const table = await context.change({
    work: async (edit) => {
      const entry = context.names.findIn(place.schema, 'file format', place.name);
      if (entry === undefined) {
        if (ifExists) return EXECUTED;
        throw missing('File format', place);
      }
      if (renameTo !== undefined) {
        const target = context.names.writablePlace(renameTo, 'ALTER FILE FORMAT');
        if (context.names.findIn(target.schema, 'file format', target.name) !== undefined)
          throw alreadyExists(target.name);
        edit.put({ ...entry, name: target.name, parent: target.schema.id });
        return EXECUTED;
      }
      const changed = { ...entry.options, ...Object.fromEntries(options) };
      fileFormat(new Map(Object.entries(changed)));
      edit.put({ ...entry, options: changed, comment: comment ?? entry.comment });
      return EXECUTED;
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

function parseAssignments(cursor: TokenCursor): { options: FormatOptions; comment: string | undefined } {
  const options = new Map<string, readonly string[]>();
  let comment: string | undefined;
  while (!cursor.atEnd) {
    const key = cursor.identifier();
    cursor.acceptSymbol('=');
    if (key === 'COMMENT') comment = cursor.stringLiteral();
    else options.set(key, optionValues(cursor));
    cursor.acceptSymbol(',');
  }
  return { options, comment };
}
