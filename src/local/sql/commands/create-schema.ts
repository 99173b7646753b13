import type { SchemaEntry } from '../../engine/catalog/entries.js';
import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { statusRow } from '../../engine/result-table.js';
import { assertRetention } from '../../engine/retention.js';
import { assertWritable } from '../../engine/session-names.js';
import { alreadyExists } from '../../engine/snowflake-errors.js';
import { attached } from './attachments.js';
import { acceptClonedPast, assertWasThere } from './clone-moment.js';
import { copySchemas } from './copy-schema.js';
import { parseCreate } from './create-prefix.js';
import { parseOptions } from './object-options.js';
import { shownProperties } from './shown-properties.js';

/** CREATE [OR REPLACE] [TRANSIENT] SCHEMA [IF NOT EXISTS] [db.]name [CLONE source] [options]; it becomes the current one. */
export const createSchema: Command = async (cursor, context) => {
  const create = parseCreate(cursor, 'SCHEMA');
  const path = cursor.name();
  const source = cursor.accept('CLONE') ? cursor.name() : undefined;
  const past = acceptClonedPast(cursor, context);
  const options = parseOptions(cursor);
  const name = path.at(-1) ?? '';
  const { names, state } = context;
  const inDatabase = () => (path.length > 1 ? names.database(path[0] ?? '') : names.currentDatabase('CREATE SCHEMA'));
  let created = true;
  const table = await context.change({
    work: async (edit, run) => {
      const database = inDatabase();
      assertWritable(database);
      const existing = names.findSchema(database, name);
      if (existing !== undefined) {
        if (create.ifNotExists) {
          created = false;
          return statusRow(`${name} already exists, statement succeeded.`);
        }
        if (!create.orReplace) throw alreadyExists(name);
        edit.drop(existing, context.now);
      }
      const plain: SchemaEntry = {
        kind: 'schema',
        id: context.newId(),
        parent: database.id,
        name,
        createdAt: context.now,
        owner: state.context.role ?? 'ACCOUNTADMIN',
        comment: options.text('COMMENT') ?? '',
        transient: create.transient || database.transient,
        ...shownProperties(options),
      };
      assertRetention(plain);
      const schema = attached(plain, options.attachments, context);
      if (source === undefined) edit.put(schema);
      else {
        const cloned = names.schema(source, 'CREATE SCHEMA').schema;
        assertWasThere(cloned, past);
        await copySchemas([{ source: cloned, target: schema }], { database: database.name, past }, context, edit, run);
      }
      return statusRow(`Schema ${name} successfully created.`);
    },
  });
  if (created) state.context = { ...state.context, database: inDatabase().name, schema: name };
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};
