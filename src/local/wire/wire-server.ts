import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Access } from '../access/access.js';
import type { AccessSettings } from '../access/settings.js';
import type { Engine } from '../engine/engine.js';
import { LocalError } from '../engine/local-error.js';
import type { WireOptions, WireState } from './exchange.js';
import { HEALTH_PATH } from './health-route.js';
import { DEFAULT_QUERY_LIMITS, Queries, type QueryLimits } from './queries.js';
import { failureOf, sendJson } from './reply.js';
import { DEFAULT_RESULT_LIMITS, type ResultLimits, ResultStore } from './result-store.js';
import { route } from './router.js';
import { type TokenLifetimes, Tokens } from './tokens.js';
import { WireFailure } from './wire-failure.js';
import { DEFAULT_SESSION_LIMITS, type SessionLimits, WireSessions } from './wire-sessions.js';

export interface WireServerOptions extends Partial<WireOptions> {
  readonly engine: Engine;
  /** For rows that exceed the memory; made when needed, removed at the end. */
  readonly spoolDir: string;
  readonly version: string;
  /** Who is let in; without it and without `login` everybody is. */
  readonly access?: AccessSettings;
  readonly tokens?: TokenLifetimes;
  readonly sessionLimits?: Partial<SessionLimits>;
  readonly queryLimits?: Partial<QueryLimits>;
  readonly resultLimits?: Partial<ResultLimits>;
  /** Milliseconds a client has to send a request's head, and all of it; default 20 s and 2 min. */
  readonly patience?: { readonly headMs: number; readonly requestMs: number };
  /** Told of faults of ours, which clients only see as an internal error. */
  readonly onFault?: (error: unknown) => void;
}

export interface WireServer {
  readonly url: string;
  /** Milliseconds since anything was asked of the server or ran in it; open sessions count for three times as long. */
  idleMs(allowance: number): number;
  /** Hangs up, cancels what runs, closes sessions. The engine stays open. */
  close(): Promise<void>;
}

const SWEEP_MS = 30_000;
const DEFAULT_PATIENCE = { headMs: 20_000, requestMs: 120_000 };

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
      access: new Access(options.access, options.login, (user) => options.engine.publicKeysOf(user)),
      results,
      queries,
      sessions: new WireSessions(options.engine, (sessionId) => queries.isBusy(sessionId), sessionLimits),
      tokens: new Tokens(options.tokens ?? { sessionSeconds: 3600, masterSeconds: 14_400 }),
      options: {
        longPollMs: options.longPollMs ?? 45_000,
        bodyBytes: options.bodyBytes ?? 128 * 1024 * 1024,
        version: options.version,
        origins: options.origins ?? [],
        ...(options.compress !== undefined && { compress: options.compress }),
        ...(options.rest !== undefined && { rest: options.rest }),
        ...(options.login !== undefined && { login: options.login }),
      },
    };
    const { headMs, requestMs } = options.patience ?? DEFAULT_PATIENCE;
    const serverOptions = {
      // Drivers reuse sockets for 30 s; a server that closes them sooner makes their next request fail.
      keepAliveTimeout: 65_000,
      headersTimeout: headMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: Math.min(5000, headMs),
    };
    this.#server = createServer(serverOptions, (request, response) => {
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
    this.#answering += 1;
    try {
      await route(request, response, this.#state);
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
      // Who looks whether the server is well does not need it.
      if (request.url !== HEALTH_PATH) this.#lastRequestAt = Date.now();
    }
  }

  #fault(error: unknown): void {
    this.#options.onFault?.(error);
  }
}
