import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Place } from './processes.js';

let place: Place;
let url: string;
const local = (...args: string[]) => place.run(['local', ...args, '--db', place.db]);

beforeAll(async () => {
  place = new Place();
  const ready = await local('serve', '--daemon', '--json');
  url = (JSON.parse(ready.stdout) as { url: string }).url;
});
afterAll(async () => {
  await local('stop');
  await place.end();
});

function file(name: string, content: string | Buffer): string {
  const path = join(place.folder, name);
  writeFileSync(path, content);
  return path;
}

const select = async (sql: string) => {
  const ended = await local('sql', '--url', url, '--json', '-e', sql);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(ended.stdout) as unknown;
};
const load = (path: string, ...args: string[]) => local('load', path, '--url', url, ...args);

const CSV = 'id,name,day\n1,tea,2024-01-02\n2,"jam, red",\n';

describe('local load', () => {
  it('makes a table of a CSV file, with types, and appends or replaces when it is told to', async () => {
    const path = file('goods.csv', CSV);
    expect(await load(path)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^2 rows in LOCAL.PUBLIC.GOODS/) });
    const again = await load(path);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('Use --append or --replace');
    expect((await load(path, '--append')).code).toBe(0);
    expect(await select('select count(*) n, min(day) first from local.public.goods')).toEqual([
      { N: 4, FIRST: '2024-01-02' },
    ]);
    expect(JSON.parse((await load(path, '--replace', '--json')).stdout)).toEqual({
      table: 'LOCAL.PUBLIC.GOODS',
      rows: 2,
    });
  });

  it('takes JSON lines, packed files and names that need quotes', async () => {
    const path = file('o.jsonl.gz', gzipSync('{"id":1,"tags":["a"]}\n{"id":2}\n'));
    expect((await load(path, '--database', 'd9', '--table', 'my table')).code).toBe(0);
    expect(await select('select id, tags[0]::string tag from d9.public."my table" order by id')).toEqual([
      { ID: 1, TAG: 'a' },
      { ID: 2, TAG: null },
    ]);
  });

  it('sees how a file is written, and loses no field without a word', async () => {
    const german = file('german.csv', Buffer.from('id;n\xe4me\n1;\xfc\n\n', 'latin1'));
    const unknown = await load(german);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('--encoding');
    expect((await load(german, '--encoding', 'windows1252', '--table', 'd8.s.pipe')).code).toBe(0);
    expect(await select('select * from d8.s.pipe')).toEqual([{ ID: 1, NÄME: 'ü' }]);
    const more = file('more.csv', 'ID,EXTRA\n2,x\n');
    expect(await load(more, '--append', '--table', 'd8.s.pipe')).toMatchObject({
      code: 0,
      stderr: 'Left out, for D8.S.PIPE has no such column: EXTRA\n',
    });
    const ragged = await load(file('ragged.csv', 'a,b\n1,2\n3,4,5\n'));
    expect(ragged.code).toBe(1);
    expect(ragged.stderr).toContain('line 2');
  });

  it('leaves no table behind when the file cannot be read as what it is called', async () => {
    expect((await load(file('broken.json', '{"a": 1}\n{"b": '))).code).toBe(1);
    expect(await select("show terse tables like 'BROKEN' in account")).toEqual([]);
  });

  it('looks at all rows for the types, and shows more of them than a call has arguments', async () => {
    const ids = Array.from({ length: 150_000 }, (_, n) => n);
    expect((await load(file('ids.csv', `id\n${ids.join('\n')}\n`))).code).toBe(0);
    const all = await local(
      'sql',
      '--url',
      url,
      '--max-rows',
      '200000',
      '--json',
      '-e',
      'select id from local.public.ids',
    );
    expect(JSON.parse(all.stdout)).toHaveLength(150_000);
  });

  it('says what is missing in a file that makes no table', async () => {
    const ended = await load(file('empty.csv', 'a,b\n'));
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('empty.csv holds no rows.') });
  });

  it.each([
    [['nowhere.csv'], 'There is no file nowhere.csv'],
    [['.'], '. is no file'],
  ])('%j is refused', async (args, why) => {
    const ended = await local('load', ...args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(why);
  });
});

describe('local history', () => {
  it('tells what ran, newest first, as it is asked', async () => {
    await select("select 'needle' a");
    const failed = await local('sql', '--url', url, '-e', "select 'NEEDLE' from nowhere.a.b");
    expect(failed.code).toBe(1);
    const [last, first] = JSON.parse((await local('history', '--grep', 'Needle', '--json')).stdout);
    expect([first, last]).toMatchObject([
      { user: 'MCP_SNOW', status: 'succeeded', rows: 1, error_code: null, statement: "select 'needle' a" },
      { status: 'failed', rows: null, error_code: '002003', error_message: expect.stringContaining('NOWHERE') },
    ]);
    const csv = await local('history', '--status', 'failed', '--since', '5m', '--limit', '1', '--format', 'csv');
    expect(csv.stdout).toMatch(/^query_id,session_id,user,.*\r\n.*,002003,[^]*,select 'NEEDLE' from nowhere.a.b\r\n$/);
    const table = await local('history', '--url', url, '--session', first.session_id, '--user', 'mcp_snow');
    expect(table.stdout).toMatch(/^STARTED .*STATEMENT\n.* succeeded .* 1 +select 'needle' a\n/);
    expect((await local('history', '--user', 'nobody')).stdout).toBe('No statements.\n');
  });

  it.each([
    [['--since', 'tuesday'], 2, 'is no time'],
    [['--url', 'http://127.0.0.1:1'], 1, 'Nothing answers at http://127.0.0.1:1'],
    [['--data', 'not-there'], 4, 'There is no local Snowflake in'],
  ])('%j is refused', async (args, code, why) => {
    const ended = await local('history', ...args);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(why);
  });
});

describe('local serve --daemon', () => {
  it('keeps its process number in a file of its own, and is not started twice', async () => {
    const second = await local('serve', '--daemon');
    expect(second.code).toBe(2);
    expect(second.stderr).toContain('is already running');
  });

  it('says why it did not start, and leaves no pid file', async () => {
    const port = new URL(url).port;
    const pid = join(place.folder, 'other.pid');
    const ended = await local(
      'serve',
      '--daemon',
      '--data',
      join(place.folder, 'other'),
      '--port',
      port,
      '--pid-file',
      pid,
    );
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(`Port ${port} on 127.0.0.1 is in use`);
    expect(existsSync(pid)).toBe(false);
  });

  it('ends by its pid file', async () => {
    const pid = join(place.folder, 'third.pid');
    const data = join(place.folder, 'third');
    expect((await local('serve', '--daemon', '--data', data, '--pid-file', pid)).code).toBe(0);
    expect(statSync(pid).mode & 0o777).toBe(0o600);
    expect((await local('stop', '--pid-file', pid)).stdout).toMatch(/^Process \d+ has ended\.$/m);
    expect((await local('stop', '--pid-file', pid)).code).toBe(4);
  });
});
