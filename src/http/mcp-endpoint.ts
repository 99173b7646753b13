import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type AuthInfo,
  createMcpHandler,
  isLegacyRequest,
  type McpHttpHandler,
  type McpServerFactory,
  type ServerEventBus,
} from '@modelcontextprotocol/server';
import { answerJson, jsonRpcRefusal } from './json-answer.js';
import { LegacyEndpoint } from './legacy-endpoint.js';
import type { SessionBounds } from './mcp-sessions.js';
import { readBody } from './read-body.js';
import { sendWebResponse, webRequest } from './web-bridge.js';

/** Tells the streams of `subscriptions/listen` what they wait for; each learns who asked for what while it is opened. */
export interface ListenBus extends ServerEventBus {
  during<Answer>(body: unknown, auth: AuthInfo | undefined, serve: () => Promise<Answer>): Promise<Answer>;
}

export type ListeningFactory = McpServerFactory & { readonly listens?: ListenBus };

export interface McpEndpointOptions {
  readonly factory: ListeningFactory;
  /** What went wrong with a message or a connection; nothing to do about it, but worth a line in the log. */
  readonly onError: (error: Error) => void;
  /** Largest body that is taken, in bytes. */
  readonly maxBodyBytes: number;
  readonly sessions?: SessionBounds;
}

/** MCP over streamable HTTP, both eras at one address: a request tells by itself which one it is of. */
export class McpEndpoint {
  readonly #maxBodyBytes: number;
  readonly #modern: McpHttpHandler;
  readonly #listens: ListenBus | undefined;
  readonly #legacy: LegacyEndpoint;

  constructor(options: McpEndpointOptions) {
    this.#maxBodyBytes = options.maxBodyBytes;
    this.#listens = options.factory.listens;
    this.#modern = createMcpHandler(options.factory, {
      legacy: 'reject',
      onerror: options.onError,
      ...(this.#listens === undefined ? {} : { bus: this.#listens }),
    });
    this.#legacy = new LegacyEndpoint(options.factory, options.onError, options.sessions);
  }

  /** Sessions of the 2025 era that are open. */
  get sessions(): number {
    return this.#legacy.sessions.size;
  }

  async handle(request: IncomingMessage, response: ServerResponse, auth: AuthInfo | undefined): Promise<void> {
    const body = await this.#bodyOf(request, response);
    if (body === undefined) return;
    const web = webRequest(request, response);
    if (!(await isLegacyRequest(web, body.json))) {
      const options = {
        ...(body.json === undefined ? {} : { parsedBody: body.json }),
        ...(auth === undefined ? {} : { authInfo: auth }),
      };
      const serve = () => this.#modern.fetch(web, options);
      const answer = this.#listens === undefined ? serve() : this.#listens.during(body.json, auth, serve);
      await sendWebResponse(await answer, response);
      return;
    }
    const answer = await this.#legacy.handle(web, body.json, auth);
    if ('refusal' in answer) {
      answerJson(request, response, answer.refusal);
      return;
    }
    try {
      await sendWebResponse(answer.response, response);
    } finally {
      answer.done();
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#modern.close(), this.#legacy.close()]);
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
