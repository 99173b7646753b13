import { type McpServer, ResourceNotFoundError } from '@modelcontextprotocol/server';
import { errorDataOf } from '../errors/snow-error.js';
import { protocolError } from './protocol-error.js';
import { ResultSubscriptions } from './result-subscriptions.js';
import type { OpenCall } from './tool.js';

/** `resources/subscribe` and `resources/unsubscribe` of the 2025 era, as long as the server's connection lasts. */
export function registerSubscriptions(server: McpServer, open: OpenCall): void {
  const subscriptions = new ResultSubscriptions((uri) => {
    // A client that has gone away hears nothing, and misses nothing: its connection is over.
    server.server.sendResourceUpdated({ uri }).catch(() => undefined);
  });
  const closed = server.server.onclose;
  server.server.onclose = () => {
    subscriptions.close();
    closed?.();
  };
  server.server.setRequestHandler('resources/subscribe', async ({ params }, context) => {
    try {
      const { gateway, caller } = await open(context);
      await subscriptions.add(params.uri, gateway, caller);
      return {};
    } catch (thrown) {
      const error = errorDataOf(thrown);
      throw error.code === 'NOT_FOUND' ? new ResourceNotFoundError(params.uri) : protocolError(error);
    }
  });
  server.server.setRequestHandler('resources/unsubscribe', ({ params }) => {
    subscriptions.remove(params.uri);
    return {};
  });
}
