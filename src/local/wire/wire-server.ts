import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Engine } from '../engine/engine.js';
import { LocalError } from '../engine/local-error.js';
import { Exchange, type WireOptions, type WireState } from './exchange.js';
import { login } from './login.js';
import { DEFAULT_QUERY_LIMITS, Queries, type QueryLimits } from './queries.js';
import { abortByQueryId, abortByRequestId, monitoring, queryRequest, queryResult } from './query-routes.js';
import { type Envelope, failureOf, sendJson } from './reply.js';
import { DEFAULT_RESULT_LIMITS, type ResultLimits, ResultStore } from './result-store.js';
import { deleteSession, heartbeat, renewToken, telemetry } from './session-routes.js';
import { type TokenLifetimes, Tokens } from './tokens.js';
import { WireFailure } from './wire-failure.js';
import { DEFAULT_SESSION_LIMITS, type SessionLimits, WireSessions } from './wire-sessions.js';

export interface WireServerOptions extends Partial<WireOptions> {
  readonly engine: Engine;
  /** For rows that exceed the memory; made when needed, removed at the end. */
  readonly spoolDir: string;
  readonly version: string;
  readonly tokens?: TokenLifetimes;
  readonly sessionLimits?: Partial<SessionLimits>;
  readonly queryLimits?: Partial<QueryLimits>;
  readonly resultLimits?: Partial<ResultLimits>;
  /** Told of faults of ours, which clients only see as an internal error. */
  readonly onFault?: (error: unknown) => void;
}

/** What `GET /api/v1/health` tells; all of it to who knows the password, status and version to everyone. */
export interface WireHealth {
  readonly status: 'ok';
  readonly version: string;
  readonly pid: number;
  readonly sessions: number;
  readonly running: number;
  readonly storedBytes: { readonly memory: number; readonly disk: number };
}

export interface WireServer {
  readonly url: string;
  /** Milliseconds since anything was asked of the server or ran in it; open sessions count for three times as long. */
  idleMs(allowance: number): number;
  /** Hangs up, cancels what runs, closes sessions. The engine stays open. */
  close(): Promise<void>;
}

type Route = (exchange: Exchange, state: WireState) => Promise<Envelope | undefined> | Promise<void>;
type QueryRoute = (exchange: Exchange, state: WireState, id: string) => Promise<Envelope | undefined> | Promise<void>;

const ROUTES: Readonly<Record<string, Route>> = {
  'POST /session/v1/login-request': login,
  'POST /session/token-request': renewToken,
  'POST /session': deleteSession,
  'POST /session/heartbeat': heartbeat,
  'POST /telemetry/send': telemetry,
  'POST /queries/v1/query-request': queryRequest,
  'POST /queries/v1/abort-request': abortByRequestId,
};

const QUERY_ROUTES: readonly (readonly [pattern: RegExp, route: QueryRoute])[] = [
  [/^GET \/queries\/([\w-]+)\/result$/, queryResult],
  [/^POST \/queries\/([\w-]+)\/abort-request$/, abortByQueryId],
  [/^GET \/monitoring\/queries\/([\w-]+)$/, monitoring],
];

const SWEEP_MS = 30_000;

const isLoopback = (address: string | undefined) => /^(127\.|::1$|::ffff:127\.)/.test(address ?? '');

/**
 * Snowflake's HTTP protocol before an engine. Resolves when it listens; rejects with the system's error (EADDRINUSE,
 * EACCES) when it cannot. Port 0 takes a free one.
 */
export async function listen(host: string, port: number, options: WireServerOptions): Promise<WireServer> {
  const wire = new Wire(options);
  await wire.listen(host, port);
  return wire;
}

class Wire implements WireServer {
  readonly #state: WireState;
  readonly #options: WireServerOptions;
  readonly #server: Server;
  readonly #sweeper: NodeJS.Timeout;
  #url = '';
  #lastRequestAt = Date.now();
  #answering = 0;

  constructor(options: WireServerOptions) {
    this.#options = options;
    const results = new ResultStore(options.spoolDir, { ...DEFAULT_RESULT_LIMITS, ...options.resultLimits });
    const queries = new Queries(results, { ...DEFAULT_QUERY_LIMITS, ...options.queryLimits });
    const sessionLimits = { ...DEFAULT_SESSION_LIMITS, ...options.sessionLimits };
    this.#state = {
      engine: options.engine,
      results,
      queries,
      sessions: new WireSessions(options.engine, (sessionId) => queries.isBusy(sessionId), sessionLimits),
      tokens: new Tokens(options.tokens ?? { sessionSeconds: 3600, masterSeconds: 14_400 }),
      options: {
        longPollMs: options.longPollMs ?? 45_000,
        bodyBytes: options.bodyBytes ?? 128 * 1024 * 1024,
        version: options.version,
        ...(options.login !== undefined && { login: options.login }),
      },
    };
    // Drivers reuse sockets for 30 s; a server that closes them sooner makes their next request fail.
    const timeouts = { keepAliveTimeout: 65_000, headersTimeout: 20_000, requestTimeout: 120_000 };
    this.#server = createServer({ ...timeouts, connectionsCheckingInterval: 5_000 }, (request, response) => {
      this.#answer(request, response).catch((error) => this.#fault(error));
    });
    // A session has one socket for statements and some for chunks.
    this.#server.maxConnections = sessionLimits.open * 8;
    this.#server.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    });
    this.#sweeper = setInterval(() => {
      queries.sweep();
      this.#state.sessions.closeIdle().catch((error) => this.#fault(error));
    }, SWEEP_MS).unref();
  }

  get url(): string {
    return this.#url;
  }

  async listen(host: string, port: number): Promise<void> {
    await this.#state.results.clear();
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => {
        clearInterval(this.#sweeper);
        reject(error);
      });
      this.#server.listen({ host, port }, () => {
        const { port: taken } = this.#server.address() as AddressInfo;
        this.#url = `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
        resolve();
      });
    });
  }

  idleMs(allowance: number): number {
    const { sessions, queries } = this.#state;
    if (this.#answering > 0 || queries.running > 0) return 0;
    const quiet = Date.now() - this.#lastRequestAt;
    return sessions.size > 0 ? quiet - 2 * allowance : quiet;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#server.close();
    // Before the cancels: a client that hears nothing asks the next server with the same request id; one that is told of
    // a cancel believes that somebody wanted it.
    this.#server.closeAllConnections();
    await this.#state.queries.cancelAll();
    await this.#state.sessions.closeAll();
    await this.#state.results.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#lastRequestAt = Date.now();
    this.#answering += 1;
    try {
      await this.#route(request, response);
    } catch (error) {
      if (!(error instanceof LocalError) && !(error instanceof WireFailure)) {
        // The client went away in the middle of its request: nobody is left to answer.
        if (request.destroyed && !request.complete) return;
        this.#fault(error);
      }
      // A body that was refused for its size is not read to its end.
      if (!request.complete) response.setHeader('Connection', 'close');
      if (!response.headersSent) sendJson(response, failureOf(error));
    } finally {
      this.#answering -= 1;
      this.#lastRequestAt = Date.now();
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = this.#urlOf(request);
    if (url === undefined) return sendJson(response, notFound('This address is not served here.'), 404);
    const path = url.pathname.replace(/(?<=.)\/+$/, '');
    const exchange = new Exchange(request, response, url, this.#state);
    const key = `${request.method} ${path}`;
    if (path.startsWith('/chunks/') && request.method === 'GET') return await this.#chunk(path, request, response);
    if (key === 'GET /api/v1/health') return this.#health(request, response);
    const route = Object.hasOwn(ROUTES, key) ? ROUTES[key] : undefined;
    const answer = route === undefined ? await this.#queryRoute(key, exchange) : await route(exchange, this.#state);
    if (answer === 'none') sendJson(response, notFound(`Nothing is served at ${request.method} ${path}.`), 404);
    else if (answer !== undefined) sendJson(response, answer);
  }

  async #queryRoute(key: string, exchange: Exchange): Promise<Envelope | 'none' | undefined> {
    for (const [pattern, route] of QUERY_ROUTES) {
      const id = pattern.exec(key)?.[1];
      if (id !== undefined) return (await route(exchange, this.#state, id)) ?? undefined;
    }
    return 'none';
  }

  /**
   * The address as the client wrote it. Undefined for what is none, and, while everybody is let in, for a name that is
   * not this machine's: a web page could otherwise reach a developer's server by a name of its own that leads here.
   */
  #urlOf(request: IncomingMessage): URL | undefined {
    const host = request.headers.host ?? '';
    if (!URL.canParse(request.url ?? '', `http://${host}`)) return undefined;
    const url = new URL(request.url ?? '', `http://${host}`);
    const own = /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\]|host\.docker\.internal)$/.test(url.hostname);
    return own || this.#state.options.login !== undefined ? url : undefined;
  }

  async #chunk(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, secret = '', index = ''] = /^\/chunks\/([\w-]+)\/(\d+)$/.exec(path) ?? [];
    const found = this.#state.results.read(secret, Number(index));
    if (found === undefined) return sendJson(response, notFound('This chunk does not exist, or no longer.'), 404);
    const { chunk, rows } = found;
    // On one machine compressing costs more than it saves.
    const accepts = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const zip = accepts && !isLoopback(request.socket.remoteAddress);
    response.setHeader('Content-Type', 'application/octet-stream');
    if (zip) response.setHeader('Content-Encoding', 'gzip');
    else response.setHeader('Content-Length', chunk.bytes);
    try {
      if (zip) await pipeline(rows, createGzip({ level: 1 }), response);
      else await pipeline(rows, response);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    }
  }

  #health(request: IncomingMessage, response: ServerResponse): void {
    const { sessions, queries, results, options } = this.#state;
    const { memoryBytes, inlineBytes, diskBytes } = results.size;
    const known = { status: 'ok' as const, version: options.version };
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (options.login !== undefined && bearer !== options.login.password)
      return sendJson(response, known, bearer === undefined ? 200 : 401);
    const health: WireHealth = {
      ...known,
      pid: process.pid,
      sessions: sessions.size,
      running: queries.running,
      storedBytes: { memory: memoryBytes + inlineBytes, disk: diskBytes },
    };
    return sendJson(response, health);
  }

  #fault(error: unknown): void {
    this.#options.onFault?.(error);
  }
}

function notFound(message: string): Envelope {
  return { success: false, code: '390404', message, data: null };
}
