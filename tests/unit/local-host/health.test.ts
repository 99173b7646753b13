import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { bootId } from '../../../src/local/host/boot-id.js';
import { hostState } from '../../../src/local/host/health.js';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function infoOf(listener: RequestListener) {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return { url, token: 'secret', pid: process.pid, bootId: bootId(), startedAt: 0, version: '1' };
}

const healthy: RequestListener = (request, response) => {
  const known = request.headers.authorization === 'Bearer secret' && request.url === '/api/v1/health';
  response.end(JSON.stringify({ status: 'ok', ...(known && { pid: process.pid }) }));
};

test('a host that knows its token and its own number is alive', async () => {
  expect(await hostState(await infoOf(healthy), 1000)).toBe('alive');
});

test('what has taken the port or the number of a host is not the host', async () => {
  const info = await infoOf(healthy);
  expect(await hostState({ ...info, token: 'another' }, 1000)).toBe('dead');
  expect(await hostState({ ...info, bootId: 'before' }, 1000)).toBe('dead');
  expect(await hostState({ ...info, pid: 4194999 }, 1000)).toBe('dead');
  for (const text of ['not json', '[]', 'null', 'x'.repeat(100_000)])
    expect(await hostState(await infoOf((_request, response) => response.end(text)), 1000)).toBe('dead');
});

test('nobody at the port: dead', async () => {
  const info = await infoOf(healthy);
  await new Promise((resolve) => server?.close(resolve));
  expect(await hostState(info, 1000)).toBe('dead');
});

test('a host that runs but says nothing in time is silent', async () => {
  expect(await hostState(await infoOf(() => {}), 150)).toBe('silent');
});
