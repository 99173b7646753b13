import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Surroundings } from '../../../src/config/paths.js';
import { loadSettings, type SettingsSources } from '../../../src/config/settings.js';
import type { SnowError } from '../../../src/errors/snow-error.js';
import { BREAKER_POLICY } from '../../../src/resilience/breaker.js';
import { DEGRADATION_POLICY } from '../../../src/resilience/degradation.js';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mcp-snow-settings-'));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

function at(env: NodeJS.ProcessEnv = {}): Surroundings {
  const cwd = join(home, 'work');
  mkdirSync(cwd, { recursive: true });
  return { env, home, cwd, platform: 'linux' };
}

function write(path: string, text: string): string {
  const file = join(home, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

async function failure(sources: SettingsSources): Promise<SnowError> {
  return await loadSettings(sources).then(
    () => expect.unreachable('it should have failed'),
    (error: SnowError) => error,
  );
}

describe('settings', () => {
  it('have the defaults of the design', async () => {
    const settings = await loadSettings({ surroundings: at() });
    expect(settings).toEqual({
      db: join(home, '.local/share/mcp-snow/mcp-snow.db'),
      allow: ['read'],
      toolsets: ['core'],
      memory: { aliases: false },
      logLevel: 'warn',
      synchronous: 'FULL',
      queue: { maxRunning: 20, maxQueued: 100, maxRunningPerClient: 10, maxQueuedPerClient: 100, timeoutMs: 300_000 },
      query: { waitS: 45, timeoutMs: 300_000 },
      limits: { timeZone: 'UTC' },
      repositories: { folders: [], maxFileBytes: 1_048_576, maxFiles: 100_000, maxBytes: 2_147_483_648 },
      results: { maxRows: 1000, storedRows: 100_000, storedBytes: 64 * 1024 * 1024, ttlMs: 86_400_000 },
      pool: { maxConnections: 10, idleMs: 300_000, checkAfterMs: 30_000, acquireTimeoutMs: 30_000 },
      sessions: { idleMs: 2_592_000_000 },
      breaker: Object.fromEntries(
        Object.entries(BREAKER_POLICY).filter(([name]) => !['buckets', 'jitter', 'probeLeaseMs'].includes(name)),
      ),
      degradation: DEGRADATION_POLICY,
      worker: { concurrency: 4 },
      shutdown: {},
      audit: { text: false, keptMs: 2_592_000_000 },
      jobs: { keptMs: 604_800_000 },
      local: { variables: {} },
    });
    const elsewhere = await loadSettings({ surroundings: at({ XDG_DATA_HOME: '/data' }) });
    expect(elsewhere.db).toBe('/data/mcp-snow/mcp-snow.db');
  });

  it('come from the file, then from variables, then from options', async () => {
    const file = write(
      'work/mcp-snow.toml',
      'db = "own.db"\nallow = ["read", "dml"]\n[queue]\nmax_running = 5\nmax_queued = 6\ntimeout_s = 1.5\n',
    );
    const env = { MCP_SNOW_QUEUE_MAX_QUEUED: '7', MCP_SNOW_ALLOW: 'read,ddl', MCP_SNOW_LOG_LEVEL: 'debug' };
    const settings = await loadSettings({ options: { allow: ['ddl'], connection: undefined }, surroundings: at(env) });
    expect(settings).toMatchObject({
      db: join(home, 'work/own.db'),
      allow: ['ddl'],
      logLevel: 'debug',
      queue: { maxRunning: 5, maxQueued: 7, timeoutMs: 1500 },
      file,
    });
  });

  it('are looked for in the working directory before the home, and where they are told', async () => {
    const other = write('other/place.toml', 'connection = "other"\ndb = "~/x.db"\n');
    write('.config/mcp-snow/config.toml', 'connection = "home"\n');
    expect((await loadSettings({ surroundings: at() })).connection).toBe('home');
    write('work/mcp-snow.toml', 'connection = "work"\n');
    expect((await loadSettings({ surroundings: at() })).connection).toBe('work');
    expect(await loadSettings({ config: '../other/place.toml', surroundings: at() })).toMatchObject({
      connection: 'other',
      db: join(home, 'x.db'),
      file: other,
    });
    expect((await loadSettings({ surroundings: at({ MCP_SNOW_CONFIG: other }) })).connection).toBe('other');
  });
});

describe('a bad setting', () => {
  it.each([
    ['[queue]\nmax_running = 0\n', 'queue.max_running cannot be 0', 'a whole number from 1 to 1000'],
    ['[queue]\nmax_running = "many"\n', 'queue.max_running cannot be "many"', 'a whole number'],
    ['allow = ["everything"]\n', 'allow cannot be ["everything"]', 'a list of read, dml, ddl'],
    ['[limits]\ntime_zone = "Europe/Atlantis"\n', 'limits.time_zone cannot be "Europe/Atlantis"', 'Europe/Berlin'],
    ['[query]\nwait_s = 60\n', 'query.wait_s cannot be 60', 'seconds from 0 to 55'],
    ['[queue]\nmax_runing = 5\n', 'queue.max_runing is no setting', 'queue.max_running'],
    ['colour = "blue"\n', 'colour is no setting', 'connection'],
  ])('in the file is named with what is accepted: %j', async (text, what, hint) => {
    const file = write('work/mcp-snow.toml', text);
    const { data } = await failure({ surroundings: at() });
    expect(data.code).toBe('INVALID_ARGUMENT');
    expect(data.message).toContain(file);
    expect(data.message).toContain(what);
    expect(data.hint).toContain(hint);
  });

  it('names the variable or the option that it comes from', async () => {
    const variable = await failure({ surroundings: at({ MCP_SNOW_POOL_IDLE_S: 'soon' }) });
    expect(variable.message).toContain('MCP_SNOW_POOL_IDLE_S');
    const option = await failure({ options: { log_level: 'loud' }, surroundings: at() });
    expect(option.message).toContain('--log-level');
  });

  it('says where a file is no TOML, without showing the file', async () => {
    const file = write('work/mcp-snow.toml', 'db = "a"\nclient = hunter2secret\n');
    const { data } = await failure({ surroundings: at() });
    expect(data.message).toContain(`${file}, line 2`);
    expect(JSON.stringify(data)).not.toContain('hunter2secret');
  });

  it('includes a file that is not there but was asked for', async () => {
    const { data } = await failure({ config: 'nowhere.toml', surroundings: at() });
    expect(data.message).toContain(join(home, 'work/nowhere.toml'));
    expect(data.hint).toContain('mcp-snow init');
  });

  it('includes a file that cannot be read', async () => {
    mkdirSync(join(home, 'work', 'mcp-snow.toml'), { recursive: true });
    expect((await failure({ surroundings: at() })).message).toContain('EISDIR');
  });
});
