import {
  type McpServer,
  ResourceNotFoundError,
  ResourceTemplate,
  requireScopes,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { errorDataOf, SnowError } from '../errors/snow-error.js';
import { protocolError } from './protocol-error.js';
import type { OpenCall } from './tool.js';

/** Address of a table's description. Names are identifiers as SQL has them, percent-encoded. */
export const TABLE_URI_TEMPLATE = 'snow://databases/{database}/schemas/{schema}/tables/{table}';

/** Snowflake's number for an object that does not exist, or that the role may not see. */
const NO_SUCH_OBJECT = '002003';

export function registerTables(server: McpServer, open: OpenCall): void {
  server.registerResource(
    'table',
    new ResourceTemplate(TABLE_URI_TEMPLATE, { list: undefined }),
    {
      title: 'Columns of a table',
      description: 'The columns of a table or view, as describe_table tells them.',
      mimeType: 'application/json',
      cacheHint: { ttlMs: 60_000, cacheScope: 'private' },
      scopeChallenge: requireScopes('query'),
    },
    async (uri: URL, variables, context: ServerContext) => {
      try {
        const place = {
          database: decoded(variables.database),
          schema: decoded(variables.schema),
          table: decoded(variables.table),
        };
        const { gateway, caller } = await open(context);
        const { items, ...rest } = await gateway.describeTable(caller, place);
        const text = JSON.stringify({ ...place, columns: items, ...rest });
        return { contents: [{ uri: uri.href, mimeType: 'application/json', text }] };
      } catch (thrown) {
        const error = errorDataOf(thrown);
        throw error.number === NO_SUCH_OBJECT ? new ResourceNotFoundError(uri.href) : protocolError(error);
      }
    },
  );
}

function decoded(part: string | string[] | undefined): string {
  try {
    return decodeURIComponent(String(part ?? ''));
  } catch {
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `${JSON.stringify(String(part).slice(0, 80))} is not percent-encoded text.`,
      hint: `Write the names in ${TABLE_URI_TEMPLATE} percent-encoded; % itself is %25.`,
    });
  }
}
