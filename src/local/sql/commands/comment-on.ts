import { ACCOUNT, type Entry } from '../../engine/catalog/entries.js';
import type { Command, CommandContext } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import type { LocalError } from '../../engine/local-error.js';
import { EXECUTED, type ResultTable } from '../../engine/result-table.js';
import { missing } from '../../engine/session-names.js';
import { invalidIdentifier, notFound } from '../../engine/snowflake-errors.js';
import { acceptKept, keptAt } from './kept/find-kept.js';

/** COMMENT [IF EXISTS] ON kind name IS '…', for databases, schemas, tables, views, columns, sequences, stages, streams, tags, warehouses, roles, users. */
export const commentOn: Command = async (cursor, context) => {
  cursor.expect('COMMENT');
  const ifExists = cursor.accept('IF', 'EXISTS');
  cursor.expect('ON');
  const kept = acceptKept(cursor);
  const kind = kept.length > 0 ? '' : cursor.identifier();
  const name = cursor.name();
  cursor.expect('IS');
  const comment = cursor.stringLiteral();
  cursor.expectEnd();
  const table = await context.change<ResultTable>({
    work: async (edit) => {
      try {
        const entry = kept.length > 0 ? keptAt(kept, name, context, 'COMMENT').entry : undefined;
        edit.put(entry === undefined ? commented(kind, name, comment, context) : { ...entry, comment });
      } catch (error) {
        if (!ifExists || (error as LocalError).number !== '002003') throw error;
      }
      return EXECUTED;
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

function commented(kind: string, name: readonly string[], comment: string, context: CommandContext): Entry {
  const { names } = context;
  const operation = `COMMENT ON ${kind}`;
  switch (kind) {
    case 'DATABASE':
      return { ...names.database(name[0] ?? ''), comment };
    case 'SCHEMA':
      return { ...names.schema(name, operation).schema, comment };
    case 'TABLE':
      return { ...names.table(name, operation).entry, comment };
    case 'VIEW':
      return { ...names.view(name, operation).entry, comment };
    case 'SEQUENCE':
      return { ...names.sequence(name, operation).entry, comment };
    case 'COLUMN': {
      const { entry } = names.relation(name.slice(0, -1), operation);
      const column = name.at(-1) ?? '';
      if (!entry.columns.some((item) => item.name === column)) throw invalidIdentifier(column);
      return {
        ...entry,
        columns: entry.columns.map((item) => (item.name === column ? { ...item, comment } : item)),
      };
    }
    case 'STAGE':
    case 'STREAM':
    case 'TAG': {
      const place = names.place(name, operation);
      const entry = names.findIn(place.schema, kind.toLowerCase() as 'stage', place.name);
      if (entry === undefined) throw missing(kind.charAt(0) + kind.slice(1).toLowerCase(), place);
      return { ...entry, comment };
    }
    case 'WAREHOUSE':
    case 'ROLE':
    case 'USER': {
      const entry = names.catalog.find(ACCOUNT, kind.toLowerCase() as 'role', name[0] ?? '');
      if (entry === undefined) throw notFound(kind.charAt(0) + kind.slice(1).toLowerCase(), name);
      return { ...entry, comment };
    }
    default:
      throw notFound(kind.charAt(0) + kind.slice(1).toLowerCase(), name);
  }
}
