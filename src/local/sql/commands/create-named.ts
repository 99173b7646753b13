import { ACCOUNT, type NamedEntry } from '../../engine/catalog/entries.js';
import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { statusRow } from '../../engine/result-table.js';
import { alreadyExists } from '../../engine/snowflake-errors.js';
import { attached } from './attachments.js';
import { parseCreate } from './create-prefix.js';
import { parseOptions } from './object-options.js';

const LABELS: Readonly<Record<NamedEntry['kind'], string>> = {
  warehouse: 'Warehouse',
  role: 'Role',
  user: 'User',
  tag: 'Tag',
};

/** CREATE WAREHOUSE | ROLE | USER | TAG: kept and listed; there is nothing behind them to start or to let in. */
export const createNamed: Command = async (cursor, context) => {
  const word = context.statement.keywords.find((keyword) => keyword.toLowerCase() in LABELS) ?? 'ROLE';
  const kind = word.toLowerCase() as NamedEntry['kind'];
  const create = parseCreate(cursor, word);
  const path = cursor.name();
  const name = path.at(-1) ?? '';
  // Tags belong to a schema, the others to the account.
  const parent = kind === 'tag' ? context.names.writablePlace(path, 'CREATE TAG').schema.id : ACCOUNT;
  if (kind === 'tag' && cursor.accept('ALLOWED_VALUES')) cursor.textUntil([], ['COMMENT']);
  const given = parseOptions(cursor);
  const options = given.entries();
  const table = await context.change({
    work: async (edit) => {
      const existing = context.names.catalog.find(parent, kind, name);
      if (existing !== undefined) {
        if (create.ifNotExists) return statusRow(`${name} already exists, statement succeeded.`);
        if (!create.orReplace) throw alreadyExists(name);
        edit.drop(existing, context.now);
      }
      const { COMMENT: comment = '', PASSWORD: _never, INITIALLY_SUSPENDED: asleep, ...attributes } = options;
      const named: NamedEntry = {
        kind,
        id: context.newId(),
        parent,
        name,
        createdAt: context.now,
        owner: context.state.context.role ?? 'ACCOUNTADMIN',
        comment,
        attributes: asleep?.toUpperCase() === 'TRUE' ? { ...attributes, STATE: 'SUSPENDED' } : attributes,
      };
      edit.put(attached(named, given.attachments, context));
      return statusRow(`${LABELS[kind]} ${name} successfully created.`);
    },
  });
  if (kind === 'warehouse') context.state.context = { ...context.state.context, warehouse: name };
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};
