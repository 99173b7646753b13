import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSettings, type Settings } from '../../../src/config/settings.js';
import { idleExitFrom, lifetimesFrom, originsFrom, stageFoldersFrom } from '../../../src/local/host/environment.js';
import { LIMIT_VARIABLES, limitsFrom } from '../../../src/local/host/limits-environment.js';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mcp-snow-settings-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function load(text: string, env: NodeJS.ProcessEnv = {}): Promise<Settings> {
  writeFileSync(join(home, 'mcp-snow.toml'), text);
  return await loadSettings({ surroundings: { env, home, cwd: home, platform: 'linux' } });
}

const ALL = `
[local]
data = "files"
host = "0.0.0.0"
port = 8765
access = "access.toml"
origins = ["https://app.example.com", "http://localhost:3000"]
stage_folders = ["in", "/srv/out"]
idle_exit_ms = 1000
session_token_s = 60
master_token_s = 120
detached_s = 5
sessions = 7
statements = 70
statement_s = 30
most_statement_s = 3600
memory_mib = 512
temporary_disk_mib = 1024
result_disk_mib = 256
reused_result_mib = 8
history_rows = 500
history_days = 30
`;

test('what the file says of the local Snowflake is what its process reads', async () => {
  const { local } = await load(ALL);
  expect(local).toMatchObject({ data: join(home, 'files'), host: '0.0.0.0', port: 8765 });
  const { variables } = local;
  expect(variables.MCP_SNOW_LOCAL_ACCESS).toBe(join(home, 'access.toml'));
  expect(originsFrom(variables)).toEqual(['https://app.example.com', 'http://localhost:3000']);
  expect(stageFoldersFrom(variables)).toEqual([join(home, 'in'), '/srv/out']);
  expect(idleExitFrom(variables)).toBe(1000);
  expect(lifetimesFrom(variables)).toEqual({
    tokens: { sessionSeconds: 60, masterSeconds: 120 },
    queryLimits: { detachedMs: 5000 },
  });
  const limits = limitsFrom(variables);
  expect(Object.keys(limits).sort()).toEqual(Object.keys(LIMIT_VARIABLES).sort());
  expect(limits).toMatchObject({ sessions: 7, statementSeconds: 30, memoryBytes: 512 * 1024 ** 2, historyDays: 30 });
});

test('nothing said leaves everything to the process', async () => {
  expect((await load('')).local).toEqual({ variables: {} });
});

test('a variable wins over the file', async () => {
  const env = {
    MCP_SNOW_LOCAL_SESSIONS: '9',
    MCP_SNOW_LOCAL_STAGE_FOLDERS: `/a${delimiter}/b`,
    MCP_SNOW_LOCAL_HISTORY_ROWS: '',
  };
  const { variables } = (await load(ALL, env)).local;
  expect(limitsFrom(variables)).toMatchObject({ sessions: 9, historyRows: 500 });
  expect(stageFoldersFrom(variables)).toEqual(['/a', '/b']);
});

test.each([
  ['sesions = 3', 'local.sesions is no setting.', 'Is local.sessions meant?'],
  ['sessions = 0', 'local.sessions cannot be 0.', 'a whole number from 1 to 10000'],
  ['origins = ["https://app.example.com/path"]', 'local.origins cannot be', 'a list of origins'],
  ['origins = "https://app.example.com"', 'local.origins cannot be', 'a list of origins'],
  ['port = 70000', 'local.port cannot be 70000.', 'a whole number from 0 to 65535'],
])('%s is refused with what to do', async (line, message, hint) => {
  await expect(load(`[local]\n${line}`)).rejects.toMatchObject({
    data: { message: expect.stringContaining(message), hint: expect.stringContaining(hint) },
  });
});
