import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endChild, eventually, Place } from './processes.js';

const EXECUTABLE = join(import.meta.dirname, '../../bin/mcp-snow.js');

let place: Place;
beforeAll(async () => {
  place = new Place();
  const made = await localSql('-e', 'create database shop; create table goods (id int, name varchar)');
  expect(made).toMatchObject({ code: 0 });
});
afterAll(() => place.end());

const localSql = (...args: string[]) => place.run(['local', 'sql', '--db', place.db, ...args]);
const inShop = (...args: string[]) => localSql('--database', 'shop', '--schema', 'public', ...args);

describe('local sql without a terminal', () => {
  it('runs statements of arguments, of stdin and of files on one connection', async () => {
    const file = join(place.folder, 'fill.sql');
    writeFileSync(file, "insert into goods values (1, 'tea');\ninsert into goods values (2, null)\n");
    expect(await inShop('-f', file)).toMatchObject({ code: 0 });
    const args = ['local', 'sql', '--db', place.db, '--database', 'shop', '--schema', 'public', '--format', 'csv'];
    const piped = await place.run(args, {
      input: 'set least = 1;\n!context\nselect * from goods where id >= $least;\n',
    });
    expect(piped.stdout).toContain('database   SHOP');
    expect(piped.stdout).toContain('ID,NAME\r\n1,tea\r\n2,\r\n');
  });

  it('ends at the first error with its line on stderr, what came before is there', async () => {
    const ended = await inShop('-e', "insert into goods values (3, 'jam'); select * from nowhere; drop table goods");
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^mcp-snow: .*NOWHERE/m);
    const after = await inShop('--json', '-e', 'select count(*) n from goods');
    expect(JSON.parse(after.stdout)).toEqual([{ N: 3 }]);
  });

  it('tells the line of the statement that failed in a file, and keeps what was written with !output', async () => {
    const file = join(place.folder, 'fails.sql');
    writeFileSync(
      file,
      '!format csv\n!output rows.csv\nselect 1 a;\n!rows 1\nselect id from goods;\n\n-- here\nselect\n nope;\n',
    );
    const ended = await inShop('-f', file);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^mcp-snow: .*fails\.sql, line 8: .*'NOPE'/);
    expect(readFileSync(join(place.folder, 'rows.csv'), 'utf8')).toBe('A\r\n1\r\nID\r\n1\r\n');
  });

  it.each([
    [['-f', 'not-there.sql'], 'not-there.sql cannot be read'],
    [['-e', 'select 1', '-f', 'x'], 'not from both'],
    [['--format', 'xml'], 'Allowed choices'],
    [['--database', 'nowhere', '-e', 'select 1'], 'Object does not exist'],
    [['--url', 'ftp://127.0.0.1', '-e', 'select 1'], 'It is a URL'],
  ])('%j is refused: %s', async (args, why) => {
    const ended = await localSql(...args);
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain(why);
    expect(ended.stderr).not.toContain('    at ');
  });
});

describe('sql goes through the queue', () => {
  it('reads as a job, and is refused what the server does not allow', async () => {
    const read = await place.run(['sql', '--db', place.db, '-e', 'select count(*) n from shop.public.goods']);
    expect(read).toMatchObject({ code: 0, stdout: 'N\n3\n' });
    const jobs = await place.json<{ jobs: { kind: string; state: string }[] }>('jobs', 'list');
    expect(jobs.jobs[0]).toMatchObject({ kind: 'query', state: 'succeeded' });
    const write = await place.run(['sql', '--db', place.db, '-e', 'drop table shop.public.goods']);
    expect(write.code).toBe(3);
    expect(write.stderr).toContain('Not allowed');
  });
});

describe.skipIf(!existsSync('/usr/bin/script'))('local sql at a terminal (skipped where there is no script(1))', () => {
  let person: ChildProcess;
  let seen = '';
  afterAll(() => endChild(person, 'SIGKILL'));

  const type = (text: string) => {
    seen = '';
    person.stdin?.write(text);
  };
  const shows = (text: string) =>
    eventually(() => (seen.includes(text) ? true : undefined), 8_000).catch(() => {
      throw new Error(`${text} was not shown: ${JSON.stringify(seen)}`);
    });

  it('takes statements of several lines, completes names, cancels by ^C, and keeps a history', async () => {
    const command = [process.execPath, EXECUTABLE, 'local', 'sql', '--no-color', '--db', place.db]
      .map((word) => `'${word}'`)
      .join(' ');
    person = spawn('/usr/bin/script', ['-qec', `stty cols 100 rows 40; exec ${command}`, '/dev/null'], {
      cwd: place.folder,
      env: { PATH: process.env.PATH ?? '', HOME: place.folder, XDG_STATE_HOME: place.folder, TERM: 'xterm' },
    });
    person.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    await shows('!help');
    type('use schema shop.public;\r');
    await shows('SHOP.PUBLIC> ');
    type('select id from goo\t');
    await shows('select id from goods');
    type('\r where id = 2\r;\r');
    await shows('1 row; took');
    type('select system$wait(60);\r');
    await shows('running');
    type('\u0003');
    await shows('was cancelled');
    type('select 1,\r   nope from goods;\r');
    await shows("invalid identifier 'NOPE'");
    await shows('   nope from goods\r\n   ^');
    const { pid } = JSON.parse(readFileSync(join(`${place.db}-local`, 'host.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    type('select 2;\r');
    await shows('There is a new connection');
    type('select id from goods where id = 1;\r');
    await shows('1 row; took');
    type("create user u password = 'never-kept';\r!exit\r");
    await once(person, 'exit');
    const history = join(place.folder, 'mcp-snow', 'sql-history');
    expect(readFileSync(history, 'utf8')).toContain('select id from goods where id = 2 ;\n');
    expect(readFileSync(history, 'utf8')).not.toContain('never-kept');
    expect(statSync(history).mode & 0o777).toBe(0o600);
  });
});
