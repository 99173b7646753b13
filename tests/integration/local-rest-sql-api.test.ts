import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Asked, ask, type RestServer, startRest } from './local-rest/rest-client.js';

let server: RestServer;

beforeAll(async () => {
  server = await startRest({ resultLimits: { inlineBytes: 2000, chunkBytes: 4000 } });
});
afterAll(() => server.close());

const STATEMENTS = '/api/v2/statements';
/** Runs for minutes unless it is stopped. */
const LONG = 'select count(*) from table(generator(rowcount => 2000000000)) a, table(generator(rowcount => 100000)) b';

const submit = (body: object, query = ''): Promise<Asked> => ask(server, 'POST', `${STATEMENTS}${query}`, body);

test('answers a statement with metadata and its values as texts', async () => {
  const { status, json } = await submit({
    statement:
      "select 1.50::number(10,2) n, 'x' t, true b, null u, '2024-02-03'::date d, '2024-02-03 04:05:06.789'::timestamp_ntz ts, parse_json('{\"a\":[1]}') v",
  });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    code: '090001',
    sqlState: '00000',
    message: 'Statement executed successfully.',
    data: [['1.50', 'x', 'true', null, '19756', '1706933106.789000000', expect.stringContaining('"a"')]],
    resultSetMetaData: { numRows: 1, format: 'jsonv2', partitionInfo: [{ rowCount: 1 }] },
  });
  expect(
    json.resultSetMetaData.rowType.map((column: { name: string; type: string }) => [column.name, column.type]),
  ).toEqual([
    ['N', 'fixed'],
    ['T', 'text'],
    ['B', 'boolean'],
    ['U', 'text'],
    ['D', 'date'],
    ['TS', 'timestamp_ntz'],
    ['V', 'variant'],
  ]);
  const again = await ask(server, 'GET', json.statementStatusUrl);
  expect(again.json.data).toEqual(json.data);
});

test('gives NULL as a text where asked to', async () => {
  const { json } = await submit({ statement: "select null a, 'x' b" }, '?nullable=false');
  expect(json.data).toEqual([['null', 'x']]);
  const again = await ask(server, 'GET', `${STATEMENTS}/${json.statementHandle}`);
  expect(again.json.data).toEqual([['null', 'x']]);
});

test('takes binds, a context and parameters, each for its statement only', async () => {
  await submit({ statement: 'create database if not exists rest' });
  const bound = await submit({
    statement: 'select ? + 1, ?, current_database(), current_schema()',
    database: 'rest',
    schema: 'public',
    bindings: { 1: { type: 'FIXED', value: '41' }, 2: { type: 'TEXT', value: 'é' } },
    parameters: { timezone: 'UTC', query_tag: 'tagged' },
  });
  expect(bound.json.data).toEqual([['42', 'é', 'REST', 'PUBLIC']]);
  const next = await submit({ statement: 'select current_database()' });
  expect(next.json.data).toEqual([[null]]);
  const missing = await submit({ statement: 'select 1', database: 'not_there' });
  expect(missing).toMatchObject({ status: 422, json: { code: '390201' } });
});

test('takes parameters for what its statement does with dates and times', async () => {
  const { json } = await submit({
    statement:
      "select to_varchar('2024-02-03'::date), to_varchar('2024-02-03 04:05:06 +0000'::timestamp_tz::timestamp_ltz), '2024-02-03'::date",
    parameters: { date_output_format: 'DD.MM.YYYY', timezone: 'Asia/Tokyo', timestamp_ltz_output_format: 'HH24:MI' },
  });
  // Cells of these types are days and seconds in jsonv2, whatever the formats.
  expect(json.data).toEqual([['03.02.2024', '13:05', '19756']]);
});

test('takes quoted names in its context as they are', async () => {
  await submit({ statement: 'create database if not exists "Mixed case"' });
  const { json } = await submit({ statement: 'select current_database()', database: '"Mixed case"' });
  expect(json.data).toEqual([['Mixed case']]);
  expect((await submit({ statement: 'select 1', database: 'Mixed case' })).json.code).toBe('390201');
});

test('gives large results in partitions that together are all rows, in order', async () => {
  const { json, headers } = await submit({
    statement:
      "select row_number() over (order by 1) i, repeat('x', 300) t, i % 2 = 0 even from table(generator(rowcount => 4000)) order by i",
  });
  const { partitionInfo } = json.resultSetMetaData;
  expect(partitionInfo.length).toBeGreaterThan(3);
  expect(json.data).toHaveLength(partitionInfo[0].rowCount);
  expect(partitionInfo[0].rowCount).toBeGreaterThan(0);
  expect(headers.get('link')).toContain(`partition=1>; rel="next"`);
  const rows = [...json.data];
  for (let part = 1; part < partitionInfo.length; part++) {
    const answer = await ask(server, 'GET', `${STATEMENTS}/${json.statementHandle}?partition=${part}`);
    expect(Object.keys(answer.json)).toEqual(['data']);
    expect(answer.json.data).toHaveLength(partitionInfo[part].rowCount);
    rows.push(...answer.json.data);
  }
  expect(rows.map(([i]) => Number(i))).toEqual(Array.from({ length: 4000 }, (_, i) => i + 1));
  expect(rows.slice(0, 2).map((row) => row[2])).toEqual(['false', 'true']);
  const beyond = await ask(server, 'GET', `${STATEMENTS}/${json.statementHandle}?partition=${partitionInfo.length}`);
  expect(beyond).toMatchObject({ status: 400, json: { message: expect.stringContaining('from 0 to') } });
});

test('runs several statements, each with a handle of its own', async () => {
  const { json } = await submit({
    statement:
      'create temporary table rest.public.several (a int); insert into rest.public.several values (1), (2); select sum(a) from rest.public.several',
    parameters: { MULTI_STATEMENT_COUNT: '3' },
  });
  expect(json.data).toEqual([['Multiple statements executed successfully.']]);
  expect(json.statementHandles).toHaveLength(3);
  const [, inserted, summed] = await Promise.all(
    json.statementHandles.map((handle: string) => ask(server, 'GET', `${STATEMENTS}/${handle}`)),
  );
  expect(inserted.json).toMatchObject({ data: [['2']], stats: { numRowsInserted: 2, numRowsDeleted: 0 } });
  expect(summed.json.data).toEqual([['3']]);
  const gone = await submit({ statement: 'select * from rest.public.several' });
  expect(gone.json.code).toBe('002003');
});

test('refuses a wrong number of statements and failing ones with 422', async () => {
  expect(await submit({ statement: 'select 1; select 2' })).toMatchObject({ status: 422, json: { code: '000008' } });
  const failed = await submit({ statement: 'select * from nowhere.x.y' });
  expect(failed).toMatchObject({
    status: 422,
    json: { code: '002003', sqlState: expect.stringMatching(/^\w{5}$/), statementHandle: expect.any(String) },
  });
  const again = await ask(server, 'GET', `${STATEMENTS}/${failed.json.statementHandle}`);
  expect(again).toMatchObject({ status: 422, json: { code: '002003' } });
});

test('a request id runs once', async () => {
  await submit({ statement: 'create or replace table rest.public.once (a int)' });
  const query = `?requestId=${randomUUID()}`;
  const first = await submit({ statement: 'insert into rest.public.once values (1)' }, query);
  const second = await submit({ statement: 'insert into rest.public.once values (1)' }, `${query}&retry=true`);
  expect(second.json.statementHandle).toBe(first.json.statementHandle);
  const { json } = await submit({ statement: 'select count(*) from rest.public.once' });
  expect(json.data).toEqual([['1']]);
});

test('an asynchronous statement is asked for, cancelled, and stays cancelled', async () => {
  const started = await submit({ statement: LONG }, '?async=true');
  expect(started).toMatchObject({ status: 202, json: { code: '333334' } });
  const { statementHandle: handle } = started.json;
  const cancelled = await ask(server, 'POST', `${STATEMENTS}/${handle}/cancel`);
  expect(cancelled).toMatchObject({ status: 200, json: { statementHandle: handle } });
  expect(await ask(server, 'GET', `${STATEMENTS}/${handle}`)).toMatchObject({ status: 422, json: { code: '000604' } });
  const twice = await ask(server, 'POST', `${STATEMENTS}/${handle}/cancel`);
  expect(twice).toMatchObject({ status: 422, json: { code: '000605' } });
  const quick = await submit({ statement: 'select 7' }, '?async=true');
  await vi.waitFor(async () => {
    const { status, json } = await ask(server, 'GET', quick.json.statementStatusUrl);
    expect([status, json.data]).toEqual([200, [['7']]]);
  });
});

test('a statement over its time-out is cancelled with 408', async () => {
  const answer = await submit({ statement: LONG, timeout: 1 });
  expect(answer).toMatchObject({ status: 408, json: { code: '000630', sqlState: '57014' } });
});

test.each(['put file:///tmp/a.csv @~', '/* files */ get @~ file:///tmp/', 'select 1; put file:///tmp/a.csv @~'])(
  'takes no statement that only a driver can carry out: %s',
  async (statement) => {
    const refused = await submit({ statement, parameters: { MULTI_STATEMENT_COUNT: '0' } });
    expect(refused).toMatchObject({ status: 422, json: { code: '391911', sqlState: '0A000' } });
  },
);

test('takes packed bodies and packs large answers for who accepts it', async () => {
  const body = gzipSync(JSON.stringify({ statement: "select repeat('y', 100000)" }));
  const response = await fetch(`${server.url}${STATEMENTS}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip', 'Accept-Encoding': 'gzip' },
    body,
  });
  const { statementHandle } = (await response.json()) as { statementHandle: string };
  const part = await fetch(`${server.url}${STATEMENTS}/${statementHandle}?partition=0`, {
    headers: { 'Accept-Encoding': 'gzip' },
  });
  expect(part.headers.get('content-encoding')).toBe('gzip');
  expect(((await part.json()) as { data: string[][] }).data[0]?.[0]).toHaveLength(100_000);
});

test.each([
  ['no JSON', '{"statement"', 400],
  ['no statement', {}, 400],
  ['a statement that is none', { statement: 5 }, 400],
  ['a bind that is none', { statement: 'select ?', bindings: { 1: 'x' } }, 400],
  ['a negative time-out', { statement: 'select 1', timeout: -1 }, 400],
  ['an empty statement', { statement: ' ' }, 422],
] as const)('refuses %s', async (_, body, status) => {
  const answer = await ask(server, 'POST', STATEMENTS, body);
  expect(answer.status).toBe(status);
  expect(answer.json.message).toMatch(/\w/);
});

test('refuses what is not asked as it should be', async () => {
  expect(await ask(server, 'POST', `${STATEMENTS}?requestId=5`, { statement: 'select 1' })).toMatchObject({
    status: 400,
  });
  expect(await ask(server, 'GET', `${STATEMENTS}/${randomUUID()}`)).toMatchObject({
    status: 404,
    json: { code: '000709' },
  });
  const put = await ask(server, 'PUT', STATEMENTS, {});
  expect([put.status, put.headers.get('allow')]).toEqual([405, 'POST']);
  expect((await ask(server, 'GET', '/api/v3/statements')).status).toBe(404);
  const typed = await ask(server, 'POST', STATEMENTS, { statement: 'select 1' }, { 'Content-Type': 'text/plain' });
  expect(typed.status).toBe(415);
  const page = await ask(server, 'POST', STATEMENTS, { statement: 'select 1' }, { Origin: 'http://example.com' });
  expect(page.status).toBe(403);
  expect(server.faults).toEqual([]);
});
