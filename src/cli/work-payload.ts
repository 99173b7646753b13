import { SnowError } from '../errors/snow-error.js';
import type { ListingRequest, QueryRequest } from '../gateway/requests.js';

type Fields = Readonly<Record<string, unknown>>;
type Kind = 'text' | 'number' | 'list';

const QUERY = {
  sql: 'text',
  binds: 'list',
  database: 'text',
  schema: 'text',
  maxRows: 'number',
  timeoutS: 'number',
  reason: 'text',
} as const satisfies Record<string, Kind>;

const LISTING = {
  subject: 'text',
  database: 'text',
  schema: 'text',
  table: 'text',
  like: 'text',
  reason: 'text',
} as const satisfies Record<string, Kind>;

const QUERY_HINT = `Use SQL text, or {"sql": "select ?", "binds": [1]}; other members: ${Object.keys(QUERY).slice(2).join(', ')}.`;
const LISTING_HINT =
  'Use databases, schemas, tables or views, or {"subject": "tables", "database": "D", "schema": "S", "like": "A%"}, or {"subject": "columns", "table": "D.S.T"}.';

/** Work of a `query` job: SQL text, or an object with `sql` and what else a query takes. */
export function queryPayload(text: string): Pick<QueryRequest, keyof typeof QUERY> {
  if (!isObject(text)) return { sql: text };
  const fields = checked(text, 'query', QUERY, QUERY_HINT);
  if (fields.sql === undefined) throw invalid('The payload has no "sql".', QUERY_HINT);
  return fields as unknown as Pick<QueryRequest, keyof typeof QUERY>;
}

/** Work of a `metadata` job: what is listed, by its name or as an object that says where, too. */
export function listingPayload(text: string): Pick<ListingRequest, keyof typeof LISTING> {
  const fields = isObject(text) ? checked(text, 'metadata', LISTING, LISTING_HINT) : { subject: text.trim() };
  if (fields.subject === undefined) throw invalid('The payload has no "subject".', LISTING_HINT);
  return fields as unknown as Pick<ListingRequest, keyof typeof LISTING>;
}

function isObject(text: string): boolean {
  return text.trimStart().startsWith('{');
}

function checked(text: string, kind: string, members: Readonly<Record<string, Kind>>, hint: string): Fields {
  let fields: Fields;
  try {
    fields = JSON.parse(text);
  } catch (failure) {
    throw invalid(`The payload is no JSON: ${(failure as Error).message}.`, hint);
  }
  for (const [name, value] of Object.entries(fields)) {
    const wanted = Object.hasOwn(members, name) ? members[name] : undefined;
    if (wanted === undefined) {
      throw invalid(`The payload has a member that a ${kind} job does not take: ${name.slice(0, 80)}.`, hint);
    }
    if (!isOf(wanted, value)) throw invalid(`"${name}" is no ${wanted}.`, hint);
  }
  return fields;
}

function isOf(kind: Kind, value: unknown): boolean {
  if (kind === 'list') return Array.isArray(value);
  return typeof value === (kind === 'text' ? 'string' : 'number');
}

function invalid(message: string, hint: string): SnowError {
  return new SnowError({ code: 'INVALID_ARGUMENT', message, hint });
}
