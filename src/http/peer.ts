import type { IncomingMessage } from 'node:http';

/** Address that a request came from; a proxy's, where one stands in between. */
export function peerOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? 'gone';
}
