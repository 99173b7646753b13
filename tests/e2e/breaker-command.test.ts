import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BreakerJson } from '../../src/cli/json-names.js';
import { modernClient, type TestClient } from './mcp-clients.js';
import { Place } from './processes.js';

let place: Place;
let server: TestClient;
beforeAll(async () => {
  place = new Place();
  server = await modernClient(place.server('--client', 'ann'));
});
afterAll(async () => {
  await server.close();
  await place.end();
});

const query = () => server.call('query', { sql: 'select 1' });
const run = (...args: string[]) => place.run(['--db', place.db, ...args]);

describe('the breaker command', () => {
  it('closes a connection down in running processes, with the reason, and opens the way again', async () => {
    expect((await query()).isError).toBeUndefined();
    await server.call('list_databases', {});
    const opened = await place.json<BreakerJson>('breaker', 'open', '--reason', 'new network');
    expect(opened).toMatchObject({ profile: 'local', state: 'open', held: true, reason: 'new network' });
    expect(await query()).toMatchObject({
      isError: true,
      structuredContent: { code: 'CIRCUIT_OPEN', mode: 'offline', message: expect.stringContaining('new network') },
    });
    expect((await server.call('server_status', {})).structuredContent).toMatchObject({
      mode: 'offline',
      breaker: 'open',
    });
    expect(await place.json('stats')).toMatchObject({
      breaker: 'open',
      mode: 'offline',
      connections: [{ profile: 'local', changed_by: expect.stringMatching(/^cli@/) }],
    });
    const stale = (await server.call('list_databases', {})).structuredContent as {
      stale: boolean;
      databases: unknown[];
    };
    expect(stale.stale).toBe(true);
    expect(stale.databases).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'SNOWFLAKE_SAMPLE_DATA' })]),
    );
    const refused = await run('enqueue', 'query', 'select 1');
    expect(refused).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('new network') });
    expect((await run('breaker', 'show')).stdout).toMatch(/local +held open +offline .* new network/);

    await place.json('breaker', 'close');
    expect((await query()).isError).toBeUndefined();
    const { breakers } = await place.json<{ breakers: BreakerJson[] }>('breaker', 'show', 'local');
    expect(breakers).toMatchObject([{ state: 'closed', held: false, mode: 'normal' }]);
    const audit = (await run('audit', 'list', '--limit', '50')).stdout;
    expect(audit).toMatch(/breaker +local: held open, new network +succeeded/);
  });

  it.each([[['breaker', 'open', 'nowhere'], 4, 'no connection named "nowhere"']])(
    'refuses %j',
    async (args, code, says) => {
      expect(await run(...args)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(says) });
    },
  );

  it('says so while the flag is off', async () => {
    await place.json('flag', 'set', 'circuit-breaker', 'off');
    expect(await run('breaker', 'open')).toMatchObject({ code: 2, stderr: expect.stringContaining('circuit-breaker') });
    expect((await run('breaker', 'show')).stdout).toContain('No connection');
    await place.json('flag', 'set', 'circuit-breaker', 'on');
  });
});
