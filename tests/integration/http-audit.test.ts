import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RefusedRequests } from '../../src/gateway/refused-requests.js';
import type { AuditEntry } from '../../src/store/audit-store.js';
import { bearer, HttpRig, legacyMessage, messageOf, modernCall } from './http-rig.js';

let rig: HttpRig;
let url: URL;
let refused: RefusedRequests;
beforeAll(async () => {
  rig = await HttpRig.open();
  refused = new RefusedRequests(rig.gateways.store, (failure) => rig.errors.push(failure as Error));
  url = await rig.serve({ requireTokens: true, onRefused: (request) => refused.note(request) });
});
afterAll(async () => {
  await refused.close();
  await rig.close();
});

async function entries(matching: Partial<AuditEntry>): Promise<readonly AuditEntry[]> {
  const { entries: all } = await rig.gateways.store.audit({ limit: 1_000 });
  return all.filter((entry) =>
    Object.entries(matching).every(([name, value]) => entry[name as keyof AuditEntry] === value),
  );
}

const peer = expect.stringMatching(/127\.0\.0\.1$/);

describe('what is refused at the door is in the audit', () => {
  it('with the reason that the caller is not told, and the client where there is one', async () => {
    const good = await rig.token('ann');
    const expired = await rig.token('ann', undefined, Date.now() - 1);
    const revoked = await rig.token('bob');
    await rig.gateways.store.revokeToken(String(revoked.split('_')[1]));
    const refusals = [
      [{}, 401, { reason: 'no token', client: '' }],
      [bearer(`${good.slice(0, -8)}00000000`), 401, { reason: 'unknown token', client: '' }],
      [bearer('?'), 401, { reason: 'malformed token', client: '' }],
      [bearer(expired), 401, { reason: 'expired token', client: 'ann' }],
      [bearer(revoked), 401, { reason: 'revoked token', client: 'bob' }],
      [{ ...bearer(good), origin: 'https://evil.example' }, 403, { reason: 'foreign Origin', client: '' }],
    ] as const;
    for (const [headers, status, told] of refusals) {
      const answer = await fetch(url, modernCall('get_session', {}, headers));
      expect(answer.status).toBe(status);
      await answer.text();
      await expect
        .poll(() => entries(told))
        .toEqual([{ at: expect.any(Number), tool: 'http', outcome: 'refused', code: 'NOT_PERMITTED', peer, ...told }]);
    }
    const all = JSON.stringify(await entries({}));
    for (const token of [good, expired, revoked]) expect(all).not.toContain(String(token.split('_')[2]).slice(0, 16));
  });

  it('a tool that the token’s scopes do not cover, in both eras, and a foreign session', async () => {
    const query = bearer(await rig.token('carl', ['query']));
    expect((await fetch(url, modernCall('list_jobs', {}, query))).status).toBe(403);
    const session = await rig.session(url, query);
    const call = { id: 2, method: 'tools/call', params: { name: 'job_status', arguments: { job_id: 'x' } } };
    const headers = { ...query, 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' };
    expect((await fetch(url, legacyMessage(call, headers))).status).toBe(403);
    for (const tool of ['list_jobs', 'job_status'])
      await expect
        .poll(() => entries({ tool }))
        .toMatchObject([{ client: 'carl', outcome: 'refused', code: 'NOT_PERMITTED', reason: 'scope of the token' }]);

    const other = bearer(await rig.token('dora'));
    const foreign = { ...other, 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' };
    expect((await fetch(url, legacyMessage({ id: 3, method: 'ping' }, foreign))).status).toBe(404);
    await expect.poll(() => entries({ reason: 'foreign MCP session' })).toMatchObject([{ client: 'dora' }]);
    const none = { ...other, 'mcp-session-id': 'no-such', 'mcp-protocol-version': '2025-11-25' };
    expect((await fetch(url, legacyMessage({ id: 3, method: 'ping' }, none))).status).toBe(404);
    expect(await entries({ reason: 'foreign MCP session' })).toHaveLength(1);
  });

  it('arguments that do not fit a tool, each call of them', async () => {
    const headers = bearer(await rig.token('emil'));
    for (const args of [{}, { sql: 5 }, { sql: 'select 1', planted: 'sesame' }]) {
      const { result } = await messageOf(await fetch(url, modernCall('query', args, headers)));
      expect(result).toMatchObject({ isError: true, structuredContent: { code: 'INVALID_ARGUMENT' } });
    }
    const told = { client: 'emil', tool: 'query', outcome: 'refused', code: 'INVALID_ARGUMENT' } as const;
    await expect.poll(async () => (await entries(told)).length).toBe(3);
    expect(JSON.stringify(await entries({}))).not.toContain('sesame');
  });

  it('however many come, as a few entries a minute that say how many there were', async () => {
    const { store } = rig.gateways;
    const flooded = new RefusedRequests(store, () => undefined);
    for (let n = 0; n < 5_000; n += 1) flooded.note({ peer: '192.0.2.1', reason: 'no token' });
    for (let n = 0; n < 5_000; n += 1) flooded.note({ peer: `2001:db8::${n.toString(16)}`, reason: 'unknown token' });
    await flooded.close();
    const of = (peer: string) => entries({ peer });
    expect((await of('192.0.2.1')).map(({ count }) => count)).toEqual([4_999, undefined]);
    const spread = (await entries({})).filter((entry) => /^2001|elsewhere/.test(entry.peer ?? ''));
    expect(spread.length).toBeLessThan(25);
    expect(spread.reduce((sum, { count }) => sum + (count ?? 1), 0)).toBe(5_000);
  });

  it('writes down what was counted when the minute is over', async () => {
    const soon = new RefusedRequests(rig.gateways.store, () => undefined, 20);
    for (const _ of [1, 2, 3]) soon.note({ peer: '192.0.2.2', reason: 'no token' });
    await expect
      .poll(async () => (await entries({ peer: '192.0.2.2' })).map(({ count }) => count))
      .toEqual([2, undefined]);
    soon.note({ peer: '192.0.2.2', reason: 'no token' });
    await expect.poll(async () => (await entries({ peer: '192.0.2.2' })).length).toBe(3);
    await soon.close();
  });
});
