import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { z } from 'zod';
import type { Exchange, WireState } from '../wire/exchange.js';
import { sendJsonText } from '../wire/reply.js';
import { callerOf } from './caller.js';
import { openApiRoute } from './openapi-route.js';
import { assertFromHere } from './origin.js';
import { RestProblem, type ToldProblem, toldProblem } from './rest-problem.js';
import type { RestAnswer, RestRoute } from './rest-route.js';
import { SQL_API } from './sql-api.js';

const gzipped = promisify(gzip);

/** Below this an answer is not packed. */
const PACKED_FROM_BYTES = 16 * 1024;

export const ROUTES: readonly RestRoute[] = [...SQL_API, openApiRoute(() => ROUTES)];

interface Found {
  readonly route: RestRoute;
  readonly path: Readonly<Record<string, string>>;
}

/** Answers a request whose path begins with `/api/`. Faults of ours are told to `onFault` and answered without their inside. */
export async function answerRest(
  exchange: Exchange,
  state: WireState,
  onFault: (error: unknown) => void,
): Promise<void> {
  const { pathname } = exchange.url;
  try {
    assertFromHere(exchange);
    const { route, path } = find(exchange.request.method ?? '', pathname);
    const caller = callerOf(exchange, state);
    const query = checked(route.query, Object.fromEntries(exchange.url.searchParams), 'query') as never;
    const body = await bodyOf(exchange, route);
    const answer = await route.run({ exchange, state, caller, path, query, body });
    if (answer !== undefined) await send(exchange, answer);
  } catch (error) {
    const { request, response } = exchange;
    if (request.destroyed && !request.complete) return;
    const told = toldProblem(error);
    if (told.status === 500) onFault(error);
    if (!request.complete) response.setHeader('Connection', 'close');
    if (!response.headersSent) await send(exchange, problemAnswer(told, pathname));
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
  const { status, code, sqlState, message, headers, line, position } = told;
  if (pathname.startsWith('/api/v2/')) return { status, headers, body: { code, sqlState, message } };
  return {
    status,
    headers,
    contentType: 'application/problem+json',
    body: {
      type: 'about:blank',
      title: TITLES[status] ?? 'The request failed',
      status,
      detail: message,
      code,
      sqlState,
      ...(line !== undefined && { line }),
      ...(position !== undefined && { position }),
    },
  };
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Malformed request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Timed out',
  413: 'Request too large',
  415: 'Unsupported media type',
  422: 'The statement failed',
  429: 'Too many at once',
  500: 'Internal error',
};

async function send({ request, response }: Exchange, answer: RestAnswer): Promise<void> {
  const { status, body = {}, contentType = 'application/json', headers = {} } = answer;
  const pieces: readonly Buffer[] = Array.isArray(body)
    ? body
    : [Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))];
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const packed = bytes >= PACKED_FROM_BYTES && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  if (packed) response.setHeader('Content-Encoding', 'gzip');
  response.setHeader('Vary', 'Accept-Encoding');
  sendJsonText(
    response,
    packed ? [await gzipped(Buffer.concat([...pieces]), { level: 1 })] : pieces,
    status,
    contentType,
  );
}
