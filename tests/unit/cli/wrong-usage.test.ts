import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { buildProgram } from '../../../src/cli/program.js';
import { reportError } from '../../../src/cli/report-error.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-snow-usage-'));
  for (const name of Object.keys(process.env))
    if (/^(MCP_SNOW_|SNOWFLAKE_|XDG_)/.test(name)) vi.stubEnv(name, undefined);
  vi.stubEnv('HOME', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command as `main` runs it, up to its error. */
async function ended(args: readonly string[]): Promise<Ended> {
  const told = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      told[name] += String(text);
      return true;
    });
  try {
    await buildProgram().parseAsync([process.execPath, 'mcp-snow', ...args, '--db', join(folder, 'queue.db')]);
    throw new Error('it was not refused');
  } catch (thrown) {
    const exit = reportError(thrown, { json: args.includes('--json') });
    return { exit, ...told };
  } finally {
    vi.restoreAllMocks();
  }
}

/** What a program is told; a person is told it in one line. */
async function refused(
  args: readonly string[],
): Promise<{ exit: number; code: string; message: string; hint: string }> {
  const forPeople = await ended(args);
  expect(forPeople.stdout).toBe('');
  expect(forPeople.stderr).toMatch(/^mcp-snow: [^\n]+\n$/);
  const { exit, stdout, stderr } = await ended([...args, '--json']);
  expect({ exit, stdout }).toEqual({ exit: forPeople.exit, stdout: '' });
  const { error } = JSON.parse(stderr) as { error: { code: string; message: string; hint: string } };
  expect(error.hint).toEqual(expect.any(String));
  return { exit, ...error };
}

it.each([
  [['stats', '--colour'], /unknown option '--colour'/],
  [['serve'], /--stdio|transport/],
  [['serve', '--http', '--stdio'], /one transport/],
  [['serve', '--stdio', '--port', '1'], /--http/],
  [['serve', '--stdio', '--allow', 'read,everything'], /allow/],
  [['worker', '--concurrency', 'two'], /whole number from 1 to 100/],
  [['worker', '--concurrency', '0'], /whole number from 1 to 100/],
  [['enqueue'], /missing required argument/],
  [['enqueue', 'dance', 'x'], /kind "dance"/],
  [['enqueue', 'query', ''], /empty/],
  [['enqueue', 'query', '{"sql": 5}'], /"sql"/],
  [['enqueue', 'query', 'select 1', '--at', 'tomorrow'], /no time/],
  [['jobs', 'list', '--state', 'asleep'], /no state "asleep"/],
  [['jobs', 'list', '--kind', 'nap'], /no kind of job "nap"/],
  [['jobs', 'list', '--since', 'soon'], /no time/],
  [['enqueue', 'metadata', 'roles'], /columns/],
  [['stats', '--config', 'nowhere.toml'], /no settings file/],
  [['stats', '--log-level', 'loud'], /log-level/],
  [['quota', 'set', '--default', '--client', 'ada', '--class', 'query', '--rate', '1/s'], /one of/],
  [['quota', 'set', '--default', '--class', 'query', '--rate', 'often'], /60\/min/],
  [['quota', 'set', '--default', '--rate', '1/s'], /--class/],
  [['quota', 'set', '--default', '--class', 'query', '--rate', '0/s'], /whole number/],
  [['quota', 'set', '--global', '--metric', 'rows', '--period', 'day', '--limit', '5'], /--default/],
  [['quota', 'set', '--default', '--metric', 'rows', '--limit', '5'], /--period/],
  [['quota', 'set', '--default', '--metric', 'rows', '--period', 'week', '--limit', '5'], /hour and day/],
  [['quota', 'set', '--default', '--metric', 'rows', '--period', 'day'], /--limit/],
  [['quota', 'set', '--default', '--metric', 'rows', '--period', 'day', '--limit', '-5'], /from 0 up/],
  [['quota', 'set', '--default', '--metric', 'rows', '--period', 'day', '--limit', '5', '--burst', '5'], /rate/],
  [['flag', 'set', 'fair-queue', 'off', '--client', 'ann'], /whole system/],
  [['flag', 'set', 'job-queue', 'maybe'], /on, off, or unset/],
  [['flag', 'set', 'job-queue', 'on', '--percent', '101'], /0 to 100/],
  [['flag', 'set', 'job-queue', 'on', '--percent', '5', '--group', 'g'], /one scope/],
  [['flag', 'set', 'distributed-store', 'on'], /not in this version/],
  [['flag', 'history', '--limit', '0'], /1 to 1000/],
  [['phase', 'enable', '9'], /Phases are/],
  [['phase', 'enable', '5'], /Nothing of phase 5/],
  [['audit', 'list', '--outcome', 'well'], /succeeded/],
  [['audit', 'list', '--since', 'yesterday'], /--since/],
  [['audit', 'list', '--cursor', 'x'], /cursor/],
  [['client', 'add', 'cat', '--allow', 'everything'], /read/],
  [['client', 'add', 'cat', '--weight', '0'], /weight/],
  [['client', 'add', ' '], /name/],
  [['breaker', 'open', '--reason', 'x'.repeat(300)], /at most 200/],
  [['breaker', 'close', '--forever'], /--forever/],
])('%j ends with 2 and one line that says what to do', async (args, what) => {
  const { exit, code, message, hint } = await refused(args);
  expect({ exit, code }).toEqual({ exit: 2, code: 'INVALID_ARGUMENT' });
  expect(`${message} ${hint}`).toMatch(what);
});

it.each([
  ['client', 'limit', 'cat', '--weight', '2'],
  ['client', 'token', 'cat'],
  ['client', 'tokens', 'cat'],
  ['client', 'revoke', 'cat'],
  ['client', 'remove', 'cat'],
  ['breaker', 'show', 'nowhere'],
])('%j ends with 4', async (...args) => {
  const { exit, code } = await refused(args);
  expect({ exit, code }).toEqual({ exit: 4, code: 'NOT_FOUND' });
});
