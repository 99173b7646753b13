import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorDataOf, SnowError } from '../../src/errors/snow-error.js';
import type { Caller, Gateway, QueryAnswer } from '../../src/gateway/requests.js';
import { ensureLocalHost } from '../../src/local/host/launcher.js';
import { createMcpFactory } from '../../src/mcp/server-factory.js';
import { modernClient, type TestClient } from '../e2e/mcp-clients.js';
import { GatewayRig } from './gateway-rig.js';
import { HOSTILE, HOSTILE_TEXTS } from './hostile-statements/statements.js';

const PLANTED = 'PLANTED_3f9d1c';
const HIDDEN = /PLANTED_3f9d1c|HIDDEN_/;
const admin: Caller = { client: 'admin' };

let rig: GatewayRig;
let all: Gateway;

const SITE = [
  'create database o',
  'create schema o.s',
  'create table o.s.t as select 1 as n',
  'create sequence o.s.q',
  'create stage o.s.files',
  'create database c',
  'create schema c.s',
  'create schema c.hidden_schema',
  'create table c.hidden_schema.hidden_table (n number)',
  `create table c.s.t as select 1 as n, '${PLANTED}' as hidden_column`,
  'create view c.s.v as select * from c.s.t',
  'create sequence c.s.q',
  'create stage c.s.files',
  'create function c.s.f() returns varchar as $$ select max(hidden_column) from c.s.t $$',
  'create procedure c.s.wipe() returns number language sql as $$ begin delete from c.s.t; return 1; end $$',
  'create procedure o.s.wipe() returns number language sql as $$ begin delete from c.s.t; return 1; end $$',
];

async function done(sql: string): Promise<QueryAnswer> {
  const answer = await all.query(admin, { sql });
  if (answer.error !== undefined) throw new Error(`${sql}: ${answer.error.message}`);
  return answer;
}

beforeAll(async () => {
  rig = await GatewayRig.open();
  await rig.work(8);
  all = rig.gateway();
  for (const sql of SITE) await done(sql);
});
afterAll(() => rig.close());

/** How often the sequences were asked: each look advances them by one. */
let looks = 0;

/** What the whole warehouse holds, by what can be listed: everything of every object, and every row of every table. */
async function fingerprint(matching: (line: string) => boolean = () => true): Promise<readonly string[]> {
  const lines: string[] = [];
  const listing = async (sql: string): Promise<QueryAnswer> => {
    const answer = await done(sql);
    for (const row of answer.rows) lines.push(`${sql}: ${JSON.stringify(row)}`);
    return answer;
  };
  for (const what of ['databases', 'users', 'roles', 'warehouses', 'parameters']) await listing(`show ${what}`);
  for (const what of ['schemas', 'views', 'sequences', 'stages', 'procedures', 'user functions'])
    await listing(`show ${what} in account`);
  const tables = await listing('show tables in account');
  const named = (name: string) => tables.columns.findIndex((column) => column.name.toLowerCase() === name);
  const [name, schema, database] = [named('name'), named('schema_name'), named('database_name')];
  for (const row of tables.rows) {
    if (row[database] === 'SNOWFLAKE_SAMPLE_DATA') continue;
    const full = [row[database], row[schema], row[name]].map((part) => `"${part}"`).join('.');
    await listing(`select * from ${full} order by 1`);
    await listing(`describe table ${full}`);
  }
  const { rows } = await done('select o.s.q.nextval, c.s.q.nextval');
  lines.push(`sequence "O": ${Number(rows[0]?.[0]) - looks}`, `sequence "C": ${Number(rows[0]?.[1]) - looks}`);
  looks += 1;
  // Routines are found by calling what one of the texts would have made.
  for (const sql of ['call o.s.made()', 'select o.s.made()'])
    lines.push(`${sql}: ${(await all.query(admin, { sql })).error?.number ?? 'there'}`);
  for (const stage of ['@o.s.files', '@c.s.files']) await listing(`list ${stage}`);
  return lines.filter(matching);
}

interface Outcome {
  readonly sql: string;
  readonly answer?: QueryAnswer;
  readonly error?: SnowError;
}

/** Sends every text; each ends with an answer or a refusal that says what is wrong. */
async function sendAll(gateway: Gateway, caller: Caller, session: (category: string) => string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [category, texts] of Object.entries(HOSTILE))
    for (const sql of texts) {
      const request = { sql, session: session(category), timeoutS: 20, ...(sql.includes('?') && { binds: ['c.s.t'] }) };
      const place = session(category) === 'pinned' ? {} : { database: 'o', schema: 's' };
      const outcome = await gateway.query(caller, { ...request, ...place }).then(
        (answer) => ({ sql, answer }),
        (error: unknown) => ({ sql, error: error as SnowError }),
      );
      outcomes.push(outcome);
    }
  return outcomes;
}

const ranWell = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.flatMap(({ sql, answer }) => (answer?.state === 'succeeded' ? [sql] : []));

/** Every one has come to an end that the caller can do something about; nothing of the closed database was told. */
function checkOutcomes(outcomes: readonly Outcome[], options: { readonly mayRead: boolean }): void {
  expect(outcomes).toHaveLength(HOSTILE_TEXTS.length);
  for (const { sql, answer, error } of outcomes) {
    if (error !== undefined) expect(error, sql).toBeInstanceOf(SnowError);
    const told = answer?.error ?? (error === undefined ? undefined : errorDataOf(error));
    if (told !== undefined)
      expect(['INTERNAL', 'STORE_UNAVAILABLE', 'STATEMENT_TIMEOUT'], sql).not.toContain(told.code);
    if (options.mayRead) continue;
    expect(JSON.stringify([answer?.rows, answer?.columns]), sql).not.toMatch(HIDDEN);
    if (!HIDDEN.test(sql)) expect(JSON.stringify(told ?? {}), sql).not.toMatch(HIDDEN);
  }
}

describe('hostile statements', () => {
  it('are many, each another one', () => {
    expect(HOSTILE_TEXTS.length).toBeGreaterThan(300);
    expect(new Set(HOSTILE_TEXTS).size).toBe(HOSTILE_TEXTS.length);
  });

  it('would be seen if one of them did its work', async () => {
    const works = [
      'insert into c.s.t values (2, null)',
      'select c.s.q.nextval',
      'create sequence c.s.more',
      'alter table o.s.t add column more number',
      'create user more',
      'create procedure o.s.made() returns number language sql as $$ begin return 1; end $$',
      'drop procedure o.s.made()',
    ];
    let before = await fingerprint();
    for (const sql of works) {
      await done(sql);
      const after = await fingerprint();
      expect(after, sql).not.toEqual(before);
      before = after;
    }
  });

  it('change nothing where the server allows reading only', async () => {
    const before = await fingerprint();
    const outcomes = await sendAll(rig.gateway({ allow: ['read'] }), { client: 'reader' }, (category) => category);
    checkOutcomes(outcomes, { mayRead: true });
    expect(await fingerprint(), ranWell(outcomes).join('\n')).toEqual(before);
    expect(ranWell(outcomes).length).toBeGreaterThan(10);
  });

  it('change nothing and tell nothing of what is closed for a client that may read one database', async () => {
    const before = await fingerprint();
    await rig.store.saveClient('kept', { permissions: { statements: ['read'], databases: ['O'] } });
    const outcomes = await sendAll(all, { client: 'kept' }, (category) => category);
    checkOutcomes(outcomes, { mayRead: false });
    expect(await fingerprint(), ranWell(outcomes).join('\n')).toEqual(before);
    expect(ranWell(outcomes).length).toBeGreaterThan(5);
  });

  it.each([
    ['the server', { allow: ['read'] as const }, {}, true],
    ['its permissions', {}, { statements: ['read'] as const, databases: ['O'] }, false],
  ])('do so in a pinned session as well, kept from it by %s', async (_what, options, permissions, mayRead) => {
    const before = await fingerprint();
    const caller = { client: `pinned ${mayRead}` };
    await rig.store.saveClient(caller.client, { permissions });
    const gateway = rig.gateway(options);
    await gateway.setSession(caller, 'pinned', { database: 'O', schema: 'S', pinned: true });
    const outcomes = await sendAll(gateway, caller, () => 'pinned');
    await gateway.setSession(caller, 'pinned', { pinned: false });
    checkOutcomes(outcomes, { mayRead });
    expect(await fingerprint(), ranWell(outcomes).join('\n')).toEqual(before);
  });

  it('write and tell nothing beyond the one database that a client may do anything in', async () => {
    const elsewhere = (line: string) => !/"O"/.test(line);
    const before = await fingerprint(elsewhere);
    await rig.store.saveClient('writer', { permissions: { databases: ['O'] } });
    const outcomes = await sendAll(all, { client: 'writer' }, (category) => category);
    checkOutcomes(outcomes, { mayRead: false });
    expect(await fingerprint(elsewhere), ranWell(outcomes).join('\n')).toEqual(before);
  });
});

/** A call of a tool, a resource, a completion or a prompt, with a text in one of its arguments. */
type Argument = (client: TestClient, text: string) => Promise<unknown>;

const TABLE = { type: 'ref/resource', uri: 'snow://databases/{database}/schemas/{schema}/tables/{table}' } as const;
const EXPLORE = { type: 'ref/prompt', name: 'explore_database' } as const;
const ONE = { sql: 'select 1' };

/** Every argument that takes a text; the statement itself is another matter. */
const ARGUMENTS: Readonly<Record<string, Argument>> = {
  'list_databases like': (client, like) => client.call('list_databases', { like }),
  'list_databases session': (client, session) => client.call('list_databases', { session }),
  'list_databases cursor': (client, cursor) => client.call('list_databases', { cursor }),
  'list_schemas database': (client, database) => client.call('list_schemas', { database }),
  'list_schemas like': (client, like) => client.call('list_schemas', { database: 'o', like }),
  'list_tables database': (client, database) => client.call('list_tables', { database, schema: 's' }),
  'list_tables schema': (client, schema) => client.call('list_tables', { database: 'o', schema }),
  'list_tables like': (client, like) => client.call('list_tables', { database: 'o', schema: 's', like }),
  'list_views schema': (client, schema) => client.call('list_views', { database: 'o', schema }),
  'describe_table table': (client, table) => client.call('describe_table', { table }),
  'describe_table database': (client, database) => client.call('describe_table', { table: 't', schema: 's', database }),
  'query database': (client, database) => client.call('query', { ...ONE, database }),
  'query schema': (client, schema) => client.call('query', { ...ONE, database: 'o', schema }),
  'query session': (client, session) => client.call('query', { ...ONE, session }),
  'query reason': (client, reason) => client.call('query', { ...ONE, reason: reason.slice(0, 500) }),
  'query bind': (client, bind) => client.call('query', { sql: 'select ? as b', binds: [bind] }),
  'query bind in a name': (client, bind) => client.call('query', { sql: 'select * from identifier(?)', binds: [bind] }),
  'query priority': (client, priority) => client.call('query', { ...ONE, priority }),
  'start_query database': (client, database) => client.call('start_query', { ...ONE, database }),
  'job_status job_id': (client, job_id) => client.call('job_status', { job_id }),
  'job_result job_id': (client, job_id) => client.call('job_result', { job_id }),
  'job_result cursor': (client, cursor) => client.call('job_result', { job_id: 'x', cursor }),
  'job_cancel job_id': (client, job_id) => client.call('job_cancel', { job_id }),
  'job_cancel reason': (client, reason) => client.call('job_cancel', { job_id: 'x', reason }),
  'list_jobs cursor': (client, cursor) => client.call('list_jobs', { cursor }),
  'list_jobs states': (client, state) => client.call('list_jobs', { states: [state] }),
  'get_session session': (client, session) => client.call('get_session', { session }),
  ...Object.fromEntries(
    ['database', 'schema', 'warehouse', 'role'].map((member): [string, Argument] => [
      `set_session ${member}, and a statement in it`,
      async (client, text) => {
        const session = `for ${member}`;
        await client.call('set_session', { session, [member]: text });
        await client.call('query', { ...ONE, session });
        await client.call('set_session', { session, [member]: null });
      },
    ]),
  ),
  'set_session parameters, and a statement with them': async (client, text) => {
    const session = 'for parameters';
    for (const parameters of [{ QUERY_TAG: text }, { TIMEZONE: text }, { [text]: 'x' }, { AUTOCOMMIT: 'false' }]) {
      await client.call('set_session', { session, parameters });
      await client.call('query', { ...ONE, session });
    }
    await client.call('set_session', { session, parameters: null });
  },
  'resource of a result': (client, id) => client.read(`snow://jobs/${encodeURIComponent(id)}/result`),
  'resource of a table': (client, table) =>
    client.read(`snow://databases/O/schemas/S/tables/${encodeURIComponent(table)}`),
  'resource of a table in a database': (client, database) =>
    client.read(`snow://databases/${encodeURIComponent(database)}/schemas/S/tables/T`),
  'resource of any address': (client, uri) => client.read(`snow://${encodeURI(uri)}`),
  'completion of a name': (client, value) =>
    client.complete(TABLE, { name: 'table', value }, { database: 'O', schema: 'S' }),
  'completion in a database': (client, database) => client.complete(TABLE, { name: 'schema', value: '' }, { database }),
  'completion of a job': (client, value) =>
    client.complete({ type: 'ref/resource', uri: 'snow://jobs/{id}/result' }, { name: 'id', value }),
  'completion of a prompt': (client, value) => client.complete(EXPLORE, { name: 'database', value }),
  'prompt argument': (client, database) => client.prompt('explore_database', { database }),
};

/**
 * Of every four texts one takes one argument after the other in turn, so that each argument gets texts of several kinds. With
 * HOSTILE_ALL=1 in the environment each argument gets all of them, which takes some minutes.
 */
const ALL = process.env.HOSTILE_ALL === '1';
const ARGUMENTS_PER_TEXT = ALL ? Object.keys(ARGUMENTS).length : 1;
const LONGEST_MS = ALL ? 1_200_000 : 30_000;

describe('hostile texts in the arguments of tools, resources, completions and prompts', () => {
  it.each([
    ['where the server allows reading only', { allow: ['read'] as const }, {}, true],
    ['for a client that may read one database', {}, { statements: ['read'] as const, databases: ['O'] }, false],
  ])(
    'are names and values and nothing else, %s',
    { timeout: LONGEST_MS },
    async (_what, options, permissions, mayRead) => {
      const caller = { client: `arguments ${mayRead}` };
      await rig.store.saveClient(caller.client, { permissions, maxQueued: 10_000 });
      const gateway = rig.gateway(options);
      const factory = createMcpFactory({ version: 'test', open: async () => ({ gateway, caller }) });
      const [near, far] = InMemoryTransport.createLinkedPair();
      serveStdio(factory, { transport: far });
      const client = await modernClient(near);

      const before = await fingerprint();
      const names = Object.keys(ARGUMENTS);
      const texts = ALL ? HOSTILE_TEXTS : HOSTILE_TEXTS.filter((_, at) => at % 4 === (mayRead ? 0 : 2));
      const calls = texts.flatMap((text, at) =>
        Array.from({ length: ARGUMENTS_PER_TEXT }, (_, turn) => {
          const name = names[(at + turn + (mayRead ? 0 : 20)) % names.length] ?? '';
          return { text, name, call: ARGUMENTS[name] as Argument };
        }),
      );
      expect(new Set(calls.map(({ name }) => name)).size).toBe(names.length);
      for (const { text, name, call } of calls) {
        const told = await (async () => call(client, text))().catch((failure: unknown) => ({
          failed: String(failure),
        }));
        const said = JSON.stringify(told) ?? '';
        expect(said, `${name}: ${text}`).not.toMatch(/"code":"INTERNAL"|Internal error|SqliteError|SQLITE_/);
        if (!mayRead && !HIDDEN.test(text)) expect(said, `${name}: ${text}`).not.toMatch(HIDDEN);
      }
      expect(await fingerprint()).toEqual(before);
      await client.close();
    },
  );
});

describe('after all that', () => {
  it('the token of the local Snowflake is in no file but its own', async () => {
    const { token } = await ensureLocalHost({ dataDir: rig.dataDir });
    const folder = dirname(rig.dataDir);
    const files = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
    expect(files).toContain('mcp-snow.db');
    for (const name of files) expect(readFileSync(join(folder, name)).includes(token), name).toBe(false);
  });
});
