import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { ListenTap } from './listen-tap.js';
import type { SnowMcpFactory } from './server-factory.js';

export interface StdioService {
  /** Resolves when the client has closed its end (stdin at its end, or stdout broken). */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Serves MCP over this process's stdin and stdout; both protocol eras. */
export function serveOverStdio(factory: SnowMcpFactory, onError: (error: Error) => void): StdioService {
  const closed = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve);
    process.stdin.once('close', resolve);
    process.stdout.once('error', () => resolve());
  });
  const handle = serveStdio(factory, {
    transport: new ListenTap(new StdioServerTransport(), factory.open),
    onerror: onError,
  });
  return { closed, close: () => handle.close() };
}
