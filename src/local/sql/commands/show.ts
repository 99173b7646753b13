import type { DatabaseEntry, SchemaEntry } from '../../engine/catalog/entries.js';
import type { Command, CommandContext } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import type { ResultTable } from '../../engine/result-table.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';
import { likePattern } from './like-pattern.js';
import { LISTINGS, type Listing } from './show-listings.js';
import { showParameters } from './show-parameters.js';
import { showVariables } from './show-variables.js';

/** Where a SHOW looks: the whole account, a database, a schema, or a table (SHOW COLUMNS). */
export interface ShowPlace {
  readonly schemas: readonly { readonly database: DatabaseEntry; readonly schema: SchemaEntry }[];
  /** Databases whose INFORMATION_SCHEMA belongs to the place. */
  readonly databases: readonly DatabaseEntry[];
  readonly table?: readonly string[];
}

export interface ShowOptions {
  readonly terse: boolean;
  readonly history: boolean;
}

interface ShowFilters {
  readonly like?: string;
  readonly startsWith?: string;
  readonly limit?: number;
  readonly from?: string;
}

/**
 * SHOW [TERSE] kind [HISTORY] [LIKE 'pattern'] [IN place] [STARTS WITH 'text'] [LIMIT n [FROM 'name']], with the columns and
 * the order of Snowflake's documentation.
 */
export const show: Command = async (cursor, context) => {
  cursor.expect('SHOW');
  const terse = cursor.accept('TERSE');
  if (cursor.accept('PARAMETERS')) return showing(showParameters(cursor, context));
  if (cursor.accept('VARIABLES')) return showing(showVariables(cursor, context));
  const listing = parseListing(cursor);
  const history = cursor.accept('HISTORY');
  const like = cursor.accept('LIKE') ? cursor.stringLiteral() : undefined;
  const place = parsePlace(cursor, context, listing);
  const filters = { ...(like === undefined ? {} : { like }), ...parseFilters(cursor) };
  cursor.expectEnd();
  const table = await listing.list(place, context, { terse, history });
  const shown = filtered(table, filters);
  return showing(terse && listing.terse !== undefined ? pick(shown, listing.terse) : shown);
};

function showing(table: ResultTable): { statementTypeId: number; table: ResultTable } {
  return { statementTypeId: STATEMENT_TYPE.show, table };
}

function parseListing(cursor: TokenCursor): Listing {
  for (const [words, listing] of LISTINGS) if (cursor.accept(...words)) return listing;
  const token = cursor.peek();
  throw token.kind === 'word' ? unsupported(`SHOW ${token.value}`) : cursor.error();
}

/** `IN ACCOUNT | DATABASE [name] | [SCHEMA] name | TABLE name`; without it the current schema, else database, else account. */
function parsePlace(cursor: TokenCursor, context: CommandContext, listing: Listing): ShowPlace {
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
    if (database === undefined) return account();
    if (listing.scope !== 'schema' || schema === undefined || schema === 'INFORMATION_SCHEMA') {
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
    return listing.scope === 'table' && !schemaWord && name.length === 3
      ? { databases: [], schemas: [], table: name }
      : inSchema(name);
  }
  // A single name without a word before it: a table for COLUMNS, a database for SCHEMAS, else a schema or a database.
  if (listing.scope === 'table') return { databases: [], schemas: [], table: name };
  if (listing.scope === 'database') return inDatabase(names.database(name[0] ?? ''));
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

function parseFilters(cursor: TokenCursor): ShowFilters {
  const like = cursor.accept('LIKE') ? cursor.stringLiteral() : undefined;
  const startsWith = cursor.accept('STARTS', 'WITH') ? cursor.stringLiteral() : undefined;
  const limit = cursor.accept('LIMIT') ? cursor.number() : undefined;
  const from = limit !== undefined && cursor.accept('FROM') ? cursor.stringLiteral() : undefined;
  return {
    ...(like === undefined ? {} : { like }),
    ...(startsWith === undefined ? {} : { startsWith }),
    ...(limit === undefined ? {} : { limit }),
    ...(from === undefined ? {} : { from }),
  };
}

/** LIKE ignores case, STARTS WITH and FROM do not. */
function filtered(table: ResultTable, filters: ShowFilters): ResultTable {
  const at = table.columns.findIndex(({ name }) => name === 'name' || name === 'column_name');
  const pattern = filters.like === undefined ? undefined : likePattern(filters.like);
  let rows = table.rows.filter((row) => {
    const name = row[at] ?? '';
    if (pattern !== undefined && !pattern.test(name)) return false;
    if (filters.from !== undefined && name <= filters.from) return false;
    return filters.startsWith === undefined || name.startsWith(filters.startsWith);
  });
  if (filters.limit !== undefined) rows = rows.slice(0, filters.limit);
  return { columns: table.columns, rows };
}

function pick(table: ResultTable, columns: readonly string[]): ResultTable {
  const at = columns.map((name) => table.columns.findIndex((column) => column.name === name));
  return {
    columns: at.flatMap((i) => table.columns[i] ?? []),
    rows: table.rows.map((row) => at.map((i) => row[i] ?? null)),
  };
}
