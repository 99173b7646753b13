import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bearer, HttpRig, INITIALIZE, legacyMessage, messageOf, modernCall } from './http-rig.js';

let rig: HttpRig;
beforeEach(async () => {
  rig = await HttpRig.open();
});
afterEach(() => rig.close());

const LIST = { id: 1, method: 'tools/list' };

/** As fetch, which sets Host and Origin by itself. */
async function asked(url: URL, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  const { body, headers: usual, method } = modernCall('get_session', {});
  return await new Promise((resolve, reject) => {
    const sent = request(url, { method: String(method), headers: { ...(usual as object), ...headers } }, (answer) => {
      void text(answer).then((whole) => resolve({ status: answer.statusCode ?? 0, body: whole }));
    });
    sent.once('error', reject).end(body);
  });
}

describe('without tokens, on loopback', () => {
  it('lets everybody in, by the name they give themselves', async () => {
    const url = await rig.serve();
    const answer = await messageOf(await fetch(url, modernCall('server_status', {})));
    expect(answer.result?.structuredContent).toMatchObject({ you: { client: expect.stringMatching(/^bare@/) } });
    expect((await fetch(new URL('/.well-known/oauth-protected-resource', url))).status).toBe(404);
  });

  it('closes the door with the first token that is made', async () => {
    const url = await rig.serve();
    expect((await fetch(url, modernCall('get_session', {}))).status).toBe(200);
    const token = await rig.token('ann');
    await expect.poll(async () => (await fetch(url, modernCall('get_session', {}))).status).toBe(401);
    expect((await fetch(url, modernCall('get_session', {}, bearer(token)))).status).toBe(200);
    await rig.gateways.store.removeClient('ann');
    expect((await fetch(url, modernCall('get_session', {}))).status).toBe(401);
  });

  it('stays closed for a server that starts after its only client was removed', async () => {
    await rig.token('ann');
    await rig.gateways.store.removeClient('ann');
    const url = await rig.serve();
    expect((await fetch(url, modernCall('get_session', {}))).status).toBe(401);
  });
});

describe('with tokens', () => {
  it('refuses a missing token, a wrong one, an expired one and one that was revoked, and says where to look', async () => {
    const url = await rig.serve();
    const good = await rig.token('ann');
    const expired = await rig.token('ann', undefined, Date.now() - 1);
    const wrong = good.slice(0, -1) + (good.endsWith('0') ? '1' : '0');
    const refused = [
      {},
      bearer(wrong),
      bearer(expired),
      bearer(''),
      { authorization: `Basic ${good}` },
      { authorization: good },
      bearer(`${good} ${good}`),
      bearer('x'.repeat(10_000)),
    ];
    for (const headers of refused) {
      const answer = await fetch(url, modernCall('get_session', {}, headers));
      expect(answer.status, JSON.stringify(headers).slice(0, 100)).toBe(401);
      const challenge = String(answer.headers.get('www-authenticate'));
      expect(challenge).toMatch(/^Bearer .*resource_metadata="/);
      const metadata = await fetch(String(/resource_metadata="([^"]+)"/.exec(challenge)?.[1]));
      expect(await metadata.json()).toMatchObject({ resource: url.href, bearer_methods_supported: ['header'] });
      expect(await answer.text()).not.toContain(good);
    }
    expect((await fetch(url, modernCall('get_session', {}, bearer(good)))).status).toBe(200);
    const [, id] = good.split('_');
    await rig.gateways.store.revokeToken(String(id));
    expect((await fetch(url, modernCall('get_session', {}, bearer(good)))).status).toBe(401);
  });

  it('knows the caller by the token, whatever it calls itself', async () => {
    const url = await rig.serve();
    const token = await rig.token('ann');
    const answer = await messageOf(await fetch(url, modernCall('server_status', {}, bearer(token))));
    expect(answer.result?.structuredContent).toMatchObject({ you: { client: 'ann' } });
  });

  it('refuses what the token’s scopes do not cover with 403 and the scope it takes', async () => {
    const url = await rig.serve();
    const token = await rig.token('ann', ['query']);
    const session = await rig.session(url, bearer(token));
    const call = { id: 2, method: 'tools/call', params: { name: 'list_jobs', arguments: {} } };
    for (const asked of [
      modernCall('list_jobs', {}, bearer(token)),
      legacyMessage(call, { ...bearer(token), 'mcp-session-id': session }),
    ]) {
      const answer = await fetch(url, asked);
      expect(answer.status).toBe(403);
      expect(answer.headers.get('www-authenticate')).toMatch(/insufficient_scope.*scope="jobs"/);
    }
    expect((await fetch(url, modernCall('get_session', {}, bearer(token)))).status).toBe(200);
  });

  it('gives nobody another client’s MCP session, job or result', async () => {
    const url = await rig.serve();
    const [ann, bob] = [bearer(await rig.token('ann')), bearer(await rig.token('bob'))];
    const session = await rig.session(url, ann);
    const listing = (headers: Record<string, string>) =>
      fetch(url, legacyMessage(LIST, { ...headers, 'mcp-session-id': session }));
    expect((await listing(ann)).status).toBe(200);
    expect((await listing(bob)).status).toBe(404);
    const ended = await fetch(url, { method: 'DELETE', headers: { ...bob, 'mcp-session-id': session } });
    expect(ended.status).toBe(404);
    expect((await listing(ann)).status).toBe(200);

    const started = await messageOf(await fetch(url, modernCall('start_query', { sql: 'select 1' }, ann)));
    const { job_id } = started.result?.structuredContent as { job_id: string };
    for (const tool of ['job_status', 'job_result', 'job_cancel']) {
      const answer = await messageOf(await fetch(url, modernCall(tool, { job_id }, bob)));
      expect(answer.result, tool).toMatchObject({ isError: true, structuredContent: { code: 'NOT_FOUND' } });
    }
    const bobs = await rig.session(url, bob);
    const read = { id: 3, method: 'resources/read', params: { uri: `snow://jobs/${job_id}/result` } };
    const resource = await fetch(url, legacyMessage(read, { ...bob, 'mcp-session-id': bobs }));
    expect(await messageOf(resource)).toMatchObject({ error: { message: expect.stringMatching(/not found/i) } });
  });

  it('ends a session by the token of its owner, and knows it no more', async () => {
    const url = await rig.serve();
    const ann = bearer(await rig.token('ann'));
    const session = await rig.session(url, ann);
    const headers = { ...ann, 'mcp-session-id': session };
    expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(200);
    expect((await fetch(url, legacyMessage(LIST, headers))).status).toBe(404);
  });
});

describe('a name that is not the server’s', () => {
  it('is refused as Host and as Origin; its own names are not', async () => {
    const url = await rig.serve();
    const foreign = [
      { host: 'evil.example' },
      { host: `evil.example:${url.port}` },
      { host: '127.0.0.1.evil.example' },
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: `http://localhost.evil.example:${url.port}` },
    ];
    for (const headers of foreign) {
      const answer = await asked(url, headers);
      expect(answer.status, JSON.stringify(headers)).toBe(403);
      expect(JSON.parse(answer.body)).toMatchObject({ error: { message: expect.stringMatching(/Host|Origin/) } });
    }
    for (const headers of [
      { host: `localhost:${url.port}` },
      { host: `[::1]:${url.port}` },
      { origin: `http://localhost:${url.port}` },
    ])
      expect((await asked(url, headers)).status, JSON.stringify(headers)).toBe(200);
  });

  it('is accepted when it is that of the public URL, which the metadata then names', async () => {
    const url = await rig.serve({ publicUrl: new URL('https://snow.example.com/mcp'), requireTokens: true });
    const answer = await asked(url, { host: 'snow.example.com' });
    expect(answer.status).toBe(401);
    const metadata = await fetch(new URL('/.well-known/oauth-protected-resource/mcp', url));
    expect(await metadata.json()).toMatchObject({ resource: 'https://snow.example.com/mcp' });
  });
});

it('opens no session for who is not let in', async () => {
  const url = await rig.serve({ requireTokens: true });
  const answer = await fetch(url, legacyMessage(INITIALIZE));
  expect(answer.status).toBe(401);
  expect(answer.headers.get('mcp-session-id')).toBeNull();
});
