import type { Exchange } from '../wire/exchange.js';
import { RestProblem } from './rest-problem.js';

/**
 * Refuses requests that a web page of another site sends: a developer's browser reaches this server, and its pages are
 * not to. Throws 403.
 */
export function assertFromHere({ request, url }: Exchange): void {
  const { origin } = request.headers;
  if (origin === undefined || origin === url.origin) return;
  throw new RestProblem(403, '390403', 'Web pages of other sites are not let in here.');
}
