import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { validateHostHeader, validateOriginHeader } from '@modelcontextprotocol/server';
import { SnowError } from '../errors/snow-error.js';
import type { RefusedRequest } from '../gateway/refused-requests.js';
import { identify } from './bearer.js';
import { answerJson, jsonRpcRefusal } from './json-answer.js';
import { type ListeningFactory, McpEndpoint } from './mcp-endpoint.js';
import type { SessionBounds } from './mcp-sessions.js';
import { bracketed, ownNames } from './own-names.js';
import { peerOf } from './peer.js';
import { METADATA_PATH, metadataUrl, resourceMetadata } from './protected-resource.js';
import type { TokenGate } from './token-gate.js';

export interface HttpServiceOptions {
  readonly factory: ListeningFactory;
  readonly tokens: TokenGate;
  /** Address to listen on. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Where a proxy in front of this server is reached; its host name is accepted, too. */
  readonly publicUrl?: URL;
  readonly onError: (error: Error) => void;
  /** A request was refused for who sent it, from where, or for what. */
  readonly onRefused?: (refused: RefusedRequest) => void;
  readonly limits?: Partial<HttpLimits>;
  readonly sessions?: SessionBounds;
}

export interface HttpLimits {
  /** Largest message, in bytes (4 MiB): a statement of Snowflake's may have 1 MiB. */
  readonly maxBodyBytes: number;
  /** How long a client may take to send a request, in ms (30 s). */
  readonly requestMs: number;
  /** How long it may take to send the headers of its first, in ms (15 s). */
  readonly headersMs: number;
  /** How long a connection without a request stays open, in ms (65 s: longer than proxies keep theirs). */
  readonly keepAliveMs: number;
  /** Connections at once (16,000). */
  readonly maxConnections: number;
  /** Streams of `subscriptions/listen` that one client may have open (256). */
  readonly maxStreamsPerClient: number;
}

const HTTP_LIMITS: HttpLimits = {
  maxBodyBytes: 4 * 1024 * 1024,
  requestMs: 30_000,
  headersMs: 15_000,
  keepAliveMs: 65_000,
  maxConnections: 16_000,
  maxStreamsPerClient: 256,
};

const MCP_PATH = '/mcp';

/** How long finished answers may take to reach their clients when the service closes, in ms. */
const FLUSH_MS = 2_000;

/** MCP over HTTP, health, and the metadata that clients ask for when they are refused. */
export class HttpService {
  readonly #options: HttpServiceOptions;
  readonly #server: Server;
  readonly #mcp: McpEndpoint;
  readonly #names: string[];
  /** Calls that are not answered yet. */
  readonly #calls = new Set<ServerResponse>();
  #ending = false;

  constructor(options: HttpServiceOptions) {
    this.#options = options;
    const limits = { ...HTTP_LIMITS, ...options.limits };
    this.#names = [...ownNames(options.host, options.publicUrl)];
    this.#mcp = new McpEndpoint({
      factory: options.factory,
      onError: options.onError,
      maxBodyBytes: limits.maxBodyBytes,
      maxStreamsPerClient: limits.maxStreamsPerClient,
      tokens: options.tokens,
      onRefused: (refused) => options.onRefused?.(refused),
      ...(options.sessions === undefined ? {} : { sessions: options.sessions }),
    });
    this.#server = createServer(
      {
        requestTimeout: limits.requestMs,
        headersTimeout: Math.min(limits.headersMs, limits.requestMs),
        keepAliveTimeout: limits.keepAliveMs,
        connectionsCheckingInterval: Math.min(5_000, Math.max(20, limits.requestMs / 4)),
        noDelay: true,
      },
      (request, response) => void this.#handle(request, response),
    );
    this.#server.maxConnections = limits.maxConnections;
  }

  /** Where MCP clients find it. Throws what keeps it from listening: a port in use, an address that is not this machine's. */
  async listen(): Promise<URL> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
      this.#server.listen({ host, port, backlog: 1_024 }, resolve);
    });
    const address = this.#server.address() as AddressInfo;
    return new URL(`http://${bracketed(host)}:${address.port}${MCP_PATH}`);
  }

  /** Takes no further requests; those that came before go on. */
  stopAccepting(): void {
    this.#ending = true;
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  /** Waits a moment for answers on their way and ends every connection. */
  async close(): Promise<void> {
    this.stopAccepting();
    let timer: NodeJS.Timeout | undefined;
    const timeUp = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FLUSH_MS);
    });
    const flushed = [...this.#calls].map((call) => new Promise((resolve) => call.once('close', resolve)));
    await Promise.race([Promise.all(flushed), timeUp]);
    clearTimeout(timer);
    await this.#mcp.close();
    this.#server.closeAllConnections();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', this.#options.onError);
    try {
      await this.#route(request, response);
    } catch (failure) {
      this.#options.onError(failure instanceof Error ? failure : new Error(String(failure)));
      answerJson(request, response, jsonRpcRefusal(500, -32_603, 'Internal error'));
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0];
    if (path === '/healthz') {
      answerJson(request, response, {
        status: this.#ending ? 503 : 200,
        body: { status: this.#ending ? 'ending' : 'ok' },
        headers: { 'cache-control': 'no-store' },
      });
      return;
    }
    const host = validateHostHeader(request.headers.host, this.#names);
    const origin = validateOriginHeader(request.headers.origin, this.#names);
    if (!host.ok || !origin.ok) {
      const [what, value] = host.ok ? ['Origin', request.headers.origin] : ['Host', request.headers.host];
      this.#options.onRefused?.({ peer: peerOf(request), reason: `foreign ${what}` });
      const message = `${what} ${JSON.stringify(value?.slice(0, 200))} is not this server's. Behind a proxy, start it with --public-url.`;
      answerJson(request, response, jsonRpcRefusal(403, -32_000, message));
      return;
    }
    if (path === MCP_PATH) await this.#mcpCall(request, response);
    else if (path === METADATA_PATH || path === `${METADATA_PATH}${MCP_PATH}`) await this.#metadata(request, response);
    else answerJson(request, response, jsonRpcRefusal(404, -32_000, `Nothing is here. MCP is at ${MCP_PATH}.`));
  }

  async #mcpCall(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#ending) {
      const headers = { connection: 'close', 'retry-after': '5' };
      answerJson(request, response, jsonRpcRefusal(503, -32_000, 'The server is ending.', headers));
      return;
    }
    const { authorization } = request.headers;
    const identified = await identify(authorization, this.#options.tokens, metadataUrl(this.#resource(request)));
    if ('refusal' in identified) {
      const { reason, client } = identified;
      this.#options.onRefused?.({ peer: peerOf(request), reason, ...(client === undefined ? {} : { client }) });
      answerJson(request, response, identified.refusal);
      return;
    }
    if (request.method === 'POST') {
      this.#calls.add(response);
      response.once('close', () => this.#calls.delete(response));
    }
    await this.#mcp.handle(request, response, identified.auth);
  }

  async #metadata(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(await this.#options.tokens.required())) {
      answerJson(request, response, jsonRpcRefusal(404, -32_000, 'This server asks for no tokens.'));
      return;
    }
    answerJson(request, response, {
      status: 200,
      body: resourceMetadata(this.#resource(request)),
      headers: { 'access-control-allow-origin': '*' },
    });
  }

  /** This server as the caller knows it. Its Host header was checked before. */
  #resource(request: IncomingMessage): URL {
    const { publicUrl } = this.#options;
    if (publicUrl !== undefined) return publicUrl;
    return new URL(`http://${request.headers.host ?? 'localhost'}${MCP_PATH}`);
  }
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): SnowError {
  const where = `${bracketed(host)}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `Something else listens on ${where}.`,
        hint: 'Take another port with --port, or --port 0 for a free one.',
      });
    case 'EACCES':
      return new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `This user may not listen on ${where}.`,
        hint: 'Take a port above 1023.',
      });
    default:
      return new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `Cannot listen on ${where}: ${error.code ?? error.message}.`,
        hint: '--host takes an address of this machine.',
      });
  }
}
