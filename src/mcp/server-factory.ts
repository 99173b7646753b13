import { McpServer, type McpServerFactory, type ServerContext } from '@modelcontextprotocol/server';
import type { Gateway } from '../gateway/requests.js';
import { clientInfoName, clientLabel } from './client-label.js';
import { INSTRUCTIONS } from './instructions.js';
import { registerResults } from './result-resource.js';
import { type OpenCall, register } from './tool.js';
import { CORE_TOOLS } from './tools/core-tools.js';

export interface McpFactoryDeps {
  readonly version: string;
  /** The client's name when the server was started with one; else it is made of what the client says. */
  readonly client?: string;
  /** Opens the store and what stands on it; called with every call, so it has to keep what it has opened. */
  openGateway(client: string): Promise<Gateway>;
}

/** Lists do not change while a server runs; hints of the modern era (ms). */
const LIST_TTL_MS = 5 * 60_000;

/**
 * One factory for both protocol eras and every transport. The SDK calls it per connection or request, and once more for an
 * instance that only answers a probe, so it has no effect beyond the server it returns.
 */
export function createMcpFactory(deps: McpFactoryDeps): McpServerFactory {
  return () => {
    const server = new McpServer(
      { name: 'mcp-snow', title: 'Snowflake for the team', version: deps.version },
      {
        capabilities: { tools: { listChanged: false }, resources: { listChanged: false } },
        instructions: INSTRUCTIONS,
        cacheHints: {
          'tools/list': { ttlMs: LIST_TTL_MS, cacheScope: 'public' },
          'resources/templates/list': { ttlMs: LIST_TTL_MS, cacheScope: 'public' },
          'server/discover': { ttlMs: LIST_TTL_MS, cacheScope: 'public' },
        },
      },
    );
    const open: OpenCall = async (context: ServerContext) => {
      const client = deps.client ?? clientLabel(clientInfoName(server, context));
      return { gateway: await deps.openGateway(client), caller: { client } };
    };
    for (const tool of CORE_TOOLS) register(server, tool, open);
    registerResults(server, open);
    return server;
  };
}
