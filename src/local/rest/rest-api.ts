import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { z } from 'zod';
import type { Exchange, WireState } from '../wire/exchange.js';
import { sendJsonText } from '../wire/reply.js';
import { CallerAudit } from './caller-audit.js';
import { openApiRoute } from './openapi-route.js';
import { problemDetails } from './problem-details.js';
import { RestProblem, type ToldProblem, toldProblem } from './rest-problem.js';
import type { RestAnswer, RestRoute } from './rest-route.js';
import { RestSessions } from './rest-sessions.js';
import { SQL_API } from './sql-api.js';
import { ACCESS_LOG } from './v1-access-log.js';
import { CATALOG_ROUTES } from './v1-catalog.js';
import { HISTORY } from './v1-history.js';
import { METRICS } from './v1-metrics.js';
import { QUERY_ROUTES } from './v1-query.js';
import { SESSION_ROUTES } from './v1-sessions.js';

const gzipped = promisify(gzip);

/** Below this an answer is not packed. */
const PACKED_FROM_BYTES = 16 * 1024;

/** The first that fits is taken. */
export const ROUTES: readonly RestRoute[] = [
  ...SQL_API,
  HISTORY,
  ...QUERY_ROUTES,
  ...SESSION_ROUTES,
  ...CATALOG_ROUTES,
  ACCESS_LOG,
  METRICS,
  openApiRoute(() => ROUTES),
];

interface Found {
  readonly route: RestRoute;
  readonly path: Readonly<Record<string, string>>;
}

/** What a server answers below `/api/`. */
export class RestApi {
  readonly #state: WireState;
  readonly #sessions: RestSessions;
  readonly #callers = new CallerAudit();
  readonly #onFault: (error: unknown) => void;

  /** Faults of ours are told to `onFault` and answered without their inside. */
  constructor(state: WireState, onFault: (error: unknown) => void) {
    this.#state = state;
    this.#sessions = new RestSessions(state);
    this.#onFault = onFault;
  }

  async answer(exchange: Exchange): Promise<void> {
    const { pathname } = exchange.url;
    const { request, response } = exchange;
    try {
      await this.#run(exchange);
    } catch (error) {
      if (request.destroyed && !request.complete) return;
      const told = toldProblem(error);
      if (told.status === 500) this.#onFault(error);
      if (!request.complete) response.setHeader('Connection', 'close');
      if (response.headersSent) response.destroy();
      else await send(exchange, problemAnswer(told, pathname));
    }
  }

  async #run(exchange: Exchange): Promise<void> {
    const state = this.#state;
    const { route, path } = find(exchange.request.method ?? '', exchange.url.pathname);
    const caller = this.#callers.admit(exchange, state);
    const query = checked(route.query, Object.fromEntries(exchange.url.searchParams), 'query') as never;
    const body = await bodyOf(exchange, route);
    const answer = await route.run({ exchange, state, sessions: this.#sessions, caller, path, query, body });
    if (answer !== undefined) await send(exchange, answer);
  }
}

function find(method: string, pathname: string): Found {
  const allowed: string[] = [];
  for (const route of ROUTES) {
    const path = matched(route.path, pathname);
    if (path === undefined) continue;
    if (route.method === method) return { route, path };
    allowed.push(route.method);
  }
  if (allowed.length === 0)
    throw new RestProblem(404, '390404', `Nothing is served at ${pathname}. See /api/openapi.json.`);
  const Allow = [...new Set(allowed)].join(', ');
  throw new RestProblem(405, '390405', `${pathname} takes ${Allow}, not ${method}.`, { Allow });
}

/** The variable parts of a path; undefined when it is another one. */
function matched(template: string, pathname: string): Record<string, string> | undefined {
  const wanted = template.split('/');
  const given = pathname.replace(/\/$/, '').split('/');
  if (wanted.length !== given.length) return undefined;
  const path: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const text = given[i] ?? '';
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) {
      if (part !== text) return undefined;
    } else {
      try {
        path[name] = decodeURIComponent(text);
      } catch {
        return undefined;
      }
    }
  }
  return path;
}

async function bodyOf(exchange: Exchange, route: RestRoute): Promise<never> {
  if (route.body === undefined) return undefined as never;
  const type = exchange.request.headers['content-type'] ?? '';
  // A page of another site may send other types without asking first.
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new RestProblem(415, '390415', 'Send the body as Content-Type: application/json.');
  return checked(route.body, await exchange.body(), 'body') as never;
}

function checked(schema: z.ZodType, value: unknown, where: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const what = result.error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${[where, ...path.map(String)].join('.')}: ${message}`)
    .join('; ');
  throw new RestProblem(400, '390400', `Malformed request: ${what}`);
}

function problemAnswer(told: ToldProblem, pathname: string): RestAnswer {
  if (!pathname.startsWith('/api/v2/')) return problemDetails(told);
  const { status, code, sqlState, message, headers } = told;
  return { status, headers, body: { code, sqlState, message } };
}

async function send({ request, response }: Exchange, answer: RestAnswer): Promise<void> {
  const { status, body = {}, contentType = 'application/json', headers = {} } = answer;
  const pieces: readonly Buffer[] = Array.isArray(body)
    ? body
    : [Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))];
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const packed = bytes >= PACKED_FROM_BYTES && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  if (packed) response.setHeader('Content-Encoding', 'gzip');
  response.appendHeader('Vary', 'Accept-Encoding');
  sendJsonText(
    response,
    packed ? [await gzipped(Buffer.concat([...pieces]), { level: 1 })] : pieces,
    status,
    contentType,
  );
}
