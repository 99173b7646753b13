import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * The request as the SDK takes it, without its body: that was read before and is handed over beside it. Its signal aborts when
 * the client goes away before it was answered whole.
 */
export function webRequest(request: IncomingMessage, response: ServerResponse): Request {
  const abort = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) abort.abort(new Error('The client has gone.'));
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (Array.isArray(value)) for (const item of value) headers.append(name, item);
    else if (value !== undefined) headers.set(name, value);
  }
  return new Request(`http://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`, {
    method: request.method ?? 'GET',
    headers,
    signal: abort.signal,
  });
}

/** Writes the SDK's answer, no faster than the client reads; ends the SDK's stream when the client has gone. */
export async function sendWebResponse(web: Response, response: ServerResponse): Promise<void> {
  const reader = web.body?.getReader();
  if (response.destroyed) {
    await reader?.cancel();
    return;
  }
  response.writeHead(web.status, Object.fromEntries(web.headers));
  if (reader === undefined) {
    response.end();
    return;
  }
  // An event stream says nothing for a while; the client should know that it stands.
  response.flushHeaders();
  const gone = once(response, 'close');
  void gone.then(() => reader.cancel().catch(() => undefined));
  for (;;) {
    const { done, value } = await reader.read();
    if (done || response.destroyed) break;
    if (!response.write(value)) await Promise.race([once(response, 'drain'), gone]);
  }
  response.end();
}
