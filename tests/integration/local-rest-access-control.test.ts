import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, type RestServer, startRest } from './local-rest/rest-client.js';
import { connect, destroy, failure, run } from './local-wire/driver.js';

const ADMIN = { 'X-API-Key': 'the key of the administrator' };
const READER = { 'X-API-Key': 'the key of a dashboard' };
const APP = 'https://app.example.com';

let server: RestServer;

beforeAll(async () => {
  server = await startRest({
    access: {
      users: [
        { name: 'boss', password: 'of all', api_key: ADMIN['X-API-Key'], roles: ['ACCOUNTADMIN'] },
        { name: 'ann', password: 'analyst', api_key: 'the key of an analyst' },
        { name: 'dash', api_key: READER['X-API-Key'], read: ['shop.public.orders'] },
      ],
    },
    origins: [APP],
  });
  for (const sql of [
    'create database shop',
    'create table shop.public.orders (id int)',
    'insert into shop.public.orders values (1)',
    'create table shop.public.secrets (word text)',
    'create role analyst',
    'grant role analyst to user ann',
    'grant usage on database shop to role analyst',
    'grant usage on schema shop.public to role analyst',
    'grant select on table shop.public.orders to role analyst',
  ])
    expect((await ask(server, 'POST', '/api/v1/query', { sql }, ADMIN)).status).toBe(200);
});
afterAll(async () => await server.close());

const v1 = (sql: string, headers: Record<string, string>, more: object = {}) =>
  ask(server, 'POST', '/api/v1/query', { sql, ...more }, headers);
const v2 = (statement: string, headers: Record<string, string>, more: object = {}) =>
  ask(server, 'POST', '/api/v2/statements', { statement, ...more }, headers);

describe('what a user may not use is refused', () => {
  const refusals = [
    ['select * from shop.public.secrets', '002003', '42S02'],
    ['insert into shop.public.orders values (2)', '003001', '42501'],
  ] as const;

  test('over the wire, the SQL API and /api/v1 alike', async () => {
    const ann = await connect(server.url, { username: 'ann', password: 'analyst' });
    expect((await run(ann, 'select id from shop.public.orders')).rows).toEqual([{ ID: 1 }]);
    for (const [text, code, sqlState] of refusals) {
      const wire = await failure(run(ann, text));
      expect({ code: wire.code, sqlState: wire.sqlState }).toEqual({ code, sqlState });
      const key = { 'X-API-Key': 'the key of an analyst' };
      expect(await v1(text, key)).toMatchObject({ status: 422, json: { code, sqlState, detail: wire.message } });
      expect(await v2(text, key)).toMatchObject({ status: 422, json: { code, sqlState, message: wire.message } });
    }
    await destroy(ann);
    const unknown = await failure(connect(server.url, { username: 'ann', password: 'analyst', role: 'ACCOUNTADMIN' }));
    expect(unknown.code).toBe('390189');
  });

  test('by the places that an API key is confined to', async () => {
    expect((await v1('select id from shop.public.orders', READER)).json.data).toEqual([{ ID: 1 }]);
    for (const [text, code] of refusals) expect((await v1(text, READER)).json.code, text).toBe(code);
    expect((await ask(server, 'GET', '/api/v1/databases', undefined, READER)).json.databases).toEqual(['SHOP']);
    const tables = await ask(server, 'GET', '/api/v1/databases/shop/tables', undefined, READER);
    expect(tables.json.tables.map(({ name }: { name: string }) => name)).toEqual(['ORDERS']);
    expect((await v2('select 1', READER, { database: 'elsewhere' })).json.code).toBe('390201');
  });

  test('also under a request id that somebody else has used', async () => {
    const path = `/api/v2/statements?requestId=${randomUUID()}&retry=true`;
    const body = { statement: 'insert into shop.public.orders select 9 where false' };
    const first = await ask(server, 'POST', path, body, ADMIN);
    expect(first.status).toBe(200);
    expect((await ask(server, 'POST', path, body, ADMIN)).json.statementHandle).toBe(first.json.statementHandle);
    expect((await ask(server, 'POST', path, body, READER)).json.code).toBe('003001');
  });

  test('but not in the database of a session of its own', async () => {
    const made = await ask(server, 'POST', '/api/v1/sessions', { storage: 'memory' }, READER);
    expect(made.status).toBe(201);
    const { session_id: session, database } = made.json;
    expect(database).toBe(`REST_SESSION_${session}`);
    expect((await v1('create table mine (n int)', READER, { session })).status).toBe(200);
    expect((await v1('insert into mine values (7)', READER, { session })).status).toBe(200);
    expect((await v1('select n from mine', READER, { session })).json.data).toEqual([{ N: 7 }]);
    const key = { 'X-API-Key': 'the key of an analyst' };
    expect((await v1(`select * from ${database}.public.mine`, key)).json.code).toBe('002003');
    expect((await ask(server, 'DELETE', `/api/v1/sessions/${session}`, undefined, READER)).status).toBe(200);
    expect((await ask(server, 'GET', '/api/v1/databases', undefined, ADMIN)).json.databases).not.toContain(database);
  });
});

describe('attempts are logged', () => {
  const events = async (query: string, headers = ADMIN) =>
    (await ask(server, 'GET', `/api/v1/access/log?${query}`, undefined, headers)).json.events as Record<
      string,
      unknown
    >[];

  test('logins, good and bad, with who, from where and how', async () => {
    await destroy(await connect(server.url, { username: 'boss', password: 'of all' }));
    await failure(connect(server.url, { username: 'boss', password: 'of none' }));
    await ask(server, 'GET', '/api/v1/databases', undefined, { 'X-API-Key': 'no key that is known' });
    const [bad, good] = await events('type=login&user=boss');
    expect(good).toMatchObject({
      user: 'BOSS',
      address: '127.0.0.1',
      client: 'JavaScript',
      factor: 'PASSWORD',
      success: true,
    });
    expect(bad).toMatchObject({ user: 'BOSS', success: false, error: { code: '390100' } });
    expect((await events('success=false&type=login'))[0]).toMatchObject({ user: '', error: { code: '390100' } });
    const text = JSON.stringify(await events('limit=1000'));
    for (const secret of ['of none', 'of all', 'no key that is known', 'the key of'])
      expect(text).not.toContain(secret);
  });

  test('objects that were kept from somebody, with the statement', async () => {
    const { json } = await v1('select * from shop.public.secrets', READER);
    const [event] = await events('type=object&user=dash');
    expect(event).toMatchObject({ query_id: json.query_id, error: { code: '002003', message: json.detail } });
    await v1('select * from shop.public.nothing_there', READER);
    expect((await events('type=object&user=dash'))[0]).toEqual(event);
  });

  test('for SQL as well, each user their own', async () => {
    const history = (headers: Record<string, string>) =>
      v1(
        'select distinct user_name from table(shop.information_schema.login_history(result_limit => 1000)) order by 1'.replace(
          'snowflake.',
          'shop.',
        ),
        headers,
      );
    expect((await history(READER)).json.data).toEqual([{ USER_NAME: 'DASH' }]);
    expect((await history(ADMIN)).json.data).toEqual(
      expect.arrayContaining([{ USER_NAME: 'BOSS' }, { USER_NAME: 'DASH' }]),
    );
    const view = 'create view shop.public.logins as select user_name from snowflake.account_usage.login_history';
    expect((await v1(view, ADMIN)).status).toBe(200);
    const all = (await v1('select distinct user_name from shop.public.logins', ADMIN)).json.data;
    expect(all).toEqual(expect.arrayContaining([{ USER_NAME: 'BOSS' }, { USER_NAME: 'DASH' }]));
    const failed = await v1(
      "select is_success, error_code, first_authentication_factor f from table(shop.information_schema.login_history_by_user('boss', dateadd(hour, -1, current_timestamp()))) where is_success = 'NO' limit 1",
      ADMIN,
    );
    expect(failed.json.data).toEqual([{ IS_SUCCESS: 'NO', ERROR_CODE: 390100, F: 'PASSWORD' }]);
    expect((await events('', READER as never)).every(({ user }) => user === 'DASH')).toBe(true);
  });
});

describe('pages of other sites', () => {
  const preflight = (origin: string, more: Record<string, string> = {}) =>
    fetch(`${server.url}/api/v1/query`, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST', ...more },
    });

  test('are let in by name', async () => {
    const asked = await preflight(APP, { 'Access-Control-Request-Private-Network': 'true' });
    expect(asked.status).toBe(204);
    const headers = Object.fromEntries(asked.headers);
    expect(headers).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-private-network': 'true',
      vary: 'Origin',
    });
    expect(headers['access-control-allow-headers']).toContain('X-API-Key');
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
    const answer = await v1('select 1 n', { ...ADMIN, Origin: APP });
    expect([answer.status, answer.headers.get('access-control-allow-origin'), answer.headers.get('vary')]).toEqual([
      200,
      APP,
      'Origin, Accept-Encoding',
    ]);
    const health = await fetch(`${server.url}/api/v1/health`, { headers: { Origin: APP } });
    expect(health.headers.get('access-control-allow-origin')).toBe(APP);
  });

  test('are refused otherwise, and at the drivers’ protocol always', async () => {
    const other = await preflight('https://evil.example.com');
    expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    expect((await v1('select 1', { ...ADMIN, Origin: 'https://app.example.com.evil.com' })).status).toBe(403);
    const login = await fetch(`${server.url}/session/v1/login-request`, {
      method: 'POST',
      headers: { Origin: APP },
      body: JSON.stringify({ data: { LOGIN_NAME: 'boss', PASSWORD: 'of all' } }),
    });
    expect(login.status).toBe(403);
    const { json } = await ask(server, 'GET', '/api/v1/access/log?type=origin', undefined, ADMIN);
    expect(json.events[0].error.message).toBe(`Refused: a page of ${APP}`);
  });
});
