import { ACCOUNT, type Entry } from '../../engine/catalog/entries.js';
import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { statusRow } from '../../engine/result-table.js';
import { alreadyExists, notFound } from '../../engine/snowflake-errors.js';

const LABELS = { TABLE: 'Table', VIEW: 'View', SCHEMA: 'Schema', DATABASE: 'Database', TAG: 'Tag' } as const;

/** UNDROP [DYNAMIC] TABLE | VIEW | SCHEMA | DATABASE | TAG name: the one that was dropped last. */
export const undrop: Command = async (cursor, context) => {
  cursor.expect('UNDROP');
  cursor.accept('DYNAMIC');
  const word = cursor.acceptOneOf('TABLE', 'VIEW', 'SCHEMA', 'DATABASE', 'TAG') as keyof typeof LABELS | undefined;
  if (word === undefined) throw cursor.error();
  const name = cursor.name();
  cursor.expectEnd();
  const last = name.at(-1) ?? '';
  const { names } = context;
  const table = await context.change({
    work: async (edit) => {
      const parent =
        word === 'DATABASE'
          ? ACCOUNT
          : word === 'SCHEMA'
            ? (name.length > 1 ? names.database(name[0] ?? '') : names.currentDatabase('UNDROP SCHEMA')).id
            : names.writablePlace(name, `UNDROP ${word}`).schema.id;
      const kind = word.toLowerCase() as 'table' | 'view' | 'schema' | 'database' | 'tag';
      const taken =
        kind === 'table' || kind === 'view'
          ? names.catalog.findRelation(parent, last)
          : names.catalog.find(parent, kind, last);
      if (taken !== undefined) throw alreadyExists(last);
      const [entry] = names.catalog.dropped(parent, kind, last);
      if (entry === undefined) throw notFound(LABELS[word], name);
      if (entry.kind === 'table' && entry.durability === 'TEMPORARY') {
        throw new LocalError('000002', '0A000', 'A temporary table cannot be restored.');
      }
      const { droppedAt: _at, ...alive } = entry;
      edit.put(alive as Entry);
      return statusRow(`${LABELS[word]} ${last} successfully restored.`);
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};
