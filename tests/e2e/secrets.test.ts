import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modernCall } from '../integration/http-rig.js';
import { endChild, Place } from './processes.js';

/** In every planted secret; characters that JSON and URLs write in another way stand beside it. */
const MARK = 'sesame';
const PLANTED = {
  password: 'sesame"PASS\\WORD é-1',
  token: 'sesame-TOKEN/2+x==',
  passphrase: 'sesame-PASSPHRASE-3',
  key: 'sesame+KEY/4',
  url: 'sesame-URL-5',
  proxy: 'sesame-PROXY-6',
  environment: 'sesame-ENVIRONMENT-7',
};

let place: Place;
let echo: Server;
/** What all processes have written. */
const written: string[] = [];

/** A warehouse that answers each request with a refusal that repeats all of it, as no warehouse should. */
function echoing(): Server {
  return createServer((request, response) => {
    void text(request).then((body) => {
      const message = `Incorrect: ${request.url} ${JSON.stringify(request.headers)} ${body}`;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ success: false, code: '390100', message, data: null, headers: null }));
    });
  });
}

beforeAll(async () => {
  place = new Place();
  echo = echoing();
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const { port } = echo.address() as AddressInfo;
  const at = `account = "x"\nhost = "127.0.0.1"\nport = ${port}\nprotocol = "http"\nuser = "ann"\n`;
  const key = `-----BEGIN ENCRYPTED PRIVATE KEY-----\\n${PLANTED.key}\\n-----END ENCRYPTED PRIVATE KEY-----`;
  const connections = [
    `[wrong]\n${at}password = ${JSON.stringify(PLANTED.password)}`,
    `[oauth]\n${at}authenticator = "oauth"\ntoken = "${PLANTED.token}"`,
    `[keyed]\n${at}private_key_raw = "${key}"\nprivate_key_passphrase = "${PLANTED.passphrase}"`,
    `[url]\naccount = "x"\naccess_url = "http://ann:${PLANTED.url}@127.0.0.1:${port}"\nuser = "ann"\npassword = "${PLANTED.url}"`,
    `[filled]\n${at}`,
  ];
  mkdirSync(join(place.folder, '.snowflake'));
  writeFileSync(join(place.folder, '.snowflake', 'connections.toml'), connections.join('\n\n'), { mode: 0o600 });
  mkdirSync(join(place.folder, 'broken'));
  const broken = `[wrong]\npassword = "${PLANTED.password}\naccount = "x"\n`;
  writeFileSync(join(place.folder, 'broken', 'connections.toml'), broken, { mode: 0o600 });
  writeFileSync(join(place.folder, 'unknown.toml'), `password = ${JSON.stringify(PLANTED.password)}\n`);
});
afterAll(async () => {
  await place.end();
  echo.close();
  echo.closeAllConnections();
});

const environment = {
  SNOWFLAKE_PASSWORD: PLANTED.environment,
  HTTPS_PROXY: `http://ann:${PLANTED.proxy}@127.0.0.1:9`,
  HTTP_PROXY: `http://ann:${PLANTED.proxy}@127.0.0.1:9`,
};

async function run(...args: readonly string[]): Promise<{ readonly code: number | null; readonly stdout: string }> {
  const ended = await place.run([...args, '--db', place.db, '--log-level', 'debug'], { env: environment });
  written.push(ended.stdout, ended.stderr);
  return ended;
}

/** Every file below the folder but those that the secrets were planted in. */
function files(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return files(path);
    return /(connections|unknown)\.toml$/.test(name) ? [] : [path];
  });
}

function expectNowhere(secret: string): void {
  expect(written.join('\n')).not.toContain(secret);
  for (const file of files(place.folder)) expect(readFileSync(file, 'latin1').includes(secret), file).toBe(false);
}

describe('secrets', () => {
  it('of connections are in nothing that doctor says, whatever is wrong with them', async () => {
    const doctor = async (connection: string): Promise<string> => {
      const { code, stdout } = await run('doctor', '--connection', connection, '--json');
      expect(code, stdout).toBe(1);
      return stdout;
    };
    const said = await Promise.all(['wrong', 'oauth', 'keyed', 'url', 'filled'].map(doctor));
    expect(said[0]).toContain('Incorrect');
    const broken = await place.run(['doctor', '--db', place.db], {
      env: { ...environment, SNOWFLAKE_HOME: join(place.folder, 'broken') },
    });
    const unknown = await run('stats', '--config', join(place.folder, 'unknown.toml'));
    expect(broken.code).not.toBe(0);
    expect(unknown.code).toBe(2);
    written.push(broken.stdout, broken.stderr);
    expectNowhere(MARK);
    expectNowhere(Buffer.from(`ann:${PLANTED.url}`).toString('base64'));
  });

  it('of connections and clients are in no log, answer, audit, figure or file of a server that uses them', async () => {
    await run('client', 'add', 'ann');
    const { token, id } = JSON.parse((await run('client', 'token', 'ann', '--json')).stdout) as Record<string, string>;
    // The one place where it is told.
    written.pop();
    written.pop();
    const { token: revoked, id: revokedId } = JSON.parse(
      (await run('client', 'token', 'ann', '--json')).stdout,
    ) as Record<string, string>;
    written.pop();
    written.pop();
    await run('client', 'revoke', String(revokedId));
    const options = ['--connection', 'wrong', '--db', place.db, '--log-level', 'debug', '--json'];
    const server = place.start(['serve', '--http', '--port', '0', ...options], { env: environment });
    let output = '';
    for (const stream of [server.stdout, server.stderr]) stream?.on('data', (chunk) => (output += chunk));
    const [line] = await new Promise<string[]>((resolve, reject) => {
      createInterface({ input: server.stdout as NonNullable<typeof server.stdout> }).once('line', (first) =>
        resolve([first]),
      );
      server.once('exit', () => reject(new Error(output)));
    });
    const url = new URL((JSON.parse(String(line)) as { url: string }).url);
    const bearer = (text: string | undefined) => ({ authorization: `Bearer ${text}` });
    const answered: string[] = [];
    const ask = async (...call: Parameters<typeof modernCall>): Promise<void> => {
      answered.push(await (await fetch(url, modernCall(...call))).text());
    };
    await ask('query', { sql: 'select 1' }, bearer(token));
    await ask('list_databases', {}, bearer(token));
    await ask('list_jobs', {}, bearer(token));
    await ask('server_status', {}, bearer(token));
    for (const wrong of [revoked, `${token}x`, token?.slice(0, -1)])
      await ask('query', { sql: 'select 1' }, bearer(wrong));
    expect(answered[0]).toContain('Incorrect');
    written.push(...answered);
    const secrets = [token, revoked].map((text) => String(text?.split('_')[2]));
    for (const secret of secrets) expectNowhere(secret);
    expectNowhere(MARK);
    expect(await endChild(server)).toBe(0);
    written.push(output);
    for (const command of [
      ['audit', 'list'],
      ['jobs', 'list'],
      ['stats'],
      ['client', 'show', 'ann'],
      ['quota', 'show'],
    ])
      await run(...command, '--json');
    expect(written.join('\n')).toContain(id);
    for (const secret of secrets) expectNowhere(secret);
    expectNowhere(MARK);
  });
});
