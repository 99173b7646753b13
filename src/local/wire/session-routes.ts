import { setTimeout as delay } from 'node:timers/promises';
import type { Exchange, WireState } from './exchange.js';
import { sessionNumber } from './login.js';
import { type Envelope, succeeded } from './reply.js';
import { tokenOfHeader } from './tokens.js';
import { malformedRequest } from './wire-failure.js';

/** How long a client waits for what its session was doing to stop. */
const CLOSE_WAIT_MS = 10_000;

/** `POST /session/token-request`, authorized by the master token. */
export async function renewToken(exchange: Exchange, state: WireState): Promise<Envelope> {
  const { requestType, REQUEST_TYPE: asOlderDriversSay } = await exchange.body();
  if (requestType !== 'RENEW' && asOlderDriversSay !== 'RENEW')
    throw malformedRequest('the only requestType is RENEW.');
  const sessionId = state.tokens.verify(tokenOfHeader(exchange.request.headers.authorization), 'master');
  state.sessions.get(sessionId);
  const issued = state.tokens.issue(sessionId);
  return succeeded({
    sessionToken: issued.token,
    validityInSecondsST: issued.sessionSeconds,
    masterToken: issued.masterToken,
    validityInSecondsMT: issued.masterSeconds,
    sessionId: sessionNumber(sessionId),
  });
}

/** `POST /session?delete=true`: what the session has running is cancelled, what it holds is given back. */
export async function deleteSession(exchange: Exchange, state: WireState): Promise<Envelope> {
  const { engine } = exchange.session();
  if (exchange.url.searchParams.get('delete') === 'true') {
    const closed = state.queries.cancelSession(engine.id).then(() => state.sessions.close(engine.id));
    // Clients open their next session after this answer and expect the locks of this one to be free.
    await Promise.race([closed, delay(CLOSE_WAIT_MS, undefined, { ref: false })]);
  }
  return succeeded();
}

/** `POST /session/heartbeat` */
export async function heartbeat(exchange: Exchange): Promise<Envelope> {
  exchange.session();
  return succeeded();
}

/** `POST /telemetry/send`: taken and dropped. */
export async function telemetry(exchange: Exchange): Promise<Envelope> {
  await exchange.body();
  return succeeded();
}
