import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/server';
import { legacyClient, modernClient, type TestClient } from './mcp-clients.js';
import type { Place } from './processes.js';

export interface HttpServer {
  readonly url: URL;
  readonly child: ChildProcess;
}

/** A `serve --http` process that has said it is ready. */
export async function httpServer(place: Place, ...args: string[]): Promise<HttpServer> {
  const child = place.start(['serve', '--http', '--port', '0', '--db', place.db, '--json', ...args]);
  if (!child.stdout) throw new Error('the server has no stdout');
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(async () => {
      throw new Error(`the server ended: ${child.stderr ? await text(child.stderr) : ''}`);
    }),
  ])) as [string];
  return { url: new URL((JSON.parse(line) as { url: string }).url), child };
}

export type HttpEra = readonly [
  name: string,
  connect: (url: URL, name?: string, token?: string) => Promise<TestClient>,
];

/** The clients of both SDKs, each with its own SDK's transport. */
export const HTTP_ERAS: readonly HttpEra[] = [
  [
    'modern',
    (url, name, token) => modernClient(new StreamableHTTPClientTransport(url, { requestInit: sent(token) }), name),
  ],
  [
    'legacy',
    (url, name, token) =>
      legacyClient(new LegacyTransport(url, { requestInit: sent(token) }) as unknown as Transport, name),
  ],
];

function sent(token: string | undefined): RequestInit {
  return token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } };
}
