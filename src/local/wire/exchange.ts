import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from '../access/access.js';
import type { Engine } from '../engine/engine.js';
import type { AllowedOrigins } from './cross-origin.js';
import type { Queries } from './queries.js';
import { type JsonObject, readJsonBody } from './request-body.js';
import type { ResultStore } from './result-store.js';
import { type Tokens, tokenOfHeader } from './tokens.js';
import type { WireSession, WireSessions } from './wire-sessions.js';

/** What the routes share. */
export interface WireState {
  readonly engine: Engine;
  readonly sessions: WireSessions;
  readonly queries: Queries;
  readonly results: ResultStore;
  readonly tokens: Tokens;
  readonly access: Access;
  readonly options: WireOptions;
}

export interface WireOptions {
  /** The user and password that are let in; without it everybody is, as a developer's emulator does. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Milliseconds a request waits for its statement before it is told to ask again; Snowflake's is 45 s. */
  readonly longPollMs: number;
  /** Bytes of a request's body, sent and unpacked. */
  readonly bodyBytes: number;
  readonly version: string;
  /** Results packed with gzip for who accepts it; by default for clients on other machines only. */
  readonly compress?: boolean;
  /** Sites whose pages may ask the REST APIs; none by default. */
  readonly origins: AllowedOrigins;
  /** Answers what is asked of `/api/`, all but the health. */
  readonly rest?: (exchange: Exchange, state: WireState) => Promise<void>;
}

/** One request and its answer. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly #state: WireState;

  constructor(request: IncomingMessage, response: ServerResponse, url: URL, state: WireState) {
    this.request = request;
    this.response = response;
    this.url = url;
    this.#state = state;
  }

  /** Where the client reached this server, for addresses it is given. */
  get baseUrl(): string {
    return this.url.origin;
  }

  body(): Promise<JsonObject> {
    return readJsonBody(this.request, this.#state.options.bodyBytes);
  }

  /** The session whose token came with the request. Throws 390104, 390111 or 390112. */
  session(): WireSession {
    const { tokens, sessions } = this.#state;
    return sessions.get(tokens.verify(tokenOfHeader(this.request.headers.authorization), 'session'));
  }
}
