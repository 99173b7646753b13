import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cleanEnvironment, EXECUTABLE, Place } from './processes.js';

const INSPECTOR = resolve('node_modules/.bin/mcp-inspector');

let place: Place;
beforeAll(() => {
  place = new Place();
});
afterAll(() => place.end());

async function inspect(...args: string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    INSPECTOR,
    ['--cli', process.execPath, EXECUTABLE, 'serve', '--stdio', '--db', place.db, ...args],
    { env: cleanEnvironment(place.folder), cwd: place.folder },
  );
  return JSON.parse(stdout);
}

it('the MCP inspector lists the tools', async () => {
  const { tools } = (await inspect('--method', 'tools/list')) as { tools: { name: string }[] };
  expect(tools).toHaveLength(14);
  expect(tools.map((tool) => tool.name)).toContain('query');
});

it('the MCP inspector calls a tool', async () => {
  const reply = await inspect('--method', 'tools/call', '--tool-name', 'query', '--tool-arg', 'sql=select 1 as n');
  expect(reply).toMatchObject({ structuredContent: { state: 'succeeded', columns: [{ name: 'N' }], rows: [[1]] } });
});
