import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ROUTES } from '../../src/local/rest/rest-api.js';
import { ask, bytesAnswered, type RestServer, startRest } from './local-rest/rest-client.js';
import { connect, destroy, run as runInDriver } from './local-wire/driver.js';

let server: RestServer;

beforeAll(async () => {
  server = await startRest();
  await query({ sql: 'create database shop' });
});
afterAll(() => server.close());

const LONG = 'select count(*) from table(generator(rowcount => 2000000000)) a, table(generator(rowcount => 100000)) b';

const query = (body: object, headers: Record<string, string> = {}) =>
  ask(server, 'POST', '/api/v1/query', body, headers);
const rows = async (body: object) => (await query(body)).json.data;

test('answers rows as objects with JSON values', async () => {
  const { status, json } = await query({
    sql: `select 1.5::number(10,2) n, 12345678901234567890 big, 1e300::float f, true b, 'é' t, null u, '2024-02-03'::date d,
      '04:05:06.5'::time ti, '1969-12-31 23:59:58.5'::timestamp_ntz ntz, '2024-02-03 04:05:06 +0530'::timestamp_tz tz,
      '2024-01-01 00:00:00 +0000'::timestamp_ltz ltz, parse_json('{"a":[1,null]}') v, to_binary('AB') bin, 2 n`,
  });
  expect(status).toBe(200);
  expect(json).toMatchObject({ success: true, status: 'succeeded', row_count: 1, truncated: false });
  expect(json.data).toEqual([
    {
      N: 1.5,
      BIG: '12345678901234567890',
      F: 1e300,
      B: true,
      T: 'é',
      U: null,
      D: '2024-02-03',
      TI: '04:05:06.5',
      NTZ: '1969-12-31T23:59:58.5',
      TZ: '2024-02-03T04:05:06+05:30',
      LTZ: '2024-01-01T00:00:00Z',
      V: { a: [1, null] },
      BIN: 'AB',
      N_2: 2,
    },
  ]);
  expect(json.columns[0]).toEqual({ name: 'N', type: 'FIXED', nullable: true });
});

test('takes binds and a context, gives as many rows as are wanted', async () => {
  expect(
    await rows({ sql: 'select ? a, ? b, ? c, ? d, current_schema() s', binds: [1, 2.5, 'x', null], database: 'shop' }),
  ).toEqual([{ A: 1, B: 2.5, C: 'x', D: null, S: 'PUBLIC' }]);
  const { json } = await query({ sql: 'select seq4() i from table(generator(rowcount => 50))', max_rows: 3 });
  expect([json.data.length, json.row_count, json.truncated]).toEqual([3, 50, true]);
  const more = await ask(server, 'GET', `/api/v1/query/${json.query_id}?max_rows=50`);
  expect(more.json.data).toHaveLength(50);
});

test('tells failures as problems with the fitting status', async () => {
  const failed = await query({ sql: 'select * from shop.public.nothing' });
  expect(failed).toMatchObject({
    status: 422,
    json: { title: 'The statement failed', status: 422, code: '002003', success: false, query_id: expect.any(String) },
  });
  expect(failed.headers.get('content-type')).toBe('application/problem+json');
  expect(await query({ sql: 'select\n  1 +' })).toMatchObject({ status: 422, json: { code: '001003', line: 2 } });
  expect(await query({ sql: LONG, timeout: 0.5 })).toMatchObject({ status: 408, json: { code: '000630' } });
  expect(await query({})).toMatchObject({ status: 400, json: { detail: expect.stringContaining('body.sql') } });
  expect(await query({ sql: 'select 1', sqll: 1 })).toMatchObject({ status: 400 });
  expect(await query({ sql: 'select 1', database: 'none' })).toMatchObject({ status: 422, json: { code: '390201' } });
  expect(await query({ sql: 'select 1', session: '5' })).toMatchObject({ status: 404 });
});

test('lists databases and tables', async () => {
  await query({ sql: 'create schema shop.more' });
  await query({ sql: 'create table shop.more.orders (a int)' });
  await query({ sql: 'insert into shop.more.orders values (1), (2)' });
  await query({ sql: 'create view shop.public.seen as select 1 a' });
  expect((await ask(server, 'GET', '/api/v1/databases')).json.databases).toContain('SHOP');
  const all = await ask(server, 'GET', '/api/v1/databases/shop/tables');
  expect(all.json.tables).toEqual([
    { schema: 'MORE', name: 'ORDERS', kind: 'TABLE', row_count: 2 },
    { schema: 'PUBLIC', name: 'SEEN', kind: 'VIEW', row_count: null },
  ]);
  const one = await ask(server, 'GET', '/api/v1/databases/shop/tables?schema=more');
  expect(one.json.tables).toHaveLength(1);
  expect(
    await ask(server, 'GET', `/api/v1/databases/${encodeURIComponent('x"; drop database shop; --')}/tables`),
  ).toMatchObject({
    status: 422,
    json: { code: '002003' },
  });
});

test('a session keeps context, variables and temporary tables to itself', async () => {
  const made = await ask(server, 'POST', '/api/v1/sessions', { database: 'shop', parameters: { timezone: 'UTC' } });
  expect(made).toMatchObject({
    status: 201,
    json: { database: 'SHOP', schema: 'PUBLIC', storage: 'persistent', ttl: 3600 },
  });
  const other = (await ask(server, 'POST', '/api/v1/sessions', { database: 'shop' })).json.session_id;
  const id = made.json.session_id;
  await query({ sql: 'create temporary table mine (a int)', session: id });
  await query({ sql: 'set v = 5', session: id });
  expect(await rows({ sql: 'select count(*) + $v n, current_session() s from mine', session: id })).toEqual([
    { N: 5, S: id },
  ]);
  expect((await query({ sql: 'select * from mine', session: other })).json.code).toBe('002003');
  expect((await query({ sql: 'select 1', session: id, database: 'shop' })).status).toBe(400);
  const listed = (await ask(server, 'GET', '/api/v1/sessions')).json.sessions;
  expect(listed.map((one: { session_id: string }) => one.session_id)).toEqual([id, other]);
  expect((await ask(server, 'DELETE', `/api/v1/sessions/${id}`)).status).toBe(200);
  expect((await ask(server, 'GET', `/api/v1/sessions/${id}`)).status).toBe(404);
  expect((await ask(server, 'DELETE', `/api/v1/sessions/${other}`)).status).toBe(200);
});

test('a session in memory has a database of its own that goes with it', async () => {
  await query({ sql: 'create database REST_SESSION_5' });
  const { json } = await ask(server, 'POST', '/api/v1/sessions', { storage: 'memory' });
  await query({ sql: 'create table t as select 1 a', session: json.session_id });
  const own = `REST_SESSION_${json.session_id}`;
  expect(json).toMatchObject({ storage: 'memory', database: own });
  const { databases } = (await ask(server, 'GET', '/api/v1/databases')).json;
  expect(databases).toContain(own);
  expect(databases).not.toContain('REST_SESSION_5');
  await ask(server, 'DELETE', `/api/v1/sessions/${json.session_id}`);
  expect((await ask(server, 'GET', '/api/v1/databases')).json.databases).not.toContain(own);
});

test('a session ends when nobody has used it for its time', async () => {
  const { json } = await ask(server, 'POST', '/api/v1/sessions', { ttl: 1 });
  expect((await query({ sql: 'select 1', session: json.session_id })).status).toBe(200);
  await vi.waitFor(async () => expect((await ask(server, 'GET', '/api/v1/sessions')).json.sessions).toEqual([]), {
    timeout: 5000,
    interval: 100,
  });
  expect((await query({ sql: 'select 1', session: json.session_id })).status).toBe(404);
});

test('a statement in the background is watched, cancelled and fetched', async () => {
  const started = await query({ sql: LONG, async: true });
  expect(started).toMatchObject({ status: 202, json: { status: 'running' } });
  const id = started.json.query_id;
  const events = fetch(`${server.url}/api/v1/query/${id}/events`);
  const reader = (await events).body?.getReader();
  const first = await reader?.read();
  expect(Buffer.from(first?.value ?? []).toString()).toMatch(/^event: progress\ndata: \{"query_id":".*\n\n$/);
  expect((await ask(server, 'GET', `/api/v1/query/${id}`)).status).toBe(202);
  expect((await ask(server, 'POST', `/api/v1/query/${id}/cancel`)).json.status).toBe('cancelled');
  let rest = '';
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
    rest += Buffer.from(part.value).toString();
  expect(rest).toContain('event: failed\n');
  expect(rest).toContain('"code":"000604"');
  expect((await ask(server, 'GET', `/api/v1/query/${id}`)).status).toBe(422);
});

test('events of a POST end with the rows', async () => {
  const { text, headers } = await query({ sql: 'select 5 a' }, { Accept: 'text/event-stream' });
  expect(headers.get('content-type')).toBe('text/event-stream');
  const last = text.trim().split('\n\n').at(-1) ?? '';
  expect(last.split('\n')[0]).toBe('event: completed');
  expect(JSON.parse(last.replace(/^[^{]*/, ''))).toMatchObject({ data: [{ A: 5 }], row_count: 1 });
});

test('events tell of a failure and of a cancel', async () => {
  const stream = { Accept: 'text/event-stream' };
  const failed = await query({ sql: 'select * from nowhere.x.y' }, stream);
  expect([failed.status, failed.text]).toEqual([200, expect.stringContaining('event: failed\n')]);
  expect(failed.text).toContain('"code":"002003"');
  const { json } = await query({ sql: LONG, async: true });
  const watched = ask(server, 'GET', `/api/v1/query/${json.query_id}/events`);
  await ask(server, 'POST', `/api/v1/query/${json.query_id}/cancel`);
  expect((await watched).text).toMatch(/event: failed\ndata: .*"code":"000604"/);
});

test('the history is searched, filtered and bounded', async () => {
  await query({ sql: "select 'needle' a" });
  await query({ sql: "select 'needle' from nowhere.a.b" });
  const history = async (more: string) => (await ask(server, 'GET', `/api/v1/query/history?${more}`)).json.queries;
  expect(await history('search=NEEDLE')).toMatchObject([
    { status: 'failed', error: { code: '002003' } },
    { status: 'succeeded', row_count: 1, error: null },
  ]);
  expect(await history('search=needle&status=failed')).toHaveLength(1);
  expect(await history('limit=2')).toHaveLength(2);
  expect(await history('user=nobody')).toEqual([]);
  expect((await ask(server, 'GET', '/api/v1/query/history?limit=x')).status).toBe(400);
});

test('metrics count what ran', async () => {
  const value = async (name: string) => {
    const { text } = await ask(server, 'GET', '/api/v1/metrics');
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    );
  };
  const before = await value('snow_local_queries_total{status="succeeded"}');
  await query({ sql: 'select 1' });
  expect(await value('snow_local_queries_total{status="succeeded"}')).toBe(before + 1);
  expect(await value('snow_local_query_seconds_bucket{le="+Inf"}')).toBe(await value('snow_local_query_seconds_count'));
});

test('the same data is seen over the wire', async () => {
  await query({ sql: 'create or replace table shop.public.both (a int)' });
  const connection = await connect(server.url);
  await runInDriver(connection, 'insert into shop.public.both values (7)');
  await destroy(connection);
  expect(await rows({ sql: 'select a from shop.public.both' })).toEqual([{ A: 7 }]);
});

test('the description names every route, and only these', async () => {
  const { json } = await ask(server, 'GET', '/api/openapi.json');
  const described = Object.entries(json.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = ROUTES.map(({ method, path }) => `${method} ${path}`);
  expect(described.sort()).toEqual([...served, 'GET /api/v1/health'].sort());
  expect(json.openapi).toBe('3.1.0');
  expect((await ask(server, 'GET', '/api/v1/health')).json.status).toBe('healthy');
  const ids = ROUTES.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('sessions beyond the limit are refused with 429 and when to come again', async () => {
  const small = await startRest({ sessionLimits: { open: 1 } });
  try {
    const held = await ask(small, 'POST', '/api/v1/sessions', {});
    expect(held.status).toBe(201);
    const refused = await ask(small, 'POST', '/api/v2/statements', { statement: 'select 1' });
    expect(refused).toMatchObject({ status: 429, json: { code: '390001' } });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
  } finally {
    await small.close();
  }
});

test('a server with a password asks for it', async () => {
  const shut = await startRest({ login: { user: 'mcp_snow', password: 'pass-word' } });
  try {
    const body = { sql: 'select current_user() u' };
    const tried = (headers: Record<string, string>) => ask(shut, 'POST', '/api/v1/query', body, headers);
    expect((await tried({})).status).toBe(401);
    expect((await tried({ Authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await tried({ 'X-API-Key': 'wrong' })).status).toBe(401);
    expect((await tried({ Authorization: 'Snowflake Token="x.y"' })).status).toBe(401);
    expect((await tried({ 'X-API-Key': 'pass-word' })).json.data).toEqual([{ U: 'MCP_SNOW' }]);
    expect((await tried({ Authorization: 'Bearer pass-word' })).status).toBe(200);
  } finally {
    await shut.close();
  }
});

test('nothing that is sent makes it fall or answer with its inside', { timeout: 20_000 }, async () => {
  const paths = [...ROUTES.map(({ path }) => path), '/api', '/api/', '/api/v1/%zz', '/api/v1/query/../health'];
  const request = fc.record({
    method: fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'HEAD', 'OPTIONS'),
    path: fc.oneof(
      fc.constantFrom(...paths),
      fc.webPath().map((path) => `/api${path}`),
    ),
    query: fc.webQueryParameters(),
    body: fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .record({ sql: fc.string(), statement: fc.string(), session: fc.string(), timeout: fc.double() })
        .map((one) => JSON.stringify(one)),
    ),
    header: fc.constantFrom(
      'Content-Encoding: gzip',
      'Accept: text/event-stream',
      'Authorization: Bearer x',
      'Authorization: Snowflake Token="a.b"',
      'X: y',
    ),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ method, path, query: asked, body, header }) => {
      const head = `${method} ${path}?${asked} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${header}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
      const answer = await bytesAnswered(server.url, head + body);
      expect(answer).toMatch(/^HTTP\/1\.1 [234]\d\d /);
      expect(answer).not.toMatch(/ at .*\.(ts|js):\d/);
    }),
    { numRuns: 150 },
  );
  expect(server.faults).toEqual([]);
  expect((await query({ sql: 'select 1' })).status).toBe(200);
});
