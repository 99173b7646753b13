import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type LocalServer, type ServingOptions, serveEngine } from '../../src/local/serve-engine.js';
import { deferred } from './local-wire/driver.js';
import { DuckDBEngine } from './local-wire/duckdb-engine.js';
import { authorized, loginToken, send, sendBytes, untilHungUp } from './local-wire/raw-client.js';

let engine: DuckDBEngine;
let server: LocalServer;
const faults: unknown[] = [];

async function serve(options: ServingOptions = {}): Promise<void> {
  faults.length = 0;
  engine = await DuckDBEngine.open();
  server = await serveEngine(engine, '127.0.0.1', 0, { onFault: (error) => faults.push(error), ...options });
}

beforeEach(() => serve());
afterEach(() => server.close());

async function restart(options: ServingOptions): Promise<void> {
  await server.close();
  await serve(options);
}

const QUERY = '/queries/v1/query-request';

async function query(token: string, body: object, more = '') {
  const { json } = await send(server.url, {
    path: `${QUERY}${more}`,
    headers: authorized(token),
    body: JSON.stringify(body),
  });
  return json;
}

test('takes bodies packed with gzip, and plain ones', async () => {
  const token = await loginToken(server.url);
  const body = JSON.stringify({ sqlText: `select length('${'x'.repeat(200_000)}') as N` });
  for (const [bytes, encoding] of [
    [Buffer.from(body), 'identity'],
    [gzipSync(body), 'gzip'],
  ] as const) {
    const headers = { ...authorized(token), 'Content-Encoding': encoding };
    const { json } = await send(server.url, { path: QUERY, headers, body: bytes });
    expect(json.data?.rowset).toEqual([['200000']]);
  }
});

test.each([
  ['no JSON', '{"sqlText": ', {}],
  ['no object', '[1]', {}],
  ['no text', '{"sqlText": 5}', {}],
  ['no binds', '{"sqlText": "select 1", "bindings": {"1": {"type": "TEXT", "value": 5}}}', {}],
  ['no gzip', '{"sqlText": "select 1"}', { 'Content-Encoding': 'gzip' }],
  ['an unknown encoding', '{"sqlText": "select 1"}', { 'Content-Encoding': 'br' }],
])('tells what is wrong with %s, as an answer drivers read', async (_, body, headers) => {
  const token = await loginToken(server.url);
  const answer = await send(server.url, { path: QUERY, headers: { ...authorized(token), ...headers }, body });
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({ success: false, code: '390400', data: { sqlState: '08P01' } });
  expect(engine.executed).toEqual([]);
  expect(faults).toEqual([]);
});

test('refuses bodies that are too large, packed or not, without reading them', async () => {
  await restart({ bodyBytes: 100_000 });
  const token = await loginToken(server.url);
  const large = JSON.stringify({ sqlText: 'x'.repeat(1_000_000) });
  for (const [body, encoding] of [
    [Buffer.from(large), 'identity'],
    [gzipSync(large), 'gzip'],
  ] as const) {
    const headers = { ...authorized(token), 'Content-Encoding': encoding };
    const answer = await send(server.url, { path: QUERY, headers, body });
    expect(answer.json).toMatchObject({ success: false, code: '390413' });
    expect(answer.json.message).toContain('100000 bytes');
  }
});

test('answers 404 to what it does not serve, and goes on', async () => {
  const unknown = await send(server.url, { method: 'GET', path: '/nothing/here' });
  expect([unknown.status, unknown.json.success]).toEqual([404, false]);
  expect((await send(server.url, { method: 'DELETE', path: '/session' })).status).toBe(404);
  expect((await send(server.url, { method: 'GET', path: '/constructor' })).status).toBe(404);
  expect((await send(server.url, { method: 'GET', path: '/chunks/abc/0' })).status).toBe(404);
});

test('lets nobody in by the name of another machine while it asks for no password', async () => {
  const headers = { Host: 'attacker.example' };
  const body = JSON.stringify({ data: { LOGIN_NAME: 'test', PASSWORD: 'x' } });
  expect((await send(server.url, { path: '/session/v1/login-request', headers, body })).status).toBe(404);
});

test('asks for a session everywhere', async () => {
  const id = '00000000-0000-4000-8000-000000000000';
  for (const [method, path] of [
    ['POST', QUERY],
    ['POST', '/session?delete=true'],
    ['POST', '/session/heartbeat'],
    ['POST', '/queries/v1/abort-request'],
    ['POST', `/queries/${id}/abort-request`],
    ['GET', `/queries/${id}/result`],
    ['GET', `/monitoring/queries/${id}`],
    ['POST', '/session/token-request'],
  ] as const) {
    const answer = await send(server.url, { method, path, body: method === 'POST' ? '{"requestType":"RENEW"}' : '' });
    expect([path, answer.status, answer.json.code]).toEqual([path, 200, '390104']);
  }
});

test.each(['requestType', 'REQUEST_TYPE'])('renews a session token that is asked for with %s', async (name) => {
  const body = JSON.stringify({ data: { LOGIN_NAME: 'test', PASSWORD: 'test' } });
  const { json: login } = await send(server.url, { path: '/session/v1/login-request', body });
  const renewal = JSON.stringify({ [name]: 'RENEW', oldSessionToken: login.data?.token });
  const headers = authorized(String(login.data?.masterToken));
  const { json } = await send(server.url, { path: '/session/token-request', headers, body: renewal });
  expect((await query(String(json.data?.sessionToken), { sqlText: 'select 1 as A' })).data?.rowset).toEqual([['1']]);
  const other = await send(server.url, { path: '/session/token-request', headers, body: `{"${name}":"CLONE"}` });
  expect(other.json.code).toBe('390400');
});

test('tells a session that was closed from one that never was', async () => {
  const token = await loginToken(server.url);
  await send(server.url, { path: '/session?delete=true', headers: authorized(token) });
  const answer = await send(server.url, { path: '/session/heartbeat', headers: authorized(token) });
  expect(answer.json.code).toBe('390111');
});

test('gives rows beyond the first ones as chunks under addresses nobody can guess', async () => {
  await restart({ resultLimits: { inlineBytes: 50_000, chunkBytes: 100_000 } });
  const token = await loginToken(server.url);
  const { data } = await query(token, { sqlText: 'select range as N from range(50000)' });
  const chunks = data?.chunks as { url: string; rowCount: number; uncompressedSize: number }[];
  expect(chunks.length).toBeGreaterThan(3);
  const rows = [...(data?.rowset as string[][])];
  for (const { url, rowCount, uncompressedSize } of chunks) {
    expect(new URL(url).pathname).toMatch(/^\/chunks\/[\w-]{32}\/\d+$/);
    const answer = await send(url, { method: 'GET', path: new URL(url).pathname });
    expect(answer.bytes).toHaveLength(uncompressedSize);
    const part = JSON.parse(`[${answer.bytes.toString()}]`) as string[][];
    expect(part).toHaveLength(rowCount);
    rows.push(...part);
  }
  expect(rows.map(([n]) => Number(n))).toEqual(Array.from({ length: 50_000 }, (_, index) => index));
  expect([data?.total, data?.returned]).toEqual([50_000, 50_000]);
});

test('keeps large results out of memory and forgets them with their time', async () => {
  const resultLimits = { inlineBytes: 10_000, chunkBytes: 100_000, memoryBytes: 200_000 };
  await restart({ resultLimits, queryLimits: { keptMs: 0 } });
  const token = await loginToken(server.url);
  const { data } = await query(token, { sqlText: 'select range as N from range(100000)' });
  const [first] = data?.chunks as { url: string }[];
  const stored = async () => {
    const { bytes } = await send(server.url, { method: 'GET', path: '/api/v1/health' });
    return (JSON.parse(bytes.toString()) as { storedBytes: { memory: number; disk: number } }).storedBytes;
  };
  const before = await stored();
  expect(before.memory).toBeLessThan(300_000);
  expect(before.disk).toBeGreaterThan(500_000);
  await query(token, { sqlText: 'select 1' });
  expect((await stored()).disk).toBe(0);
  expect((await send(server.url, { method: 'GET', path: new URL(first?.url ?? '').pathname })).status).toBe(404);
  const again = await send(server.url, {
    method: 'GET',
    path: `/queries/${data?.queryId}/result`,
    headers: authorized(token),
  });
  expect(again.json).toMatchObject({ success: false, code: '000709' });
});

test('a statement goes on when its client has gone, and a repeated request meets it', async () => {
  const token = await loginToken(server.url);
  const gate = deferred<void>();
  engine.gate = () => gate.promise;
  const body = JSON.stringify({ sqlText: 'select 7 as N' });
  const head = `POST ${QUERY}?requestId=r-1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Snowflake Token="${token}"\r\n`;
  await Promise.all([
    sendBytes(server.url, `${head}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
    vi.waitUntil(() => engine.executed.length === 1).then(() => gate.resolve()),
  ]);
  const answer = await query(token, { sqlText: 'select 7 as N' }, '?requestId=r-1');
  expect(answer.data?.rowset).toEqual([['7']]);
  expect(engine.executed).toHaveLength(1);
});

test('a cancel that overtakes its statement still cancels it', async () => {
  const token = await loginToken(server.url);
  const body = JSON.stringify({ requestId: 'r-2' });
  const cancel = await send(server.url, { path: '/queries/v1/abort-request', headers: authorized(token), body });
  expect(cancel.json.success).toBe(true);
  const sqlText = 'select count(*) from range(1000000) a, range(1000000) b where a.range + b.range = -1';
  expect(await query(token, { sqlText }, '?requestId=r-2')).toMatchObject({ success: false, code: '000604' });
});

test('hangs up on who waits when it ends: nobody is told of a cancel that nobody asked for', async () => {
  const token = await loginToken(server.url);
  const sqlText = 'select count(*) from range(1000000) a, range(1000000) b where a.range + b.range = -1';
  const waiting = query(token, { sqlText }).catch((error) => error);
  await vi.waitUntil(() => engine.executed.length === 1);
  await server.close();
  expect(await waiting).toMatchObject({ code: 'ECONNRESET' });
  await serve();
});

test('opens no more sessions than it may, and takes those of vanished clients first', async () => {
  await restart({ sessionLimits: { open: 2, yieldsAfterMs: 200 } });
  const first = await loginToken(server.url);
  const opened = Date.now();
  await loginToken(server.url);
  const body = JSON.stringify({ data: { LOGIN_NAME: 'test', PASSWORD: 'x' } });
  const refused = await send(server.url, { path: '/session/v1/login-request', body });
  expect(refused.json).toMatchObject({ success: false, code: '390001' });
  expect(refused.json.message).toContain('All 2 sessions');
  await vi.waitUntil(() => Date.now() - opened > 220);
  expect(await loginToken(server.url)).toMatch(/\./);
  const gone = await send(server.url, { path: '/session/heartbeat', headers: authorized(first) });
  expect(gone.json.code).toBe('390111');
});

test('tells its health, and details to who knows the password', async () => {
  await restart({ login: { user: 'MCP_SNOW', password: 'secret' } });
  const health = async (headers: Record<string, string>) => {
    const { status, bytes } = await send(server.url, { method: 'GET', path: '/api/v1/health', headers });
    return [status, JSON.parse(bytes.toString())];
  };
  const everyone = { status: 'healthy', version: expect.stringMatching(/^\d+\.\d+\.\d+/) };
  expect(await health({})).toEqual([200, everyone]);
  expect(await health({ Authorization: 'Bearer wrong' })).toEqual([401, everyone]);
  const [status, details] = await health({ Authorization: 'Bearer secret' });
  expect([status, details]).toEqual([
    200,
    { ...everyone, pid: process.pid, sessions: 0, running: 0, storedBytes: { memory: 0, disk: 0 } },
  ]);
});

test.each([
  ['nothing on one machine, where it costs more than it saves', {}, undefined],
  ['chunks where it is told to', { compress: true }, 'gzip'],
])('compresses %s', async (_, options, encoding) => {
  await restart({ resultLimits: { inlineBytes: 10, chunkBytes: 100_000 }, ...options });
  const token = await loginToken(server.url);
  const { data } = await query(token, { sqlText: 'select range as N from range(10000)' });
  const [first] = data?.chunks as { url: string; rowCount: number }[];
  const headers = { 'Accept-Encoding': 'gzip' };
  const answer = await send(server.url, { method: 'GET', path: new URL(first?.url ?? '').pathname, headers });
  expect(answer.headers['content-encoding']).toBe(encoding);
  const json = encoding === 'gzip' ? gunzipSync(answer.bytes) : answer.bytes;
  expect(JSON.parse(`[${json.toString()}]`)).toHaveLength(first?.rowCount ?? -1);
});

test('hangs up on who never ends its request', async () => {
  await restart({ patience: { headMs: 100, requestMs: 200 } });
  const unfinished = 'POST /queries/v1/query-request HTTP/1.1\r\nHost: localhost\r\n';
  await Promise.all([
    untilHungUp(server.url, unfinished),
    untilHungUp(server.url, `${unfinished}Content-Length: 99\r\n\r\n{"sql`),
  ]);
  expect(await loginToken(server.url)).toMatch(/\./);
});

test('no request of any kind brings it down', async () => {
  const token = await loginToken(server.url);
  const paths = [
    QUERY,
    '/session/v1/login-request',
    '/session/token-request',
    '/session',
    '/session/heartbeat',
    '/queries/v1/abort-request',
    '/queries/x/result',
    '/queries/x/abort-request',
    '/monitoring/queries/x',
    '/telemetry/send',
    '/chunks/x/0',
    '/api/v1/health',
  ];
  const body = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc
      .record({ sqlText: fc.anything(), bindings: fc.anything(), parameters: fc.anything() })
      .map((value) => jsonOf(value)),
    fc
      .record({ data: fc.anything(), requestId: fc.anything(), requestType: fc.anything() })
      .map((value) => jsonOf(value)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'PUT', 'OPTIONS'),
      fc.constantFrom(...paths),
      body,
      fc.boolean(),
      fc.constantFrom('identity', 'gzip', 'deflate'),
      async (method, path, text, withToken, encoding) => {
        const bytes = encoding === 'gzip' && text.length % 2 === 0 ? gzipSync(text) : Buffer.from(text);
        const length = { 'Content-Encoding': encoding, 'Content-Length': String(bytes.length) };
        const headers = { ...length, ...(withToken && authorized(token)) };
        const answer = await send(server.url, { method, path, headers, body: bytes });
        expect([200, 404]).toContain(answer.status);
      },
    ),
    { numRuns: 300 },
  );
  expect(faults).toEqual([]);
  expect((await query(token, { sqlText: 'select 1 as N' })).data?.rowset).toEqual([['1']]);
});

test('no bytes on its socket bring it down', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (bytes) => {
      await sendBytes(server.url, bytes);
    }),
    { numRuns: 50 },
  );
  await sendBytes(
    server.url,
    'POST /queries/v1/query-request HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{"sql',
  );
  await sendBytes(server.url, 'GET http://[ HTTP/1.1\r\nHost: [\r\n\r\n');
  expect(await loginToken(server.url)).toMatch(/\./);
  expect(faults).toEqual([]);
});

function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? String(part) : part)) ?? '';
}
