import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../unit/worker/rig.js';
import { bearer, ENVELOPE, HttpRig, modernCall } from './http-rig.js';

let rig: HttpRig;
let url: URL;
beforeAll(async () => {
  rig = await HttpRig.open();
  url = await rig.serve({ requireTokens: true });
});
afterAll(() => rig.close());

/** Resolves when the stream is over, in whatever way. */
async function over(answer: Response): Promise<void> {
  const reader = answer.body?.getReader();
  while (!(await reader?.read().catch(() => ({ done: true })))?.done);
}

async function legacyStream(token: string): Promise<Response> {
  const session = await rig.session(url, bearer(token));
  const headers = { accept: 'text/event-stream', 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' };
  return await fetch(url, { headers: { ...headers, ...bearer(token) } });
}

async function modernStream(token: string, at = url): Promise<Response> {
  const params = { notifications: { resourceSubscriptions: ['snow://jobs/x/result'] }, _meta: ENVELOPE };
  return await fetch(at, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
      ...bearer(token),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params }),
  });
}

const idOf = (token: string): string => String(token.split('_')[1]);

async function revokedElsewhere(token: string): Promise<void> {
  const store = await rig.gateways.another();
  await store.revokeToken(idOf(token)).finally(() => store.close());
}

describe('a token that is no good any more', () => {
  it.each([
    ['revoked', revokedElsewhere],
    ['of a client that was removed', async () => void (await rig.gateways.store.removeClient('ann'))],
  ])('%s: its streams end in both eras, and those of others do not', async (_what, end) => {
    const [token, other] = [await rig.token('ann'), await rig.token('bob')];
    const streams = await Promise.all([legacyStream(token), modernStream(token)]);
    const others = await Promise.all([legacyStream(other), modernStream(other)]);
    for (const { status } of [...streams, ...others]) expect(status).toBe(200);
    let ended = 0;
    for (const stream of others) void over(stream).then(() => (ended += 1));
    await end(token);
    await Promise.all(streams.map(over));
    expect(ended).toBe(0);
    await Promise.all(others.map(({ body }) => body?.cancel().catch(() => undefined)));
  });

  it('expired: streams end, calls that came in time are answered', async () => {
    const token = await rig.token('carl', undefined, Date.now() + 1_500);
    const stream = await modernStream(token);
    const call = fetch(url, modernCall('query', { sql: 'select 1', wait_s: 3 }, bearer(token)));
    await over(stream);
    expect((await fetch(url, modernCall('get_session', {}, bearer(token)))).status).toBe(401);
    await rig.gateways.work();
    const answer = await call;
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('job_id');
  });

  it('revoked: a call that waits ends with it, and its job', async () => {
    const token = await rig.token('dora');
    const sql = "select system$wait(60, 'SECONDS')";
    const call = fetch(url, modernCall('query', { sql }, bearer(token))).then(over, () => undefined);
    const state = async () => (await rig.gateways.store.list({ client: 'dora', limit: 1 })).jobs[0]?.state;
    await until(async () => (await state()) !== undefined);
    await rig.gateways.store.revokeToken(idOf(token));
    await call;
    await until(async () => (await state()) === 'cancelled');
  });
});

describe('streams of one client', () => {
  it('are bounded, whatever the others have, and one that ends makes room', async () => {
    const bounded = await rig.serve({ requireTokens: true, limits: { maxStreamsPerClient: 2 } });
    const [ann, bob] = [await rig.token('anna'), await rig.token('bert')];
    const [first, second] = await Promise.all([modernStream(ann, bounded), modernStream(ann, bounded)]);
    const third = await modernStream(ann, bounded);
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
    expect(await third.text()).toContain('2 streams');
    expect((await modernStream(bob, bounded)).status).toBe(200);
    await first.body?.cancel();
    await expect.poll(async () => (await modernStream(ann, bounded)).status).toBe(200);
  });
});
