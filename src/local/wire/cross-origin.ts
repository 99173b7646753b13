import type { IncomingMessage, ServerResponse } from 'node:http';

/** `own`: no web page of another site. `allowed`: a page that the settings let in. `foreign`: any other. */
export type Source = 'own' | 'allowed' | 'foreign';

/** Origins (`https://app.example.com`) whose pages may ask, or `*` for all of them. */
export type AllowedOrigins = readonly string[];

/** Seconds for which a browser need not ask again. */
const PREFLIGHT_S = '600';

export function sourceOf({ headers }: IncomingMessage, url: URL, allowed: AllowedOrigins): Source {
  const { origin } = headers;
  if (origin === undefined || origin === url.origin) return 'own';
  return allowed.includes('*') || allowed.includes(origin) ? 'allowed' : 'foreign';
}

/**
 * Lets a page of an allowed site read the answer. Credentials that a browser adds by itself (cookies) are never part of it: callers
 * prove who they are by headers of their own. Gives true when the request was the browser's question beforehand and is answered.
 */
export function answerAllowed(request: IncomingMessage, response: ServerResponse, allowed: AllowedOrigins): boolean {
  const everyone = allowed.includes('*');
  response.setHeader('Access-Control-Allow-Origin', everyone ? '*' : (request.headers.origin ?? ''));
  if (!everyone) response.appendHeader('Vary', 'Origin');
  response.setHeader('Access-Control-Expose-Headers', 'Link, Location, Retry-After, WWW-Authenticate');
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false;
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE');
  response.setHeader(
    'Access-Control-Allow-Headers',
    'Accept, Authorization, Content-Type, X-API-Key, X-Snowflake-Authorization-Token-Type',
  );
  response.setHeader('Access-Control-Max-Age', PREFLIGHT_S);
  // Browsers ask this as well before a public page may reach a private address.
  if (request.headers['access-control-request-private-network'] === 'true')
    response.setHeader('Access-Control-Allow-Private-Network', 'true');
  response.writeHead(204).end();
  return true;
}
