import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { sendWebResponse } from '../../../src/http/web-bridge.js';

let server: Server | undefined;
afterEach(() => server?.closeAllConnections());

/** A server that answers every request with this stream. */
async function answering(stream: ReadableStream<Uint8Array>, onSend = (_response: ServerResponse) => {}): Promise<URL> {
  server = createServer((_request, response) => {
    onSend(response);
    void sendWebResponse(new Response(stream, { headers: { 'x-from': 'web' } }), response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const bytes = (text: string) => new TextEncoder().encode(text);

it('writes what comes together at once, and whole', async () => {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of ['one ', 'two ', 'three']) controller.enqueue(bytes(part));
      controller.close();
    },
  });
  let writes = 0;
  const url = await answering(stream, (response) => {
    const { socket } = response;
    if (socket === null) throw new Error('no socket');
    for (const name of ['_write', '_writev'] as const) {
      const write = socket[name]?.bind(socket) as (...args: unknown[]) => void;
      socket[name] = (...args: unknown[]) => {
        writes += 1;
        write(...args);
      };
    }
  });
  const answer = await fetch(url, { method: 'POST' });
  expect(answer.headers.get('x-from')).toBe('web');
  expect(await answer.text()).toBe('one two three');
  expect(writes).toBe(1);
});

it.each(['GET', 'POST'])(
  'tells who waits with %s that the stream stands, though nothing has come yet',
  async (method) => {
    let end = (): void => {};
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        end = () => controller.close();
      },
    });
    const answer = await fetch(await answering(stream), { method });
    expect(answer.status).toBe(200);
    end();
    expect(await answer.text()).toBe('');
  },
);

it('ends the stream when the client has gone', async () => {
  let ended = (): void => {};
  const cancelled = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const url = await answering(new ReadableStream<Uint8Array>({ cancel: () => ended() }));
  const leaving = new AbortController();
  await fetch(url, { signal: leaving.signal });
  leaving.abort();
  await cancelled;
});
