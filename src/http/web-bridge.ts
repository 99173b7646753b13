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

/** A call that is not answered by then sends its headers ahead (ms), so that whoever waits knows that the stream stands. */
const HEADERS_AFTER_MS = 1_000;

/**
 * Writes the SDK's answer, no faster than the client reads; ends the SDK's stream when the client has gone. What comes together
 * goes out together: most answers take one write to the socket.
 */
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
  const flush = setTimeout(() => response.flushHeaders(), response.req.method === 'GET' ? 0 : HEADERS_AFTER_MS);
  const gone = once(response, 'close');
  void gone.then(() => {
    clearTimeout(flush);
    reader.cancel().catch(() => undefined);
  });
  for (;;) {
    const { done, value } = await reader.read();
    if (done || response.destroyed) break;
    response.cork();
    setImmediate(() => {
      if (!response.writableEnded) response.uncork();
    });
    if (!response.write(value)) await Promise.race([once(response, 'drain'), gone]);
  }
  clearTimeout(flush);
  response.end();
}
