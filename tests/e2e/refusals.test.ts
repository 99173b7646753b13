import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modernClient } from './mcp-clients.js';
import { cleanEnvironment, EXECUTABLE, Place } from './processes.js';

let place: Place;
beforeAll(() => {
  place = new Place();
});
afterAll(() => place.end());

interface Refused {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** Runs the command line twice, each with arguments of its `own`: the line for a person must be one line and no stack, the object for a program whole. */
async function refused(
  args: readonly string[],
  env: Record<string, string> = {},
  own: (run: string) => readonly string[] = () => [],
): Promise<{ exit: number | null } & Refused> {
  const [forPeople, forPrograms] = await Promise.all([
    place.run([...args, ...own('people')], { env }),
    place.run([...args, '--json', ...own('programs')], { env }),
  ]);
  expect(forPeople.stdout).toBe('');
  expect(forPeople.stderr).toMatch(/^mcp-snow: [^\n]+\n$/);
  expect(forPeople.stderr).not.toMatch(/\bat .*\.js:\d+/);
  expect(forPrograms.stdout).toBe('');
  expect(forPrograms.code).toBe(forPeople.code);
  const { error } = JSON.parse(forPrograms.stderr) as { error: Refused };
  return { exit: forPrograms.code, ...error };
}

describe('wrong usage ends with 2 and says what to do', () => {
  it.each([
    [['srve'], /unknown command 'srve'.*serve/],
    [['serve', '--http', '--host', '0.0.0.0', '--port', '0'], /no tokens/],
    [['serve', '--http', '--host', '192.0.2.1', '--port', '0', '--require-tokens'], /Cannot listen/],
    [['enqueue', 'query', 'select 1', '--at', 'tomorrow'], /no time/],
  ])('%j', async (args, what) => {
    const error = await refused([...args, '--db', place.db]);
    expect(error).toMatchObject({ exit: 2, code: 'INVALID_ARGUMENT', hint: expect.any(String) });
    expect(`${error.message} ${error.hint}`).toMatch(what);
  });

  it('a settings file with a key that is none', async () => {
    const path = join(place.folder, 'wrong.toml');
    writeFileSync(path, 'alow = ["read"]\n');
    const error = await refused(['stats', '--config', path]);
    expect(error).toMatchObject({ exit: 2, message: expect.stringContaining('alow') });
  });
});

describe('what is not there ends with 4', () => {
  it('a job', async () => {
    const error = await refused(['jobs', 'show', 'no-such-job', '--db', place.db]);
    expect(error).toMatchObject({ exit: 4, code: 'NOT_FOUND', message: expect.stringContaining('no-such-job') });
  });

  it('a connection, naming those that are', async () => {
    for (const args of [['worker'], ['enqueue', 'query', 'select 1'], ['serve', '--stdio']]) {
      const error = await refused([...args, '--db', place.db, '--connection', 'atlantis']);
      expect(error).toMatchObject({ exit: 4, code: 'NOT_FOUND', hint: expect.stringContaining('local') });
      expect(error.message).toContain('atlantis');
    }
  });
});

describe('a statement that is not allowed ends with 3', () => {
  it.each([
    ['insert into t values (1)', /--allow|allow/],
    ['select 1; select 2', /one by one/],
  ])('%s', async (sql, what) => {
    const error = await refused(['enqueue', 'query', sql, '--db', place.db]);
    expect(error).toMatchObject({ exit: 3, code: 'STATEMENT_NOT_ALLOWED' });
    expect(`${error.message} ${error.hint}`).toMatch(what);
  });
});

describe('a database that cannot be used ends with 1', () => {
  async function everywhere(db: string, what: RegExp, commands: readonly (readonly string[])[]): Promise<void> {
    for (const args of commands) {
      const error = await refused([...args, '--db', db]);
      expect(error).toMatchObject({ exit: 1, code: 'STORE_UNAVAILABLE', hint: expect.any(String) });
      expect(error.message).toMatch(what);
    }
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [EXECUTABLE, 'serve', '--stdio', '--db', db],
      env: cleanEnvironment(place.folder),
      stderr: 'ignore',
    });
    const client = await modernClient(transport);
    expect(await client.listTools()).toHaveLength(14);
    const reply = await client.call('server_status', {});
    expect(reply).toMatchObject({ isError: true, structuredContent: { code: 'STORE_UNAVAILABLE' } });
    await client.close();
  }

  it('a file that is no database', async () => {
    const db = join(place.folder, 'letter.txt');
    writeFileSync(db, 'Dear Sir or Madam, '.repeat(100));
    await everywhere(db, /letter\.txt/, [['stats'], ['jobs', 'list'], ['worker'], ['enqueue', 'query', 'select 1']]);
  });

  it('a place where nothing can be made', async () => {
    const file = join(place.folder, 'file');
    writeFileSync(file, '');
    await everywhere(join(file, 'queue.db'), /queue\.db|file/, [['worker']]);
  });

  it('a schema of a newer version', async () => {
    const db = join(place.folder, 'newer.db');
    expect((await place.run(['migrate', '--db', db])).code).toBe(0);
    const file = new Database(db);
    file.exec("insert into schema_migrations (version, name, applied_at) values (9999, 'from_the_future', 0)");
    file.pragma('user_version = 9999');
    file.close();
    await everywhere(db, /9999/, [['worker']]);
  });
});

describe('local serve', () => {
  it('ends with 1 when its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      const { port } = other.address() as AddressInfo;
      const data = (run: string) => ['--data', join(place.folder, `local-data-${run}`)];
      const error = await refused(['local', 'serve', '--port', String(port)], {}, data);
      expect(error).toMatchObject({ exit: 1, code: 'CONNECTION_FAILED', hint: expect.stringContaining('--port') });
      expect(error.message).toContain(String(port));
    } finally {
      other.close();
    }
  });
});
