import { identifierOf } from '../wire/login.js';
import { type RestRoute, restRoute } from './rest-route.js';
import { shownRows } from './shown-rows.js';
import * as shape from './v1-schemas.js';

const quoted = (name: string) => `"${(identifierOf(name) ?? '').replaceAll('"', '""')}"`;

const databases = restRoute({
  method: 'GET',
  path: '/api/v1/databases',
  operationId: 'ListDatabases',
  summary: 'The databases',
  query: shape.nothing,
  answers: { 200: { description: 'Their names.', schema: shape.databases }, ...shape.problems },
  async run({ state, caller }) {
    const rows = await shownRows(state, caller, 'show databases');
    return { status: 200, body: { databases: rows.map(({ name }) => name) } };
  },
});

const tables = restRoute({
  method: 'GET',
  path: '/api/v1/databases/{database}/tables',
  operationId: 'ListTables',
  summary: 'The tables and views of a database, or of one of its schemas',
  query: shape.tablesQuery,
  answers: { 200: { description: 'Tables and views.', schema: shape.tables }, ...shape.problems },
  async run({ state, caller, path, query: { schema } }) {
    const database = quoted(path.database ?? '');
    const place = schema === undefined ? `database ${database}` : `schema ${database}.${quoted(schema)}`;
    const rows = await shownRows(state, caller, `show objects in ${place}`);
    return {
      status: 200,
      body: {
        tables: rows
          .filter(({ schema_name: of }) => schema !== undefined || of !== 'INFORMATION_SCHEMA')
          .map(({ schema_name: of, name, kind, rows: count }) => ({
            schema: of,
            name,
            kind,
            row_count: count === null || count === undefined ? null : Number(count),
          })),
      },
    };
  },
});

export const CATALOG_ROUTES: readonly RestRoute[] = [databases, tables];
