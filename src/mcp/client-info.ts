import { CLIENT_INFO_META_KEY, type McpServer, type ServerContext } from '@modelcontextprotocol/server';

/** The name a client gives itself: in the modern era with every request, in the legacy era once, when it initialises. */
export function clientInfoName(server: McpServer, context: ServerContext): string | undefined {
  const envelope: Readonly<Record<string, unknown>> = context.mcpReq.envelope ?? {};
  const told = envelope[CLIENT_INFO_META_KEY] as { readonly name?: unknown } | undefined;
  return typeof told?.name === 'string' ? told.name : server.server.getClientVersion()?.name;
}
