import type { Exchange, WireState } from './exchange.js';
import { sessionNumber } from './login.js';
import { type Envelope, succeeded } from './reply.js';
import { tokenOfHeader } from './tokens.js';
import { malformedRequest } from './wire-failure.js';

/** `POST /session/token-request`, authorized by the master token. */
export async function renewToken(exchange: Exchange, state: WireState): Promise<Envelope> {
  const { requestType } = await exchange.body();
  if (requestType !== 'RENEW') throw malformedRequest('the only requestType is RENEW.');
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
    await state.queries.cancelSession(engine.id);
    await state.sessions.close(engine.id);
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
