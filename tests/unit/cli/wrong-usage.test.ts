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
])('%j ends with 2 and one line that says what to do', async (args, what) => {
  const forPeople = await ended(args);
  expect(forPeople).toMatchObject({ exit: 2, stdout: '' });
  expect(forPeople.stderr).toMatch(/^mcp-snow: [^\n]+\n$/);
  const forPrograms = await ended([...args, '--json']);
  expect(forPrograms).toMatchObject({ exit: 2, stdout: '' });
  const { error } = JSON.parse(forPrograms.stderr) as { error: { code: string; message: string; hint: string } };
  expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', hint: expect.any(String) });
  expect(`${error.message} ${error.hint}`).toMatch(what);
});
