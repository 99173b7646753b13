import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type AuthInfo,
  createMcpHandler,
  isLegacyRequest,
  type McpHttpHandler,
  type McpServerFactory,
  type ServerEventBus,
} from '@modelcontextprotocol/server';
import type { RefusedRequest } from '../gateway/refused-requests.js';
import { answerJson, jsonRpcRefusal } from './json-answer.js';
import { LegacyEndpoint } from './legacy-endpoint.js';
import type { SessionBounds } from './mcp-sessions.js';
import { OpenAnswers } from './open-answers.js';
import { peerOf } from './peer.js';
import { readBody } from './read-body.js';
import { StreamSlots } from './stream-slots.js';
import type { TokenGate } from './token-gate.js';
import { sendWebResponse, webRequest } from './web-bridge.js';

/** Tells the streams of `subscriptions/listen` what they wait for; each learns who asked for what while it is opened. */
export interface ListenBus extends ServerEventBus {
  during(body: unknown, auth: AuthInfo | undefined, serve: (body: unknown) => Promise<Response>): Promise<Response>;
}

export type ListeningFactory = McpServerFactory & { readonly listens?: ListenBus };

export interface McpEndpointOptions {
  readonly factory: ListeningFactory;
  /** What went wrong with a message or a connection; nothing to do about it, but worth a line in the log. */
  readonly onError: (error: Error) => void;
  /** Largest body that is taken, in bytes. */
  readonly maxBodyBytes: number;
  readonly sessions?: SessionBounds;
  /** Streams of `subscriptions/listen` that one client may have open. */
  readonly maxStreamsPerClient: number;
  readonly tokens: TokenGate;
  readonly onRefused: (refused: RefusedRequest) => void;
}

/** Streams of `subscriptions/listen` open at once, of all clients. */
const MOST_STREAMS = 10_000;

/** When a client's streams are used up, it may come back so long after (s). */
const RETRY_AFTER_S = '30';

/** MCP over streamable HTTP, both eras at one address: a request tells by itself which one it is of. */
export class McpEndpoint {
  readonly #maxBodyBytes: number;
  readonly #modern: McpHttpHandler;
  readonly #listens: ListenBus | undefined;
  readonly #legacy: LegacyEndpoint;
  readonly #open: OpenAnswers;
  readonly #streams: StreamSlots;
  readonly #maxStreamsPerClient: number;
  readonly #onRefused: (refused: RefusedRequest) => void;

  constructor(options: McpEndpointOptions) {
    this.#maxBodyBytes = options.maxBodyBytes;
    this.#listens = options.factory.listens;
    this.#modern = createMcpHandler(options.factory, {
      legacy: 'reject',
      onerror: options.onError,
      maxSubscriptions: MOST_STREAMS,
      ...(this.#listens === undefined ? {} : { bus: this.#listens }),
    });
    this.#legacy = new LegacyEndpoint(options.factory, options.onError, options.sessions);
    this.#open = new OpenAnswers(options.tokens, options.onError);
    this.#onRefused = options.onRefused;
    this.#maxStreamsPerClient = options.maxStreamsPerClient;
    this.#streams = new StreamSlots(options.maxStreamsPerClient);
  }

  /** Sessions of the 2025 era that are open. */
  get sessions(): number {
    return this.#legacy.sessions.size;
  }

  async handle(request: IncomingMessage, response: ServerResponse, auth: AuthInfo | undefined): Promise<void> {
    const body = await this.#bodyOf(request, response);
    if (body === undefined) return;
    if (auth !== undefined) this.#open.add(response, auth.token, isStream(request, body.json));
    if (auth !== undefined && isListen(body.json) && !this.#takeStream(request, response, auth.clientId)) return;
    const web = webRequest(request, response);
    if (!(await isLegacyRequest(web, body.json))) {
      const serve = (json: unknown) =>
        this.#modern.fetch(web, {
          ...(json === undefined ? {} : { parsedBody: json }),
          ...(auth === undefined ? {} : { authInfo: auth }),
        });
      const served = this.#listens?.during(body.json, auth, serve) ?? serve(body.json);
      const answer = await served;
      this.#noteScope(answer, request, body.json, auth);
      await sendWebResponse(answer, response);
      return;
    }
    const answer = await this.#legacy.handle(web, body.json, auth);
    if ('refusal' in answer) {
      if (answer.foreign) this.#onRefused({ peer: peerOf(request), reason: 'foreign MCP session', ...clientOf(auth) });
      answerJson(request, response, answer.refusal);
      return;
    }
    this.#noteScope(answer.response, request, body.json, auth);
    try {
      await sendWebResponse(answer.response, response);
    } finally {
      answer.done();
    }
  }

  async close(): Promise<void> {
    this.#open.close();
    await Promise.allSettled([this.#modern.close(), this.#legacy.close()]);
  }

  /** False when the client has as many streams as it may, and was told so. */
  #takeStream(request: IncomingMessage, response: ServerResponse, client: string): boolean {
    const release = this.#streams.take(client);
    if (release !== undefined) {
      response.once('close', release);
      return true;
    }
    const message = `You have ${this.#maxStreamsPerClient} streams open, and that is the most. End one of them, or listen for more on one.`;
    answerJson(request, response, jsonRpcRefusal(429, -32_000, message, { 'retry-after': RETRY_AFTER_S }));
    return false;
  }

  /** A call that the token's scopes do not cover is refused before it is handed on. */
  #noteScope(answer: Response, request: IncomingMessage, body: unknown, auth: AuthInfo | undefined): void {
    if (answer.status !== 403) return;
    const { method, params } = (body ?? {}) as { method?: unknown; params?: { readonly name?: unknown } };
    const named =
      method === 'tools/call' && typeof params?.name === 'string' ? { tool: params.name.slice(0, 100) } : {};
    this.#onRefused({ peer: peerOf(request), reason: 'scope of the token', ...clientOf(auth), ...named });
  }

  /** The parsed body, or `undefined` when the request was refused for it. */
  async #bodyOf(request: IncomingMessage, response: ServerResponse): Promise<{ readonly json?: unknown } | undefined> {
    if (request.method !== 'POST') return {};
    const body = await readBody(request, this.#maxBodyBytes);
    if ('json' in body) return body;
    switch (body.refused) {
      case 'too-large': {
        const most = `${Math.floor(this.#maxBodyBytes / 1024)} KiB`;
        answerJson(
          request,
          response,
          jsonRpcRefusal(413, -32_000, `The message is too large: at most ${most} are taken.`),
        );
        return undefined;
      }
      case 'no-json':
        answerJson(request, response, jsonRpcRefusal(400, -32_700, 'Parse error: the body is no JSON in UTF-8.'));
        return undefined;
      case 'cut-off':
        response.destroy();
        return undefined;
    }
  }
}

/** What stays open until its client has enough of it. */
function isStream({ method }: IncomingMessage, body: unknown): boolean {
  return method === 'GET' || isListen(body);
}

function isListen(body: unknown): boolean {
  return (body as { readonly method?: unknown } | null | undefined)?.method === 'subscriptions/listen';
}

function clientOf(auth: AuthInfo | undefined): { readonly client?: string } {
  return auth === undefined ? {} : { client: auth.clientId };
}
