import { ACCOUNT, type DatabaseEntry, type SchemaEntry } from '../../engine/catalog/entries.js';
import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { statusRow } from '../../engine/result-table.js';
import { assertRetention } from '../../engine/retention.js';
import { assertWritable } from '../../engine/session-names.js';
import { alreadyExists } from '../../engine/snowflake-errors.js';
import { attached } from './attachments.js';
import { acceptClonedPast, assertWasThere } from './clone-moment.js';
import { childrenAt, copySchemas } from './copy-schema.js';
import { parseCreate } from './create-prefix.js';
import { parseOptions } from './object-options.js';
import { shownProperties } from './shown-properties.js';

/** CREATE [OR REPLACE] [TRANSIENT] DATABASE [IF NOT EXISTS] name [CLONE source] [options]; it becomes the current one. */
export const createDatabase: Command = async (cursor, context) => {
  const create = parseCreate(cursor, 'DATABASE');
  const [name = ''] = cursor.name();
  const source = cursor.accept('CLONE') ? cursor.name()[0] : undefined;
  const past = acceptClonedPast(cursor, context);
  const options = parseOptions(cursor);
  const { names, state } = context;
  const table = await context.change({
    work: async (edit, run) => {
      const existing = names.findDatabase(name);
      if (existing !== undefined) {
        if (create.ifNotExists) return statusRow(`${name} already exists, statement succeeded.`);
        if (!create.orReplace) throw alreadyExists(name);
        assertWritable(existing);
        edit.drop(existing, context.now);
      }
      const owner = state.context.role ?? 'ACCOUNTADMIN';
      const base = { createdAt: context.now, owner, comment: '' };
      const plain: DatabaseEntry = {
        ...base,
        kind: 'database',
        id: context.newId(),
        parent: ACCOUNT,
        name,
        comment: options.text('COMMENT') ?? '',
        transient: create.transient,
        origin: '',
        ...shownProperties(options),
      };
      assertRetention(plain);
      const database = attached(plain, options.attachments, context);
      edit.put(database);
      if (source === undefined) {
        const schema: SchemaEntry = {
          ...base,
          kind: 'schema',
          id: context.newId(),
          parent: database.id,
          name: 'PUBLIC',
          transient: create.transient,
        };
        edit.put(schema);
      } else {
        const cloned = names.database(source);
        assertWasThere(cloned, past);
        const copies = childrenAt(names.catalog, cloned.id, 'schema', past).map(({ droppedAt: _at, ...schema }) => ({
          source: schema,
          target: { ...schema, id: context.newId(), parent: database.id },
        }));
        await copySchemas(copies, { database: name, past }, context, edit, run);
      }
      return statusRow(`Database ${name} successfully created.`);
    },
  });
  const created = names.findDatabase(name);
  if (created !== undefined && !String(table.rows[0]?.[0]).includes('already exists')) {
    const schema = names.findSchema(created, 'PUBLIC');
    const { schema: _left, ...rest } = state.context;
    state.context = { ...rest, database: name, ...(schema === undefined ? {} : { schema: schema.name }) };
  }
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};
