import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { ConnectionProfile } from '../../src/warehouse/profile.js';

/** One request as the driver sent it. */
export interface WireRequest {
  readonly path: string;
  readonly requestId: string | null;
  readonly body: {
    readonly sqlText?: string;
    readonly bindings?: Readonly<Record<string, { type: string; value: unknown }>>;
    readonly parameters?: Readonly<Record<string, unknown>>;
    readonly requestId?: string;
  };
}

export type Handler = (request: WireRequest, response: ServerResponse) => void;

/**
 * A server that speaks just enough of Snowflake's protocol to log in, and misbehaves as a test tells it to: the faults
 * (503 for ever, silence, half answers, slow rows) cannot be had from a healthy one.
 */
export class WireStub {
  readonly requests: WireRequest[] = [];
  readonly #server: Server;
  /** Answers query requests; `SELECT 1` of a fresh connection is answered before it is asked. */
  onQuery: Handler = (_request, response) => ok(response, rowset([['1']], [fixed('1')]));
  onLogin: Handler = (_request, response) => ok(response, loginData());
  onAbort: Handler = (_request, response) => ok(response, null);
  onHeartbeat: Handler = (_request, response) => ok(response, null);
  onOther: Handler = (_request, response) => ok(response, null);

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<WireStub> {
    const server = createServer();
    const stub = new WireStub(server);
    server.on('request', (request, response) => void stub.#serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  profile(options: Readonly<Record<string, unknown>> = {}): ConnectionProfile {
    return {
      name: 'stub',
      local: true,
      options: { account: 'stub', accessUrl: this.url, username: 'u', password: 'top-secret', ...options },
    };
  }

  queries(): readonly WireRequest[] {
    return this.requests.filter(
      ({ path, body }) => path === '/queries/v1/query-request' && body.sqlText !== 'SELECT 1',
    );
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
    const url = new URL(request.url ?? '/', this.url);
    const seen: WireRequest = {
      path: url.pathname,
      requestId: url.searchParams.get('requestId'),
      body: text === '' ? {} : JSON.parse(text),
    };
    this.requests.push(seen);
    this.#handler(seen)(seen, response);
  }

  #handler(request: WireRequest): Handler {
    if (request.path.endsWith('/login-request')) return this.onLogin;
    if (request.path.endsWith('/abort-request')) return this.onAbort;
    if (request.path.endsWith('/heartbeat')) return this.onHeartbeat;
    if (request.body.sqlText === 'SELECT 1') return (_seen, response) => ok(response, rowset([['1']], [fixed('1')]));
    if (request.path.endsWith('/query-request')) return this.onQuery;
    return this.onOther;
  }
}

export function ok(response: ServerResponse, data: unknown, code: string | null = null): void {
  send(response, { data, code, message: null, success: true });
}

export function fail(response: ServerResponse, code: string, message: string, data: object = {}): void {
  send(response, { data: { errorCode: code, queryId: randomUUID(), ...data }, code, message, success: false });
}

function send(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export interface RowType {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly precision: number | null;
  readonly scale: number | null;
}

export function column(name: string, type: string, more: Partial<RowType> = {}): RowType {
  return { name, type, nullable: true, precision: null, scale: null, ...more };
}

export function fixed(name: string, scale = 0): RowType {
  return column(name, 'fixed', { precision: 38, scale });
}

export function rowset(rows: readonly (readonly unknown[])[], rowtype: readonly RowType[], more: object = {}): object {
  return {
    queryId: randomUUID(),
    rowtype,
    rowset: rows,
    returned: rows.length,
    total: rows.length,
    parameters: [{ name: 'TIMEZONE', value: 'America/Los_Angeles' }],
    version: 1,
    statementTypeId: 0x1000,
    finalDatabaseName: 'DB',
    finalSchemaName: 'PUBLIC',
    finalWarehouseName: 'WH',
    finalRoleName: 'ROLE',
    queryResultFormat: 'json',
    ...more,
  };
}

function loginData(): object {
  return {
    token: 'session-token',
    masterToken: 'master-token',
    validityInSeconds: 3600,
    masterValidityInSeconds: 14_400,
    sessionId: 1,
    parameters: [],
    sessionInfo: {},
    serverVersion: '9.0.0',
  };
}
