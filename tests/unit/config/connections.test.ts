import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConnections, resolveProfile } from '../../../src/config/connections.js';
import type { Surroundings } from '../../../src/config/paths.js';
import { SnowError } from '../../../src/errors/snow-error.js';
import type { ConnectionProfile } from '../../../src/warehouse/profile.js';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mcp-snow-connections-'));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

function at(env: NodeJS.ProcessEnv = {}, platform: NodeJS.Platform = 'linux'): Surroundings {
  return { env, home, cwd: home, platform };
}

function write(path: string, text: string, mode = 0o600): void {
  const file = join(home, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text, { mode });
  chmodSync(file, mode);
}

async function resolved(name: string | undefined, env: NodeJS.ProcessEnv = {}): Promise<ConnectionProfile> {
  return resolveProfile(await readConnections(at(env)), name);
}

describe('connections', () => {
  it('are the built-in Snowflake alone when nothing is configured', async () => {
    expect(await resolved(undefined)).toEqual({ name: 'local', local: true, options: {}, source: 'built in' });
  });

  it('come from connections.toml, which replaces those of config.toml', async () => {
    write('.snowflake/config.toml', 'default_connection_name = "two"\n[connections.one]\naccount = "old"\n');
    expect((await resolved('one')).options).toEqual({ account: 'old' });
    write(
      '.snowflake/connections.toml',
      '[two]\naccount = "a2"\nuser = "u"\npassword = "p"\n[three]\naccount = "a3"\n',
    );
    const connections = await readConnections(at());
    expect([...connections.profiles.keys()]).toEqual(['local', 'two', 'three']);
    expect(resolveProfile(connections)).toMatchObject({
      name: 'two',
      options: { account: 'a2', username: 'u', password: 'p' },
    });
  });

  it('are looked for where the snow CLI looks', async () => {
    write('.config/snowflake/connections.toml', '[c]\naccount = "config"\n');
    expect((await resolved('c')).options.account).toBe('config');
    write('.snowflake/connections.toml', '[c]\naccount = "dot"\n');
    expect((await resolved('c')).options.account).toBe('dot');
    write('own/connections.toml', '[c]\naccount = "own"\n');
    expect((await resolved('c', { SNOWFLAKE_HOME: '~/own' })).options.account).toBe('own');
    write('Library/Application Support/snowflake/connections.toml', '[c]\naccount = "mac"\n');
    rmSync(join(home, '.snowflake'), { recursive: true });
    expect(resolveProfile(await readConnections(at({}, 'darwin')), 'c').options.account).toBe('mac');
  });

  it('take their keys as snowflake-sdk names them', async () => {
    write(
      '.snowflake/connections.toml',
      `[key]
account = "a"
user = "u"
private_key_file = "~/key.p8"
private_key_passphrase = "pass"
client_session_keep_alive = true
[browser]
account = "a"
authenticator = "externalbrowser"
[plain]
host = "127.0.0.1"
port = 8080
protocol = "http"
token_file_path = "~/token"
oauth_client_id = "id"
`,
    );
    expect((await resolved('key')).options).toEqual({
      account: 'a',
      username: 'u',
      privateKeyPath: join(home, 'key.p8'),
      privateKeyPass: 'pass',
      clientSessionKeepAlive: true,
      authenticator: 'SNOWFLAKE_JWT',
    });
    expect((await resolved('browser')).options).toEqual({ account: 'a', authenticator: 'externalbrowser' });
    expect((await resolved('plain')).options).toEqual({
      accessUrl: 'http://127.0.0.1:8080',
      tokenFilePath: join(home, 'token'),
      oauthClientId: 'id',
    });
  });

  it('can be made and changed by variables', async () => {
    write('.snowflake/connections.toml', '[my_dev]\naccount = "a"\nuser = "u"\n');
    const env = {
      SNOWFLAKE_CONNECTIONS_MY_DEV_USER: 'v',
      SNOWFLAKE_CONNECTIONS_OTHER_ACCOUNT: 'b',
      SNOWFLAKE_CONNECTIONS_OTHER_PRIVATE_KEY_FILE: '/k',
      SNOWFLAKE_PASSWORD: 'p',
      SNOWFLAKE_HOST: 'evil.example.com',
    };
    expect((await resolved('my_dev', env)).options).toEqual({ account: 'a', username: 'v', password: 'p' });
    expect((await resolved('other', env)).options).toMatchObject({ account: 'b', privateKeyPath: '/k' });
  });

  it('are made of the SNOWFLAKE_ variables when there is nothing else', async () => {
    const env = { SNOWFLAKE_ACCOUNT: 'a', SNOWFLAKE_USER: 'u', SNOWFLAKE_PASSWORD: 'p', SNOWFLAKE_WAREHOUSE: 'w' };
    expect(await resolved(undefined, env)).toMatchObject({
      name: 'default',
      local: false,
      options: { account: 'a', username: 'u', password: 'p', warehouse: 'w' },
    });
  });

  it('choose the default: variable, then file, then the only one there is', async () => {
    write('.snowflake/connections.toml', '[one]\naccount = "1"\n');
    expect((await resolved(undefined)).name).toBe('one');
    write('.snowflake/connections.toml', '[one]\naccount = "1"\n[two]\naccount = "2"\n');
    expect((await resolved(undefined)).name).toBe('local');
    write('.snowflake/config.toml', 'default_connection_name = "two"\n');
    expect((await resolved(undefined)).name).toBe('two');
    expect((await resolved(undefined, { SNOWFLAKE_DEFAULT_CONNECTION_NAME: 'one' })).name).toBe('one');
  });

  it('are not found with a list of those that are', async () => {
    write('.snowflake/connections.toml', '[one]\naccount = "1"\n');
    const error = await resolved('on').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SnowError);
    expect((error as SnowError).data).toMatchObject({ code: 'NOT_FOUND', hint: expect.stringContaining('local, one') });
  });

  it('warn of a file that others can read, and of a name that is taken', async () => {
    write('.snowflake/connections.toml', '[local]\naccount = "1"\n', 0o644);
    const { warnings, profiles } = await readConnections(at());
    expect(warnings).toEqual([expect.stringContaining('chmod 600'), expect.stringContaining('built-in Snowflake')]);
    expect(profiles.get('local')?.local).toBe(true);
  });
});
