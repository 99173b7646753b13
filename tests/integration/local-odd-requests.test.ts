import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalServer } from '../../src/local/serve-engine.js';
import { startLocalServer } from '../../src/local/server.js';
import { bytesOf, type Credentials, oddities, type RealRequest } from './local-fuzz/odd-requests.js';
import { authorized, send } from './local-wire/raw-client.js';

const RUNS = Number(process.env.MCP_SNOW_TEST_RUNS ?? 1_500);
const SEED = Number(process.env.MCP_SNOW_TEST_SEED ?? 20_260_901);

const PASSWORDS = { alice: 'alice-knows-7c1', bob: 'bob-knows-55e' };
const BOBS_KEY = 'bob-has-this-long-key-0b2';
/** Stands in all that is alice's: her statements, rows, tables, variables. Bob never sends it. */
const SECRET = 'HUSH_4F1';

let dataDir: string;
let server: LocalServer;
const faults: unknown[] = [];

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'mcp-snow-odd-'));
  server = await startLocalServer({
    host: '127.0.0.1',
    port: 0,
    dataDir,
    sampleScale: 0,
    access: {
      users: [
        { name: 'alice', password: PASSWORDS.alice, roles: ['ACCOUNTADMIN'] },
        { name: 'bob', password: PASSWORDS.bob, api_key: BOBS_KEY },
      ],
    },
    bodyBytes: 1_000_000,
    longPollMs: 200,
    patience: { headMs: 2_000, requestMs: 2_000 },
    sessionLimits: { open: 100 + RUNS / 20 },
    resultLimits: { inlineBytes: 100, chunkBytes: 1_000 },
    onFault: (error) => faults.push(error),
  });
});
afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Login {
  readonly token: string;
  readonly masterToken: string;
  readonly sessionId: number;
}

async function login(user: keyof typeof PASSWORDS): Promise<Login> {
  const data = { LOGIN_NAME: user, PASSWORD: PASSWORDS[user] };
  const answer = await send(server.url, { path: '/session/v1/login-request', body: JSON.stringify({ data }) });
  return answer.json.data as unknown as Login;
}

async function query(token: string, sqlText: string, requestId: string = randomUUID(), more: object = {}) {
  const body = JSON.stringify({ sqlText, ...more });
  const path = `/queries/v1/query-request?requestId=${requestId}`;
  return (await send(server.url, { path, headers: authorized(token), body })).json;
}

const health = async () => {
  const headers = { Authorization: `Bearer ${BOBS_KEY}` };
  const { bytes } = await send(server.url, { method: 'GET', path: '/api/v1/health', headers });
  return JSON.parse(bytes.toString()) as { running: number; sessions: number; storedBytes: object };
};

/** What comes back until the server closes the connection, as it has to within `withinMs`. */
function answered(bytes: Buffer, ends: boolean, withinMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const socket = connectSocket(Number(port), hostname, () => (ends ? socket.end(bytes) : socket.write(bytes)));
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`not within ${withinMs} ms: ${bytes.subarray(0, 300).toString('latin1')}`));
    }, withinMs);
    let text = '';
    socket.on('data', (part) => {
      text += part.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

/** Bytes of JavaScript's own and of its buffers, after what is not needed is gone. */
function memory(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test('no request of bob’s, however odd, makes it fall, hang, keep memory, or tell of alice', {
  timeout: 60_000,
}, async () => {
  const alice = await login('alice');
  const hers = randomUUID();
  await query(alice.token, `set ${SECRET} = '${SECRET} is hers'`);
  const hersToo = randomUUID();
  await query(alice.token, `create database ${SECRET}`, hersToo);
  const rows = await query(
    alice.token,
    `select '${SECRET}' || seq4() as ${SECRET} from table(generator(rowcount => 500))`,
    hers,
  );
  const running = await query((await login('alice')).token, `select system$wait(600) as ${SECRET}`, randomUUID(), {
    asyncExec: true,
  });
  const herChunk = new URL((rows.data?.chunks as { url: string }[])[0]?.url ?? '').pathname;
  expect((await health()).running).toBe(1);

  const bob = await login('bob');
  const own = (await query(bob.token, 'select 1 as A, seq4() from table(generator(rowcount => 1000))')).data;
  const closed = await login('bob');
  await send(server.url, { path: '/session?delete=true', headers: authorized(closed.token) });
  const credentials: Readonly<Record<string, (by: RealRequest['by']) => Credentials>> = {
    own: (by) =>
      by === 'nothing'
        ? {}
        : by === 'key'
          ? { 'X-API-Key': BOBS_KEY }
          : authorized(by === 'session' ? bob.token : bob.masterToken),
    none: () => ({}),
    'the other of the two tokens': (by) => authorized(by === 'master' ? bob.token : bob.masterToken),
    'of a closed session': () => authorized(closed.token),
    'alice’s token, cut': () => authorized(alice.token.slice(0, -3)),
    'alice’s session, bob’s signature': () => authorized(`${alice.token.split('.')[0]}.${bob.token.split('.')[1]}`),
    'a name that is none': () => ({ Authorization: `Basic ${Buffer.from('bob').toString('base64')}` }),
    'a token of nobody': () => ({ Authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJBTElDRSJ9.' }),
    'alice’s name': () => ({ Authorization: `Basic ${Buffer.from(`alice:${PASSWORDS.bob}`).toString('base64')}` }),
  };

  const strange = [
    hers,
    hersToo,
    rows.data?.queryId,
    running.data?.queryId,
    alice.sessionId,
    String(alice.sessionId),
    'ALICE',
  ];
  const before = memory();
  await fc.assert(
    fc.asyncProperty(oddities(requestsOf(own, strange as string[]), strange, Object.keys(credentials)), async (odd) => {
      const { bytes, ends } = bytesOf(odd, credentials[odd.credentials]?.(odd.request.by) ?? {});
      const answer = await answered(bytes, ends, 8_000);
      if (!ends) expect(answer).toMatch(/^HTTP\/1\.1 /);
      for (const [, status] of answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)) expect(status).toMatch(/^[234]/);
      for (const hidden of [SECRET, alice.token, alice.masterToken, herChunk, ...Object.values(PASSWORDS)])
        expect(answer).not.toContain(hidden);
      expect(answer).not.toMatch(/ at .*\.(ts|js):\d/);
      expect(faults).toEqual([]);
      const opened = /"token":"([^"]+)"/.exec(answer)?.[1];
      if (opened !== undefined) await send(server.url, { path: '/session?delete=true', headers: authorized(opened) });
    }),
    { numRuns: RUNS, seed: SEED },
  );

  expect(await health()).toMatchObject({ running: 1 });
  expect((await query(alice.token, `select $${SECRET} as V`)).data?.rowset).toEqual([[`${SECRET} is hers`]]);
  expect((await send(server.url, { method: 'GET', path: herChunk })).status).toBe(200);
  expect(memory() - before).toBeLessThan(40_000_000);
});

/** What clients send; where an id is named, bob's own or, by the same way, one of alice's. */
function requestsOf(own: Readonly<Record<string, unknown>> | undefined, hers: readonly string[]) {
  const wire = (path: string, body?: object, by: RealRequest['by'] = 'session'): RealRequest => ({
    method: body === undefined ? 'GET' : 'POST',
    path,
    by,
    ...(body !== undefined && { body }),
  });
  const rest = (method: string, path: string, body?: object): RealRequest => ({
    method,
    path,
    by: 'key',
    ...(body !== undefined && { body }),
  });
  const chunk = new URL((own?.chunks as { url: string }[])[0]?.url ?? '').pathname;
  const aimed = [String(own?.queryId), ...hers].flatMap((id) => [
    wire(`/queries/${id}/result`),
    wire(`/queries/${id}/abort-request`, {}),
    wire(`/monitoring/queries/${id}`),
    wire('/queries/v1/abort-request', { requestId: id }),
    rest('GET', `/api/v2/statements/${id}?partition=0`),
    rest('POST', `/api/v2/statements/${id}/cancel`, {}),
    rest('GET', `/api/v1/query/${id}?max_rows=5`),
    rest('POST', `/api/v1/query/${id}/cancel`, {}),
    rest('GET', `/api/v1/query/${id}/events`),
    rest('GET', `/api/v1/sessions/${id}`),
    rest('DELETE', `/api/v1/sessions/${id}`),
    rest('POST', '/api/v1/query', { sql: 'select 1', session: id }),
    wire(`/queries/v1/query-request?requestId=${id}`, { sqlText: 'select 1 as N' }),
    rest('POST', `/api/v2/statements?retry=true&requestId=${id}`, { statement: 'select 1' }),
  ]);
  const data = {
    LOGIN_NAME: 'bob',
    PASSWORD: PASSWORDS.bob,
    ACCOUNT_NAME: 'local',
    CLIENT_APP_ID: 'JavaScript',
    CLIENT_ENVIRONMENT: { OS: 'Linux' },
    SESSION_PARAMETERS: { TIMEZONE: 'UTC', QUERY_TAG: 'x' },
  };
  const usual = [
    wire('/session/v1/login-request?databaseName=&schemaName=PUBLIC&warehouse=w', { data }, 'nothing'),
    wire('/session/token-request', { requestType: 'RENEW', oldSessionToken: 'x' }, 'master'),
    wire('/session/heartbeat', {}),
    wire('/session?delete=false', {}),
    wire('/telemetry/send', { logs: [{ message: {}, timestamp: '1' }] }),
    wire('/queries/v1/query-request?requestId=', {
      sqlText: 'select ? as N, ? as T',
      bindings: { 1: { type: 'FIXED', value: '1' }, 2: { type: 'TEXT', value: 'a' } },
      parameters: { QUERY_TAG: 't', STATEMENT_TIMEOUT_IN_SECONDS: 5, MULTI_STATEMENT_COUNT: 1 },
      queryContextDTO: { entries: [] },
    }),
    wire('/queries/v1/query-request', { sqlText: 'select 1; select 2', parameters: { MULTI_STATEMENT_COUNT: 0 } }),
    wire('/queries/v1/query-request', {
      sqlText: 'select seq4() from table(generator(rowcount => 10))',
      asyncExec: true,
    }),
    wire('/queries/v1/query-request', { sqlText: 'select 1', describeOnly: true, isInternal: false }),
    wire('/queries/v1/query-request', { sqlText: 'show parameters', disableOfflineChunks: true }),
    wire(chunk, undefined, 'nothing'),
    rest('POST', '/api/v2/statements?async=false&nullable=false', {
      statement: 'select ?::number n',
      timeout: 5,
      bindings: { 1: { type: 'FIXED', value: '42' } },
      parameters: { TIMEZONE: 'UTC', QUERY_TAG: 'q' },
    }),
    rest('POST', '/api/v1/query', { sql: 'select ? a', binds: [1], timeout: 2, max_rows: 3, async: false }),
    rest('POST', '/api/v1/sessions', { storage: 'persistent', ttl: 1, parameters: { TIMEZONE: 'UTC' } }),
    rest('GET', '/api/v1/sessions'),
    rest('GET', '/api/v1/query/history?limit=100&search=select&user=alice'),
    rest('GET', '/api/v1/databases'),
    rest('GET', '/api/v1/metrics'),
    rest('GET', '/api/openapi.json'),
  ];
  return { usual, aimed };
}
