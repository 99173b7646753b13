import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'snowflake-sdk';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isProcessAlive } from '../../src/local/host/health.js';
import { readHostFile } from '../../src/local/host/host-file.js';
import { ensureLocalHost } from '../../src/local/host/launcher.js';
import { withSampleData } from '../setup/sample-data.js';
import { Program, serving } from './local-host/serving.js';
import { connect, failure, run } from './local-wire/driver.js';

const LINES = 'SNOWFLAKE_SAMPLE_DATA.TPCH_SF1.LINEITEM';
const ENDLESS = `select count(*) from ${LINES} a, ${LINES} b, ${LINES} c where a.L_TAX + b.L_TAX + c.L_TAX < 0`;

let root: string;
let dataDir: string;
const programs: Program[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'local-serve-'));
  dataDir = withSampleData(join(root, 'data'));
});

afterEach(async () => {
  for (const program of programs.splice(0)) {
    program.child.kill('SIGTERM');
    await program.ended();
  }
  rmSync(root, { recursive: true, force: true });
});

async function serve(...more: string[]) {
  const served = await serving(dataDir, ...more);
  programs.push(served.program);
  return served;
}

test('lets everybody in, keeps what they made, and ends in order when told to', async () => {
  const first = await serve();
  expect(first.ready).toMatchObject({ url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), data: dataDir });
  const connection = await connect(first.ready.url, { username: 'anyone', password: 'anything' });
  await run(connection, 'create database D');
  await run(connection, 'create table D.PUBLIC.T as select 5 as A');
  expect(await ensureLocalHost({ dataDir })).toMatchObject({ url: first.ready.url, pid: first.ready.pid });
  first.program.child.kill('SIGTERM');
  expect(await first.program.ended()).toBe(0);
  expect(readHostFile(dataDir)).toBeUndefined();
  expect(first.program.stderr).toBe('');
  const second = await serve();
  const again = await connect(second.ready.url);
  expect((await run(again, 'select * from D.PUBLIC.T')).rows).toEqual([{ A: 5 }]);
});

test('asks for the password it was given', async () => {
  const { ready } = await serve('--token', 'open-sesame');
  expect((await failure(connect(ready.url, { username: 'mcp_snow', password: 'x' }))).code).toBe('390100');
  const connection = await connect(ready.url, { username: 'mcp_snow', password: 'open-sesame' });
  expect((await run(connection, 'select 1 as A')).rows).toEqual([{ A: 1 }]);
});

test('does what its settings file says, unless an option says otherwise', async () => {
  const config = join(root, 'settings.toml');
  writeFileSync(
    join(root, 'access.toml'),
    '[[users]]\nname = "ann"\npassword = "of ann"\nread = ["snowflake_sample_data.tpch_sf1.nation"]\n',
  );
  writeFileSync(
    config,
    '[local]\nhost = "192.0.2.1"\nsessions = 1\naccess = "access.toml"\norigins = ["https://app.example.com"]\n',
  );
  const { ready } = await serve('--host', '127.0.0.1', '--config', config);
  const ann = await connect(ready.url, { username: 'ann', password: 'of ann' });
  expect((await run(ann, 'select count(*) as N from SNOWFLAKE_SAMPLE_DATA.TPCH_SF1.NATION')).rows).toEqual([{ N: 25 }]);
  expect((await failure(run(ann, `select * from ${LINES}`))).code).toBe('002003');
  const full = await failure(connect(ready.url, { username: 'ann', password: 'of ann' }));
  expect(full.message).toContain('All 1 sessions');
  const page = await fetch(`${ready.url}/api/v1/health`, { headers: { Origin: 'https://app.example.com' } });
  expect(page.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
});

test('is open to no page of just any site while everybody is let in', async () => {
  const config = join(root, 'settings.toml');
  writeFileSync(config, '[local]\norigins = ["*"]\n');
  await expect(serve('--config', config)).rejects.toThrow(/Every page .* could read and change the data/);
});

test('long statements of some keep nobody else waiting', async () => {
  const { ready } = await serve();
  const busy = await Promise.all(Array.from({ length: 6 }, () => connect(ready.url)));
  const endless = busy.map((connection) => startEndless(connection));
  const other = await connect(ready.url);
  await vi.waitUntil(async () => (await health(ready.url)).running === 6);
  const asked = Date.now();
  expect((await run(other, 'select 1 as A')).rows).toEqual([{ A: 1 }]);
  expect(Date.now() - asked).toBeLessThan(2000);
  await Promise.all(endless.map(({ cancel }) => cancel()));
  expect((await Promise.all(endless.map(({ error }) => error))).map(({ code }) => code)).toEqual(
    Array.from({ length: 6 }, () => '000604'),
  );
});

async function health(url: string): Promise<{ running: number }> {
  return (await fetch(`${url}/api/v1/health`)).json() as Promise<{ running: number }>;
}

function startEndless(connection: Connection) {
  let statement: ReturnType<Connection['execute']>;
  const error = new Promise<{ code: string }>((resolve) => {
    statement = connection.execute({ sqlText: ENDLESS, complete: (thrown) => resolve(thrown as never) });
  });
  return { error, cancel: () => new Promise<void>((resolve) => statement.cancel(() => resolve())) };
}

test('does not outlive the process that was started', async () => {
  const { program, ready } = await serve();
  program.child.kill('SIGKILL');
  await vi.waitUntil(() => !isProcessAlive(ready.pid), { timeout: 15_000 });
});

test('tells in one line what is in its way', async () => {
  const { ready } = await serve();
  const { port } = new URL(ready.url);
  const args = (port: string, data: string) => ['bin/mcp-snow.js', 'local', 'serve', '--port', port, '--data', data];
  const cases: [Program, RegExp][] = [
    [new Program(args(port, join(root, 'other'))), /^mcp-snow: Port \d+ on 127\.0\.0\.1 is in use\..*\n$/],
    [
      new Program(args('0', dataDir)),
      /^mcp-snow: .*is in use by process \d+, a local Snowflake at http:\S+\d\. Use that one, .* --data\.\n$/,
    ],
    [
      new Program([...args('0', join(root, 'third')), '--host', 'nowhere.invalid', '--token', 'x']),
      /^mcp-snow: There is no address nowhere\.invalid\. .*--host.*\n$/,
    ],
    [new Program([...args('0', join(root, 'third')), '--token', '']), /^mcp-snow: .*--token.* It is empty\..*\n$/],
    [
      new Program([...args('0', join(root, 'third')), '--host', '0.0.0.0']),
      /^mcp-snow: On 0\.0\.0\.0 everyone.*--token\.\n$/,
    ],
  ];
  for (const [program, line] of cases) {
    programs.push(program);
    expect(await program.ended()).not.toBe(0);
    expect(program.stderr).toMatch(line);
    expect(program.stdout).toBe('');
  }
});

test('ends and says why when its data is deleted', async () => {
  const { program } = await serve();
  rmSync(dataDir, { recursive: true });
  expect(await program.ended()).toBe(1);
  expect(program.stderr).toBe(`The data in ${dataDir} has been deleted: the local Snowflake ends.\n`);
});
