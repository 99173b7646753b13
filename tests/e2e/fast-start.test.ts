import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, Place } from './processes.js';

const HEAVY = ['snowflake-sdk', '@duckdb'];
const TRACE = pathToFileURL(resolve('tests/e2e/loaded-modules.mjs')).href;

const LIST_TOOLS = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/list',
  params: {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'trace', version: '1' },
    },
  },
};

describe('what a process loads before there is work', () => {
  let place: Place;
  let trace: string;
  let env: Record<string, string>;

  beforeAll(() => {
    place = new Place();
  });
  afterAll(() => place.end());

  function traced(name: string): void {
    trace = join(place.folder, `${name}.modules`);
    env = { NODE_OPTIONS: `--import ${TRACE}`, LOADED_MODULES: trace };
  }

  const loaded = (): readonly string[] => readFileSync(trace, 'utf8').split('\n');
  const loadedOf = (part: string) => loaded().filter((url) => url.includes(`/node_modules/${part}/`));

  function expectNothingHeavy(): void {
    for (const part of HEAVY) expect(loadedOf(part), part).toEqual([]);
  }

  it('answers tools/list without driver, DuckDB or store', async () => {
    traced('serve');
    const child = place.start(['serve', '--stdio', '--db', place.db], { env });
    let answer = '';
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      answer += part;
    });
    child.stdin?.write(`${JSON.stringify(LIST_TOOLS)}\n`);
    await eventually(() => (answer.includes('\n') ? true : undefined));
    expect(JSON.parse(answer).result.tools).toHaveLength(14);
    expect(loadedOf('@modelcontextprotocol').length).toBeGreaterThan(0);
    expectNothingHeavy();
    expect(loadedOf('better-sqlite3')).toEqual([]);
    const exit = once(child, 'exit');
    child.stdin?.end();
    expect(await exit).toEqual([0, null]);
    expectNothingHeavy();
  });

  it('shows --help without any of the commands', async () => {
    traced('help');
    const { code, stdout } = await place.run(['--help'], { env });
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: mcp-snow');
    expectNothingHeavy();
    for (const part of ['better-sqlite3', 'zod', '@modelcontextprotocol', 'chalk', 'ora'])
      expect(loadedOf(part)).toEqual([]);
  });

  it('shows stats with the store alone', async () => {
    traced('stats');
    const { code, stdout } = await place.run(['stats', '--json', '--db', place.db], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ total_queued: 0, total_active: 0, available_slots: 20, clients: {} });
    expect(loadedOf('better-sqlite3').length).toBeGreaterThan(0);
    expectNothingHeavy();
  });
});
