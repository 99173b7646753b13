import { McpServer, type McpServerFactory, type ServerContext } from '@modelcontextprotocol/server';
import { CatalogNames } from './catalog-names.js';
import { clientInfoName } from './client-info.js';
import { clientLabel } from './client-label.js';
import { registerCompletions } from './completions.js';
import { registerSubscriptions } from './legacy-subscriptions.js';
import { ListenStreams } from './listen-streams.js';
import type { OpenGateway } from './open-gateway.js';
import { registerPrompts } from './prompts/prompts.js';
import { registerResults } from './result-resource.js';
import { registerTables } from './table-resource.js';
import { TASKS_EXTENSION } from './task-capability.js';
import { registerTasks } from './task-extension.js';
import { type OpenCall, register, type Tool } from './tool.js';
import { CORE_OFFER, type Offer } from './toolsets.js';

export interface McpFactoryDeps {
  readonly version: string;
  readonly open: OpenGateway;
  /** The core toolset when absent. */
  readonly offer?: Offer;
}

/** Servers, and what a transport needs for the subscriptions of the modern era, which the SDK does not hand on to them. */
export type SnowMcpFactory = McpServerFactory & { readonly open: OpenGateway; readonly listens: ListenStreams };

/** Lists do not change while a server runs; hints of the modern era (ms). */
const LIST_TTL_MS = 5 * 60_000;

/**
 * One factory for both protocol eras and every transport. The SDK calls it per connection or request, and once more for an
 * instance that only answers a probe, so it has no effect beyond the server it returns.
 */
export function createMcpFactory(deps: McpFactoryDeps): SnowMcpFactory {
  const names = new CatalogNames();
  const { tools, instructions } = deps.offer ?? CORE_OFFER;
  const factory: McpServerFactory = ({ era, requestInfo }) => {
    const called = era === 'modern' ? calledTool(tools, requestInfo) : undefined;
    const server = new McpServer(
      { name: 'mcp-snow', title: 'Snowflake for the team', version: deps.version },
      {
        capabilities: {
          tools: { listChanged: false },
          resources: { listChanged: false, subscribe: true },
          prompts: { listChanged: false },
          completions: {},
          ...(era === 'modern' && { extensions: { [TASKS_EXTENSION]: {} } }),
        },
        instructions,
        cacheHints: {
          'tools/list': { ttlMs: LIST_TTL_MS, cacheScope: 'public' },
          'prompts/list': { ttlMs: LIST_TTL_MS, cacheScope: 'public' },
          'resources/templates/list': { ttlMs: LIST_TTL_MS, cacheScope: 'public' },
          'server/discover': { ttlMs: LIST_TTL_MS, cacheScope: 'public' },
        },
      },
    );
    const open: OpenCall = (context: ServerContext) =>
      deps.open(clientLabel(clientInfoName(server, context)), context.http?.authInfo);
    if (called !== undefined) {
      register(server, called, open);
      return server;
    }
    for (const tool of tools) register(server, tool, open);
    registerResults(server, open);
    registerTables(server, open);
    registerPrompts(server);
    registerCompletions(server, open, names);
    if (era === 'modern') registerTasks(server, open);
    else registerSubscriptions(server, open);
    return server;
  };
  return Object.assign(factory, { open: deps.open, listens: new ListenStreams(deps.open) });
}

/**
 * The tool that a request of the modern era over HTTP calls, for which its server is made: it says so in its headers, and those
 * are compared with its body before.
 */
function calledTool(tools: readonly Tool[], request: Request | undefined): Tool | undefined {
  if (request?.headers.get('mcp-method') !== 'tools/call') return undefined;
  const name = request.headers.get('mcp-name');
  return tools.find((tool) => tool.name === name);
}
