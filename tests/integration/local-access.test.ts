import { createHash, createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, type RestServer, startRest } from './local-rest/rest-client.js';
import { connect, destroy, failure, run } from './local-wire/driver.js';

const API_KEY = 'key-of-alice-0123456789';
const SECRET = 'a shared secret of more than 32 bytes';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = String(pair.publicKey.export({ type: 'spki', format: 'pem' }));
const bare = pem.replace(/-----[A-Z ]+-----|\s/g, '');
const privatePem = String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));

let shut: RestServer;
let open: RestServer;

beforeAll(async () => {
  shut = await startRest({
    access: {
      users: [
        { name: 'alice', password: 'wonder', api_key: API_KEY, roles: ['accountadmin'] },
        { name: 'robot', rsa_public_key: pem },
      ],
      jwt: { secret: SECRET, issuer: 'me', audience: 'snow', roles: ['sysadmin'] },
    },
  });
  open = await startRest();
});
afterAll(async () => {
  await shut.close();
  await open.close();
});

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

function rs256(claims: object, key: KeyObject): string {
  const signed = `${base64({ alg: 'RS256', typ: 'JWT' })}.${base64(claims)}`;
  return `${signed}.${createSign('sha256').update(signed).sign(key).toString('base64url')}`;
}

function hs256(claims: object, secret = SECRET, alg = 'HS256'): string {
  const signed = `${base64({ alg })}.${base64(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function keyPairToken(user: string, { publicKey, privateKey } = pair, exp = inSeconds(60)): string {
  const print = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
  return rs256({ iss: `LOCAL.${user}.SHA256:${print}`, sub: `LOCAL.${user}`, iat: inSeconds(0), exp }, privateKey);
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const keyPair = (token: string) => ({ ...bearer(token), 'X-Snowflake-Authorization-Token-Type': 'KEYPAIR_JWT' });
const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });

/** The user that the server takes the sender of these headers for, or the refusal's number. */
async function userOf(server: RestServer, headers: Record<string, string>): Promise<string> {
  const answer = await ask(server, 'POST', '/api/v2/statements', { statement: 'select current_user()' }, headers);
  return answer.status === 200 ? answer.json.data[0][0] : `${answer.status} ${answer.json.code}`;
}

test('an API key, a password, a third party and a key pair each name their user', async () => {
  expect(await userOf(shut, { 'X-API-Key': API_KEY })).toBe('ALICE');
  expect(await userOf(shut, bearer(API_KEY))).toBe('ALICE');
  expect(await userOf(shut, basic('alice:wonder'))).toBe('ALICE');
  expect(await userOf(shut, bearer(hs256({ sub: 'carol', iss: 'me', aud: ['snow'], exp: inSeconds(60) })))).toBe(
    'CAROL',
  );
  expect(await userOf(shut, keyPair(keyPairToken('ROBOT')))).toBe('ROBOT');
});

test.each([
  ['nothing', () => ({})],
  ['a wrong key', () => ({ 'X-API-Key': 'key-of-nobody-0123456789' })],
  ['a wrong password', () => basic('alice:wander')],
  ['a user without a password', () => basic('robot:')],
  ['another secret', () => bearer(hs256({ sub: 'c', iss: 'me', aud: 'snow', exp: inSeconds(60) }, 'x'.repeat(40)))],
  ['no signature', () => bearer(hs256({ sub: 'c', iss: 'me', aud: 'snow', exp: inSeconds(60) }, SECRET, 'none'))],
  ['a past end', () => bearer(hs256({ sub: 'c', iss: 'me', aud: 'snow', exp: inSeconds(-120) }))],
  ['no end', () => bearer(hs256({ sub: 'c', iss: 'me', aud: 'snow' }))],
  ['another issuer', () => bearer(hs256({ sub: 'c', iss: 'you', aud: 'snow', exp: inSeconds(60) }))],
  ['another audience', () => bearer(hs256({ sub: 'c', iss: 'me', aud: 'rain', exp: inSeconds(60) }))],
])('%s is refused', async (_, headers) => {
  expect(await userOf(shut, headers() as Record<string, string>)).toBe('401 390100');
});

test.each([
  ['of a stranger', () => keyPairToken('ROBOT', stranger)],
  ['signed by a stranger', () => rs256(claimsOf(keyPairToken('ROBOT')), stranger.privateKey)],
  ['of a user without a key', () => keyPairToken('ALICE')],
  ['that has ended', () => keyPairToken('ROBOT', pair, inSeconds(-120))],
  ['for one user by another', () => rs256({ ...claimsOf(keyPairToken('ROBOT')), sub: 'LOCAL.ALICE' }, pair.privateKey)],
  ['that is none', () => 'a.b.c'],
])('a key-pair token %s is refused', async (_, token) => {
  expect(await userOf(shut, keyPair(token()))).toBe('401 390144');
});

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;

test('the roles of a third party’s users are those of its tokens alone', async () => {
  const role = async (headers: Record<string, string>) =>
    (await ask(shut, 'POST', '/api/v2/statements', { statement: 'select current_role()' }, headers)).json.data[0][0];
  const made = { statement: `create user carol rsa_public_key = '${bare}'` };
  expect((await ask(shut, 'POST', '/api/v2/statements', made, { 'X-API-Key': API_KEY })).status).toBe(200);
  expect(await role({ 'X-API-Key': API_KEY })).toBe('ACCOUNTADMIN');
  expect(await role(bearer(hs256({ sub: 'carol', iss: 'me', aud: 'snow', exp: inSeconds(60) })))).toBe('SYSADMIN');
  expect(await role(keyPair(keyPairToken('CAROL')))).toBe('PUBLIC');
});

test('nobody sees or cancels what another user has run', async () => {
  const alice = { 'X-API-Key': API_KEY };
  const robot = keyPair(keyPairToken('ROBOT'));
  const { json } = await ask(shut, 'POST', '/api/v2/statements', { statement: "select 'secret of alice'" }, alice);
  expect((await ask(shut, 'GET', json.statementStatusUrl, undefined, robot)).status).toBe(404);
  expect((await ask(shut, 'GET', `/api/v1/query/${json.statementHandle}`, undefined, robot)).status).toBe(404);
  const session = (await ask(shut, 'POST', '/api/v1/sessions', {}, alice)).json.session_id;
  expect((await ask(shut, 'DELETE', `/api/v1/sessions/${session}`, undefined, robot)).status).toBe(404);
  expect((await ask(shut, 'GET', '/api/v1/sessions', undefined, robot)).json.sessions).toEqual([]);
  const seen = await ask(shut, 'GET', '/api/v1/query/history?search=alice', undefined, robot);
  expect(seen.json.queries).toEqual([]);
});

test('the driver logs in with a password and with a key pair', async () => {
  const byPassword = await connect(shut.url, { username: 'alice', password: 'wonder' });
  expect((await run(byPassword, 'select current_user() u')).rows).toEqual([{ U: 'ALICE' }]);
  await destroy(byPassword);
  const withKey = { username: 'robot', authenticator: 'SNOWFLAKE_JWT', privateKey: privatePem };
  const byKey = await connect(shut.url, withKey);
  expect((await run(byKey, 'select current_user() u')).rows).toEqual([{ U: 'ROBOT' }]);
  await destroy(byKey);
  expect((await failure(connect(shut.url, { username: 'alice', password: 'wander' }))).code).toBe('390100');
  expect((await failure(connect(shut.url, { ...withKey, username: 'alice' }))).code).toBe('390144');
});

test('a key that a user is given by SQL is asked for from then on', async () => {
  expect(await userOf(open, keyPair(keyPairToken('DORA', stranger)))).toBe('DORA');
  const statement = `create user dora rsa_public_key = '${bare}'`;
  expect((await ask(open, 'POST', '/api/v2/statements', { statement })).status).toBe(200);
  expect(await userOf(open, keyPair(keyPairToken('DORA', stranger)))).toBe('401 390144');
  expect(await userOf(open, keyPair(keyPairToken('DORA')))).toBe('DORA');
  const spare = String(stranger.publicKey.export({ type: 'spki', format: 'pem' })).replace(/-----[A-Z ]+-----|\s/g, '');
  await ask(open, 'POST', '/api/v2/statements', { statement: `alter user dora set rsa_public_key_2 = '${spare}'` });
  expect(await userOf(open, keyPair(keyPairToken('DORA', stranger)))).toBe('DORA');
});
