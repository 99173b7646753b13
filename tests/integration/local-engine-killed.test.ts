import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'snowflake-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withSampleData } from '../setup/sample-data.js';
import { type Program, serving } from './local-host/serving.js';
import { connect, run } from './local-wire/driver.js';

const CLIENTS = 3;
const KILLS = 2;
const WRITES_BEFORE_KILL = 30;

let dir: string;
let program: Program;
let url: string;

beforeAll(async () => {
  dir = withSampleData(await mkdtemp(join(tmpdir(), 'mcp-snow-killed-')));
  await start();
});
afterAll(async () => {
  program.child.kill('SIGKILL');
  await program.ended();
  await rm(dir, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const { program: started, ready } = await serving(dir);
  program = started;
  url = ready.url;
}

async function kill(): Promise<void> {
  program.child.kill('SIGKILL');
  await program.ended();
}

/** What the driver answers when the server is gone is its own business; only what the server did counts. */
async function insert(connection: Connection, n: number, requestId: string): Promise<boolean> {
  const sqlText = `insert into kills.public.written values (${n}, ${n % 7})`;
  return await run(connection, { sqlText, requestId }).then(
    () => true,
    () => false,
  );
}

test('a killed engine has every write that it answered once, and a repeated request id never writes twice', {
  timeout: 60_000,
}, async () => {
  const setup = await connect(url);
  await run(setup, 'create database kills');
  await run(setup, 'create table kills.public.written (n int, m int)');
  const requests = new Map<number, string>();
  let answered = 0;
  let next = 0;
  for (let round = 0; round < KILLS; round++) {
    const connections = await Promise.all(Array.from({ length: CLIENTS }, () => connect(url)));
    const target = answered + WRITES_BEFORE_KILL;
    let running = true;
    let reached: () => void = () => undefined;
    const enough = new Promise<void>((resolve) => {
      reached = resolve;
    });
    for (const connection of connections) {
      void (async () => {
        while (running) {
          const n = next++;
          const requestId = randomUUID();
          requests.set(n, requestId);
          if (await insert(connection, n, requestId)) answered += 1;
          if (answered >= target) reached();
        }
      })();
    }
    await enough;
    running = false;
    await kill();
    await start();
  }
  const again = await connect(url);
  for (const [n, requestId] of requests) expect(await insert(again, n, requestId)).toBe(true);
  const { rows } = await run(
    again,
    'select count(*) as "all", count(distinct n) as "distinct" from kills.public.written',
  );
  expect(rows).toEqual([{ all: requests.size, distinct: requests.size }]);
});

test('a killed engine opens again when a table with defaults, lengths and an identity was altered', async () => {
  const before = await connect(url);
  for (const sqlText of [
    'create or replace database altered',
    `create table altered.public.t (id int identity, name varchar(10), upper_name varchar default upper('none'),
      made timestamp_ltz default current_timestamp(), data variant default parse_json('[1]'))`,
    "insert into altered.public.t (name) values ('one')",
    'alter table altered.public.t add column note varchar(20)',
    'alter table altered.public.t rename column name to title',
    'alter table altered.public.t drop column note',
    "insert into altered.public.t (title) values ('two')",
    'create table altered.public.longer (name varchar(3))',
    'alter table altered.public.longer alter column name set data type varchar(30)',
    "insert into altered.public.longer values ('four')",
  ])
    await run(before, sqlText);
  await kill();
  await start();
  const after = await connect(url);
  await run(after, "insert into altered.public.t (title) values ('three')");
  const { rows } = await run(after, 'select id, title, upper_name, data[0] as d from altered.public.t order by id');
  expect(rows).toEqual([
    { ID: 1, TITLE: 'one', UPPER_NAME: 'NONE', D: 1 },
    { ID: 2, TITLE: 'two', UPPER_NAME: 'NONE', D: 1 },
    { ID: 3, TITLE: 'three', UPPER_NAME: 'NONE', D: 1 },
  ]);
  expect((await run(after, 'select name from altered.public.longer')).rows).toEqual([{ NAME: 'four' }]);
});
