import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bearer, HttpRig, INITIALIZE, legacyMessage, messageOf, modernCall } from './http-rig.js';

let rig: HttpRig;
const sockets: Socket[] = [];
const children: ChildProcess[] = [];
beforeEach(async () => {
  rig = await HttpRig.open();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const child of children.splice(0)) if (child.connected) child.disconnect();
  await rig.close();
});

async function stillServes(url: URL): Promise<void> {
  const answer = await messageOf(await fetch(url, modernCall('get_session', {})));
  expect(answer.result?.structuredContent).toMatchObject({ session: 'default' });
}

async function opened(url: URL): Promise<Socket> {
  const socket = connect(Number(url.port), '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Sends a body of so many bytes, with its length told before or not; the answer's status. */
async function flooded(url: URL, bytes: number, told: boolean, headers = {}): Promise<number> {
  const sent = request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(told ? { 'content-length': bytes } : { 'transfer-encoding': 'chunked' }),
      ...headers,
    },
  });
  sent.on('error', () => undefined);
  const answered = once(sent, 'response') as Promise<[{ statusCode: number }]>;
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  let writable = true;
  void answered.then(() => {
    writable = false;
  });
  for (let left = bytes; left > 0 && writable; left -= chunk.length)
    if (!sent.write(chunk.subarray(0, Math.min(left, chunk.length))))
      await Promise.race([once(sent, 'drain'), answered]);
  const [{ statusCode }] = await answered;
  sent.destroy();
  return statusCode;
}

it('answers a body of 50 MB with 413, its length told or not, and goes on', async () => {
  const url = await rig.serve();
  expect(await flooded(url, 50 * 1024 * 1024, true)).toBe(413);
  expect(await flooded(url, 50 * 1024 * 1024, false)).toBe(413);
  await stillServes(url);
});

it('answers who is not let in before it reads what they send', async () => {
  const url = await rig.serve({ requireTokens: true });
  expect(await flooded(url, 50 * 1024 * 1024, true, bearer('nonsense'))).toBe(401);
});

it.each([
  ['no JSON', '{"jsonrpc": "2.0", "id": 1,'],
  ['nothing', ''],
  ['another type', '"tools/list"'],
  ['null', 'null'],
  ['a number', '7'],
  ['an empty batch', '[]'],
  ['no JSON-RPC', '{"hello": "world"}'],
  ['a wrong id', '{"jsonrpc": "2.0", "id": {}, "method": "tools/list"}'],
  ['a nest of arrays', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
  ['a method of a wrong type', '{"jsonrpc": "2.0", "id": 1, "method": 5}'],
])('answers a message that is %s with 400 and a JSON-RPC error, in a session and without one', async (_what, body) => {
  const url = await rig.serve();
  const session = await rig.session(url);
  for (const headers of [{}, { 'mcp-session-id': session }]) {
    const answer = await fetch(url, { ...legacyMessage({}, headers as Record<string, string>), body });
    expect(answer.status).toBe(400);
    expect(await messageOf(answer)).toMatchObject({ error: { code: expect.any(Number), message: expect.any(String) } });
  }
  await stillServes(url);
});

it('refuses other content types, paths and methods', async () => {
  const url = await rig.serve();
  const message = legacyMessage(INITIALIZE, { 'content-type': 'text/plain' });
  expect((await fetch(url, message)).status).toBe(415);
  expect((await fetch(new URL('/nowhere', url))).status).toBe(404);
  expect((await fetch(url)).status).toBe(400);
  expect((await fetch(url, { method: 'PUT', body: '{}' })).status).toBeGreaterThanOrEqual(400);
  expect(await (await fetch(new URL('/healthz', url))).json()).toEqual({ status: 'ok' });
});

it('ends a body that does not come to an end, and headers that do not', async () => {
  const url = await rig.serve({ limits: { requestMs: 200, headersMs: 200 } });
  const body = await opened(url);
  body.write(
    `POST /mcp HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"jsonrpc"`,
  );
  const headers = await opened(url);
  headers.write('POST /mcp HTTP/1.1\r\nHost: 127.');
  const [late, later] = await Promise.all([text(body), text(headers)]);
  expect(late).toMatch(/^HTTP\/1\.1 408/);
  expect(later).toMatch(/^HTTP\/1\.1 408/);
  await stillServes(url);
});

async function idleConnections(url: URL, count: number): Promise<number> {
  const child = fork(resolve('tests/setup/idle-connections.mjs'), [url.port, String(count)]);
  children.push(child);
  const [standing] = (await once(child, 'message')) as [number];
  return standing;
}

it('serves on beside 10,000 idle connections', { timeout: 30_000 }, async () => {
  const url = await rig.serve();
  expect(await idleConnections(url, 10_000)).toBe(10_000);
  await stillServes(url);
});

it('takes no more connections than it may, goes on for those it has, and takes others when some have gone', async () => {
  const url = await rig.serve({ limits: { maxConnections: 50 } });
  const first = await opened(url);
  await idleConnections(url, 60);
  const asked = text(first);
  first.write(`GET /healthz HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`);
  expect(await asked).toMatch(/^HTTP\/1\.1 200/);
  await expect(Promise.all(Array.from({ length: 5 }, () => fetch(new URL('/healthz', url))))).rejects.toThrow();
  children.pop()?.disconnect();
  await expect
    .poll(() =>
      fetch(new URL('/healthz', url)).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
});

it('bounds sessions: who has reached it gives up the one of his that is idle the longest', async () => {
  const url = await rig.serve({ sessions: { idleMs: 60_000, most: 3, mostPerOwner: 2 } });
  const [ann, bob] = [bearer(await rig.token('ann')), bearer(await rig.token('bob'))];
  const alive = async (session: string, headers: Record<string, string>) => {
    const asked = { ...headers, 'mcp-session-id': session };
    return (await fetch(url, legacyMessage({ id: 1, method: 'tools/list' }, asked))).status === 200;
  };
  const bobs = await rig.session(url, bob);
  const [first, second] = [await rig.session(url, ann), await rig.session(url, ann)];
  expect(await alive(first, ann)).toBe(true);
  const third = await rig.session(url, ann);
  expect([await alive(first, ann), await alive(second, ann), await alive(third, ann)]).toEqual([true, false, true]);
  expect(await alive(bobs, bob)).toBe(true);
  const carl = bearer(await rig.token('carl'));
  const full = await fetch(url, legacyMessage(INITIALIZE, carl));
  expect(full.status).toBe(503);
  expect(full.headers.get('retry-after')).toBe('30');
});

it('says which port is taken', async () => {
  const url = await rig.serve();
  await expect(rig.serve({ port: Number(url.port) })).rejects.toMatchObject({
    data: { code: 'INVALID_ARGUMENT', hint: expect.stringContaining('--port') },
  });
});
