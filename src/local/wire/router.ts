import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendChunk } from './chunk-route.js';
import { answerAllowed, sourceOf } from './cross-origin.js';
import { Exchange, type WireState } from './exchange.js';
import { HEALTH_PATH, sendHealth } from './health-route.js';
import { login } from './login.js';
import { recordForeign } from './login-audit.js';
import { abortByQueryId, abortByRequestId, monitoring, queryRequest, queryResult } from './query-routes.js';
import { type Envelope, sendForbidden, sendJson, sendNotFound } from './reply.js';
import { deleteSession, heartbeat, renewToken, telemetry } from './session-routes.js';

/** Gives the answer, or nothing when it has sent one itself. */
type Route = (exchange: Exchange, state: WireState) => Promise<Envelope | void>;
type IdRoute = (exchange: Exchange, state: WireState, id: string) => Promise<Envelope | void>;

const ROUTES: Readonly<Record<string, Route>> = {
  'POST /session/v1/login-request': login,
  'POST /session/token-request': renewToken,
  'POST /session': deleteSession,
  'POST /session/heartbeat': heartbeat,
  'POST /telemetry/send': telemetry,
  'POST /queries/v1/query-request': queryRequest,
  'POST /queries/v1/abort-request': abortByRequestId,
  [`GET ${HEALTH_PATH}`]: sendHealth,
};

const ID_ROUTES: readonly (readonly [pattern: RegExp, route: IdRoute])[] = [
  [/^GET \/queries\/([\w-]+)\/result$/, queryResult],
  [/^POST \/queries\/([\w-]+)\/abort-request$/, abortByQueryId],
  [/^GET \/monitoring\/queries\/([\w-]+)$/, monitoring],
  [/^GET \/chunks\/([\w-]+\/\d+)$/, sendChunk],
];

const OWN_NAMES = /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\]|host\.docker\.internal)$/;

/** Finds who answers a request, and sends what it gives. Throws what routes throw. */
export async function route(request: IncomingMessage, response: ServerResponse, state: WireState): Promise<void> {
  const url = urlOf(request, state.access.closed);
  if (url === undefined) {
    recordForeign(request.socket.remoteAddress, state, `the name ${request.headers.host ?? ''}`);
    return sendNotFound(response, 'This address is not served here.');
  }
  const path = url.pathname.replace(/(?<=.)\/+$/, '');
  const key = `${request.method} ${path}`;
  const { rest, origins } = state.options;
  const api = path.startsWith('/api/');
  const source = sourceOf(request, url, api ? origins : []);
  if (source === 'foreign') {
    recordForeign(request.socket.remoteAddress, state, `a page of ${request.headers.origin ?? ''}`);
    return sendForbidden(response, 'Web pages of other sites are not let in here.');
  }
  if (source === 'allowed' && answerAllowed(request, response, origins)) return;
  if (rest !== undefined && api && path !== HEALTH_PATH)
    return await rest(new Exchange(request, response, url, state), state);
  const found = find(key);
  if (found === undefined) return sendNotFound(response, `Nothing is served at ${key}.`);
  const answer = await found(new Exchange(request, response, url, state), state);
  if (answer !== undefined) sendJson(response, answer);
}

function find(key: string): Route | undefined {
  if (Object.hasOwn(ROUTES, key)) return ROUTES[key];
  for (const [pattern, byId] of ID_ROUTES) {
    const id = pattern.exec(key)?.[1];
    if (id !== undefined) return (exchange, state) => byId(exchange, state, id);
  }
  return undefined;
}

/**
 * The address as the client wrote it. Undefined for what is none, and, while everybody is let in, for a name that is not
 * this machine's: a web page could otherwise reach a developer's server by a name of its own that leads here.
 */
function urlOf(request: IncomingMessage, asksForPassword: boolean): URL | undefined {
  const base = `http://${request.headers.host ?? ''}`;
  const path = request.url ?? '';
  if (!URL.canParse(path, base)) return undefined;
  const url = new URL(path, base);
  return asksForPassword || OWN_NAMES.test(url.hostname) ? url : undefined;
}
