import type { DatabaseEntry, SchemaEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import type { TokenCursor } from '../token-cursor.js';

/** Where a SHOW looks: the whole account, a database, a schema, or a table (SHOW COLUMNS). */
export interface ShowPlace {
  readonly schemas: readonly { readonly database: DatabaseEntry; readonly schema: SchemaEntry }[];
  /** Databases whose INFORMATION_SCHEMA belongs to the place. */
  readonly databases: readonly DatabaseEntry[];
  readonly table?: readonly string[];
}

/** What it means when no place is named, and what a single name after IN stands for. */
export type ListingScope = 'account' | 'database' | 'schema' | 'table';

export interface ShowOptions {
  readonly terse: boolean;
  readonly history: boolean;
}

/** `IN ACCOUNT | DATABASE [name] | [SCHEMA] name | TABLE name`; without it the current schema, else database, else account. */
export function parsePlace(cursor: TokenCursor, context: CommandContext, scope: ListingScope): ShowPlace {
  const { names, state } = context;
  const account = (): ShowPlace => {
    const databases = names.catalog.children(0, 'database');
    return { databases, schemas: databases.flatMap((database) => schemasOf(database, context)) };
  };
  const inDatabase = (database: DatabaseEntry): ShowPlace => ({
    databases: [database],
    schemas: schemasOf(database, context),
  });
  const inSchema = (name: readonly string[]): ShowPlace => ({ databases: [], schemas: [names.schema(name, 'SHOW')] });
  const current = (): ShowPlace => {
    const { database, schema } = state.context;
    if (database === undefined || scope === 'account') return account();
    if (scope !== 'schema' || schema === undefined || schema === 'INFORMATION_SCHEMA') {
      return inDatabase(names.database(database));
    }
    return inSchema([database, schema]);
  };
  if (cursor.acceptOneOf('IN', 'ON') === undefined) return current();
  if (cursor.accept('ACCOUNT')) return account();
  if (cursor.accept('DATABASE')) {
    const named = cursor.peek().kind !== 'end' && !atFilter(cursor);
    return inDatabase(named ? names.database(cursor.name()[0] ?? '') : names.currentDatabase('SHOW'));
  }
  if (cursor.acceptOneOf('TABLE', 'VIEW') !== undefined) return { databases: [], schemas: [], table: cursor.name() };
  const schemaWord = cursor.accept('SCHEMA');
  if (schemaWord && (cursor.atEnd || atFilter(cursor))) return current();
  const name = cursor.name();
  if (schemaWord || name.length > 1) {
    return scope === 'table' && !schemaWord && name.length === 3
      ? { databases: [], schemas: [], table: name }
      : inSchema(name);
  }
  // A single name without a word before it: a table for COLUMNS, a database for SCHEMAS, else a schema or a database.
  if (scope === 'table') return { databases: [], schemas: [], table: name };
  if (scope === 'database') return inDatabase(names.database(name[0] ?? ''));
  const database = state.context.database === undefined ? undefined : names.findDatabase(state.context.database);
  const isSchema = database !== undefined && names.findSchema(database, name[0] ?? '') !== undefined;
  return isSchema ? inSchema(name) : inDatabase(names.database(name[0] ?? ''));
}

function schemasOf(database: DatabaseEntry, context: CommandContext): ShowPlace['schemas'] {
  return context.names.catalog.children(database.id, 'schema').map((schema) => ({ database, schema }));
}

function atFilter(cursor: TokenCursor): boolean {
  return cursor.isKeyword('LIKE') || cursor.isKeyword('STARTS', 'WITH') || cursor.isKeyword('LIMIT');
}
