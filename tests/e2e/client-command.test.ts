import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyToken } from '../../src/gateway/tokens.js';
import type { ClientRecord } from '../../src/store/client-store.js';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import { Place } from './processes.js';

let place: Place;
beforeAll(() => {
  place = new Place();
});
afterAll(() => place.end());

interface Token {
  readonly token: string;
  readonly id: string;
}

describe('the client command', () => {
  it('adds, changes, lists and removes a client', async () => {
    const options = ['--group', 'analysts', '--weight', '2', '--max-running', '3', '--max-queued', '7', '--smooth'];
    const allowed = ['--allow', 'read,dml', '--table', 'sales.public.*,"a,b".c.d', '--database', 'sales'];
    const added = await place.json<ClientRecord>('client', 'add', 'ann', ...options, ...allowed);
    expect(added).toMatchObject({
      name: 'ann',
      group: 'analysts',
      weight: 2,
      max_running: 3,
      max_queued: 7,
      smooth: true,
      permissions: { statements: ['read', 'dml'], tables: ['sales.public.*', '"a,b".c.d'], databases: ['sales'] },
    });
    const limits = ['--weight', '4', '--no-smooth', '--clear', 'group,table', '--role', 'analyst'];
    const { created_at, ...changed } = await place.json<Record<string, unknown>>('client', 'limit', 'ann', ...limits);
    expect(changed).toEqual({
      name: 'ann',
      weight: 4,
      max_running: 3,
      max_queued: 7,
      smooth: false,
      registered: true,
      permissions: { statements: ['read', 'dml'], databases: ['sales'], roles: ['analyst'] },
    });
    expect(await place.json('client', 'list')).toEqual({ clients: [{ created_at, ...changed }] });
    expect(await place.json('client', 'show', 'ann')).toEqual({ created_at, ...changed, tokens: [] });
    expect(await place.json('client', 'remove', 'ann')).toEqual({ removed: 'ann' });
    expect(await place.json('client', 'list')).toEqual({ clients: [] });
  });

  it('makes tokens that are kept nowhere, and revokes them', async () => {
    await place.json('client', 'add', 'bob');
    const made = await place.run(['client', 'token', 'bob', '--db', place.db]);
    const text = made.stdout.trim();
    expect(text).toMatch(/^mcpsnow_[0-9a-f]+_[0-9a-f]{64}$/);
    expect(made.stderr).toContain('cannot be shown again');
    const { token, id } = await place.json<Token>('client', 'token', 'bob', '--scope', 'query', '--expires', '1h');

    const store = await openSqliteStore({ path: place.db });
    try {
      const now = Date.now();
      expect(await verifyToken(store, text, now)).toMatchObject({
        client: 'bob',
        scopes: ['query', 'write', 'jobs', 'memory'],
      });
      expect(await verifyToken(store, token, now)).toMatchObject({ client: 'bob', scopes: ['query'], tokenId: id });
      const changed = `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`;
      const wrong = [changed, token.slice(0, -1), `${token} `, token.toUpperCase(), '', id, 'x'.repeat(1_000_000)];
      for (const each of wrong) expect(await verifyToken(store, each, now)).toEqual({ refused: 'unknown' });
      expect(await verifyToken(store, token, now + 3_600_001)).toEqual({ refused: 'expired', client: 'bob' });
      expect(await place.json('client', 'revoke', token)).toEqual({ revoked: id });
      expect(await verifyToken(store, token, now)).toEqual({ refused: 'revoked', client: 'bob' });
      await place.json('client', 'remove', 'bob');
      expect(await verifyToken(store, text, now)).toEqual({ refused: 'revoked', client: 'bob' });
      for (const file of [place.db, `${place.db}-wal`]) {
        const bytes = readFileSync(file, 'latin1');
        for (const secret of [text, token]) expect(bytes).not.toContain(secret.split('_')[2]);
      }
    } finally {
      await store.close();
    }
  });

  it('takes a client that is known from its calls only', async () => {
    await place.json('enqueue', 'query', 'select 1', '--client', 'eve');
    expect(await place.json('client', 'show', 'eve')).toMatchObject({ registered: false, weight: 1 });
    expect(await place.json('client', 'add', 'eve', '--weight', '2')).toMatchObject({ registered: true, weight: 2 });
    const again = await place.run(['client', 'add', 'eve', '--db', place.db]);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('client limit') });
  });

  it.each([
    [['client', 'add', 'cat', '--table', 'a.b'], 2, 'INVALID_ARGUMENT'],
    [['client', 'limit', 'eve', '--clear', 'constructor'], 2, 'INVALID_ARGUMENT'],
    [['client', 'show', 'cat'], 4, 'NOT_FOUND'],
  ])('ends %j with %d', async (args, exit, code) => {
    const ended = await place.run([...args, '--db', place.db, '--json']);
    expect(ended).toMatchObject({ code: exit, stdout: '' });
    expect(JSON.parse(ended.stderr)).toMatchObject({ error: { code, hint: expect.any(String) } });
  });

  it('refuses what a removed client asks for, by whatever name it comes', async () => {
    await place.json('client', 'add', 'dan');
    await place.json('client', 'remove', 'dan');
    const ended = await place.run(['enqueue', 'query', 'select 1', '--client', 'dan', '--db', place.db, '--json']);
    expect(ended).toMatchObject({ code: 3, stdout: '' });
    expect(JSON.parse(ended.stderr)).toMatchObject({ error: { code: 'NOT_PERMITTED' } });
  });
});
