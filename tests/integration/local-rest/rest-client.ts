import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { HEALTH } from '../../../src/local/rest/health-description.js';
import { ROUTES } from '../../../src/local/rest/rest-api.js';
import type { ServingOptions } from '../../../src/local/serve-engine.js';
import { startLocalServer } from '../../../src/local/server.js';

export interface RestServer {
  readonly url: string;
  readonly faults: unknown[];
  close(): Promise<void>;
}

/** The real server on a directory of its own. */
export async function startRest(options: ServingOptions = {}): Promise<RestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'mcp-snow-rest-'));
  const faults: unknown[] = [];
  const onFault = (error: unknown) => faults.push(error);
  const server = await startLocalServer({ host: '127.0.0.1', port: 0, dataDir, sampleScale: 0, onFault, ...options });
  return {
    url: server.url,
    faults,
    close: async () => {
      await server.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  /** What the tests compare is written out there. */
  readonly json: any;
  readonly text: string;
}

/** One request; its answer is held against what the description says of that path and status. */
export async function ask(
  server: RestServer,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Asked> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const json = isJson ? JSON.parse(text) : undefined;
  const { pathname } = new URL(path, server.url);
  const route = [...ROUTES, HEALTH].find((one) => one.method === method && pathname.match(pattern(one.path)) !== null);
  if (route !== undefined) {
    const shape = route.answers[response.status];
    expect(shape, `${method} ${pathname} does not tell of ${response.status}: ${text}`).toBeDefined();
    if (isJson) expect(shape?.schema.safeParse(json).error).toBeUndefined();
  }
  return { status: response.status, headers: response.headers, json, text };
}

const pattern = (path: string) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`);

/** Bytes on a bare socket, and what came back until the server closed it. */
export function bytesAnswered(url: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    socket.on('data', (part) => {
      text += part.toString();
    });
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
  });
}
