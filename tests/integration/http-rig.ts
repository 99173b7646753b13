import { issueToken } from '../../src/gateway/tokens.js';
import { HttpService, type HttpServiceOptions } from '../../src/http/http-service.js';
import { storeTokens } from '../../src/http/token-gate.js';
import { createMcpFactory } from '../../src/mcp/server-factory.js';
import type { Scope } from '../../src/store/client-store.js';
import { GatewayRig } from './gateway-rig.js';

export const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'bare', version: '1' },
};

/** A call as a client of the modern era sends it. */
export function modernCall(tool: string, args: object, headers: Record<string, string> = {}): RequestInit {
  const params = { name: tool, arguments: args, _meta: ENVELOPE };
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': tool,
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  };
}

/** Any message as a client of the legacy era sends it. */
export function legacyMessage(message: object, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  };
}

export const INITIALIZE = {
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bare', version: '1' } },
};

/** The HTTP service of this process, on a real store; workers and the local Snowflake only where a test starts them. */
export class HttpRig {
  readonly gateways: GatewayRig;
  readonly errors: Error[] = [];
  readonly #services: HttpService[] = [];

  static async open(): Promise<HttpRig> {
    return new HttpRig(await GatewayRig.open());
  }

  constructor(gateways: GatewayRig) {
    this.gateways = gateways;
  }

  async serve(options: Partial<HttpServiceOptions> & { readonly requireTokens?: boolean } = {}): Promise<URL> {
    const gateway = this.gateways.gateway();
    const service = new HttpService({
      factory: createMcpFactory({
        version: 'test',
        open: async (label, auth) => ({
          gateway,
          caller:
            auth === undefined ? { client: label } : { client: auth.clientId, scopes: auth.scopes as readonly Scope[] },
        }),
      }),
      tokens: storeTokens(this.gateways.store, options.requireTokens ?? false),
      host: '127.0.0.1',
      port: 0,
      onError: (error) => this.errors.push(error),
      ...options,
    });
    this.#services.push(service);
    return await service.listen();
  }

  /** A token of a client that is made for it. */
  async token(client: string, scopes?: readonly Scope[], expiresAt?: number): Promise<string> {
    if ((await this.gateways.store.findClient(client)) === undefined) await this.gateways.store.saveClient(client, {});
    const { token } = await issueToken(this.gateways.store, {
      client,
      ...(scopes === undefined ? {} : { scopes }),
      expiresAt,
    });
    return token;
  }

  /** Opens a session of the legacy era; its id. */
  async session(url: URL, headers: Record<string, string> = {}): Promise<string> {
    const answer = await fetch(url, legacyMessage(INITIALIZE, headers));
    await answer.text();
    const id = answer.headers.get('mcp-session-id');
    if (id === null) throw new Error(`no session: ${answer.status}`);
    return id;
  }

  async close(): Promise<void> {
    await Promise.all(this.#services.map((service) => service.close()));
    await this.gateways.close();
  }
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** The JSON-RPC message of an answer, be it one JSON body or an event stream. */
export async function messageOf(answer: Response): Promise<{
  readonly result?: { readonly isError?: boolean; readonly structuredContent?: Record<string, unknown> };
  readonly error?: { readonly code: number; readonly message: string };
}> {
  const text = await answer.text();
  if (!answer.headers.get('content-type')?.includes('event-stream')) return JSON.parse(text);
  const events = text.split('\n').filter((line) => line.startsWith('data: {'));
  return JSON.parse(String(events.at(-1)).slice('data: '.length));
}
