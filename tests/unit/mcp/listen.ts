import { InMemoryTransport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Caller, Gateway } from '../../../src/gateway/requests.js';
import { ListenTap } from '../../../src/mcp/listen-tap.js';
import { createMcpFactory } from '../../../src/mcp/server-factory.js';
import type { Scope } from '../../../src/store/client-store.js';

/** A client's end of the connection. */
export type Listener = InMemoryTransport & {
  /** The clients that a gateway was opened for, in order. */
  readonly opened: readonly string[];
};

/** The real factory behind the SDK's stdio entry, over memory; the gateway has only what the test gives it. */
export function listen(gateway: Partial<Gateway>, scopes?: readonly Scope[]): Listener {
  return listenFor(() => gateway, scopes)();
}

/** One factory for many connections, as in a process that serves many clients; each call opens one. */
export function listenFor(gatewayOf: (label: string) => Partial<Gateway>, scopes?: readonly Scope[]): () => Listener {
  const opened: string[] = [];
  const factory = createMcpFactory({
    version: '0.0.0-test',
    open: async (label) => {
      opened.push(label);
      return {
        gateway: {
          refused: () => undefined,
          rightsOf: async ({ scopes }: Caller) => JSON.stringify([scopes]),
          ...gatewayOf(label),
        } as Gateway,
        caller: { client: label, ...(scopes && { scopes }) },
      };
    },
  });
  return () => {
    const [near, far] = InMemoryTransport.createLinkedPair();
    serveStdio(factory, { transport: new ListenTap(far, factory.open) });
    return Object.assign(near, { opened });
  };
}
