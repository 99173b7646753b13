import type { McpServerFactory } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

export interface StdioService {
  /** Resolves when the client has closed its end (stdin at its end, or stdout broken). */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** Serves MCP over this process's stdin and stdout; both protocol eras. */
export function serveOverStdio(factory: McpServerFactory, onError: (error: Error) => void): StdioService {
  const closed = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve);
    process.stdin.once('close', resolve);
    process.stdout.once('error', () => resolve());
  });
  const handle = serveStdio(factory, { onerror: onError });
  return { closed, close: () => handle.close() };
}
