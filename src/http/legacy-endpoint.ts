import {
  type AuthInfo,
  isInitializeRequest,
  type McpServerFactory,
  type RequestId,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { type JsonAnswer, jsonRpcRefusal } from './json-answer.js';
import { type McpSession, McpSessions, type SessionBounds } from './mcp-sessions.js';

export type LegacyAnswer =
  /** `done` is called when the response has been sent, or its client has gone: from then on the session may be idle. */
  | { readonly response: Response; readonly done: () => void }
  /** `foreign`: for the session is another client's. */
  | { readonly refusal: JsonAnswer; readonly foreign?: boolean };

/** When a server is full, sessions end about this fast (s). */
const RETRY_AFTER_S = '30';

/** The 2025 era: one server and transport per `Mcp-Session-Id`. */
export class LegacyEndpoint {
  readonly #factory: McpServerFactory;
  readonly #onError: (error: Error) => void;
  readonly sessions: McpSessions;

  constructor(factory: McpServerFactory, onError: (error: Error) => void, bounds?: SessionBounds) {
    this.#factory = factory;
    this.#onError = onError;
    this.sessions = new McpSessions(bounds);
  }

  async handle(request: Request, body: unknown, auth: AuthInfo | undefined): Promise<LegacyAnswer> {
    const id = request.headers.get('mcp-session-id');
    if (id !== null) {
      const session = this.sessions.find(id, auth?.clientId);
      if (session === undefined) {
        return { refusal: jsonRpcRefusal(404, -32_001, 'Session not found'), foreign: this.sessions.has(id) };
      }
      const done = this.sessions.use(session.id);
      return { response: await this.#inSession(session, request, body, auth), done };
    }
    if (!isInitializeRequest(body)) {
      const message = 'Bad Request: begin with initialize, and send the Mcp-Session-Id it answers.';
      return { refusal: jsonRpcRefusal(400, -32_000, message) };
    }
    if (!this.sessions.makeRoom(auth?.clientId)) {
      const message = 'This server holds as many sessions as it may; all of yours are in use.';
      return { refusal: jsonRpcRefusal(503, -32_000, message, { 'retry-after': RETRY_AFTER_S }) };
    }
    const transport = await this.#newSession(auth);
    return { response: await transport.handleRequest(request, handedOver(body, auth)), done: () => undefined };
  }

  close(): Promise<void> {
    return this.sessions.close();
  }

  async #newSession(auth: AuthInfo | undefined): Promise<WebStandardStreamableHTTPServerTransport> {
    const server = await this.#factory({ era: 'legacy', ...(auth === undefined ? {} : { authInfo: auth }) });
    const transport: WebStandardStreamableHTTPServerTransport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => this.sessions.newId(),
      onsessioninitialized: (id) => this.sessions.add({ id, owner: auth?.clientId, transport, server }),
      onsessionclosed: (id) => this.sessions.end(id),
    });
    transport.onerror = this.#onError;
    await server.connect(transport);
    return transport;
  }

  async #inSession(
    session: McpSession,
    request: Request,
    body: unknown,
    auth: AuthInfo | undefined,
  ): Promise<Response> {
    const { transport } = session;
    // Answers cannot be fetched later here, so with the stream its waiter has gone. An answered request ignores this.
    const cancel = (): void => {
      for (const requestId of requestIds(body))
        transport.onmessage?.({
          jsonrpc: '2.0',
          method: 'notifications/cancelled',
          params: { requestId, reason: 'The client has gone.' },
        });
    };
    request.signal.addEventListener('abort', cancel, { once: true });
    return await transport.handleRequest(request, handedOver(body, auth));
  }
}

function handedOver(body: unknown, auth: AuthInfo | undefined) {
  return {
    ...(body === undefined ? {} : { parsedBody: body }),
    ...(auth === undefined ? {} : { authInfo: auth }),
  };
}

function requestIds(body: unknown): readonly RequestId[] {
  const messages: readonly unknown[] = Array.isArray(body) ? body : [body];
  return messages.flatMap((message) => {
    const { id, method } = (message ?? {}) as { readonly id?: unknown; readonly method?: unknown };
    const isRequest = typeof method === 'string' && (typeof id === 'string' || typeof id === 'number');
    return isRequest ? [id] : [];
  });
}
