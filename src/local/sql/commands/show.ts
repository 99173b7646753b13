import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import type { ResultTable } from '../../engine/result-table.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';
import { likePattern } from './like-pattern.js';
import type { Listing } from './listing.js';
import { showGrants } from './show-grants.js';
import { LISTINGS } from './show-listings.js';
import { showParameters } from './show-parameters.js';
import { parsePlace } from './show-place.js';
import { showVariables } from './show-variables.js';

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
  const future = cursor.accept('FUTURE', 'GRANTS');
  if (future || cursor.accept('GRANTS')) return showing(showGrants(cursor, context, future));
  const listing = parseListing(cursor);
  const history = cursor.accept('HISTORY');
  const like = cursor.accept('LIKE') ? cursor.stringLiteral() : undefined;
  const place = parsePlace(cursor, context, listing.scope);
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
