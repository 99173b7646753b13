import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueToken } from '../../src/gateway/tokens.js';
import type { JobRecord } from '../../src/store/job.js';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import type { Store } from '../../src/store/store.js';
import { type LoadClient, McpLoad } from '../setup/mcp-load-process.mjs';
import { type HttpServer, httpServer } from './http-processes.js';
import { Place } from './processes.js';

const WEIGHTS = [1, 2, 4];
const OF_EACH_WEIGHT = 10;
const STATEMENT_MS = 20;
const SLOTS = 4;
const FLOOD = 300;
const FLOOD_CONNECTIONS = 8;

let place: Place;
let store: Store;
let server: HttpServer;
const loads: McpLoad[] = [];

beforeAll(async () => {
  place = new Place();
  const config = join(place.folder, 'load.toml');
  const bounds = [`max_running = ${SLOTS}`, 'max_queued = 1000', 'max_queued_per_client = 1000'];
  writeFileSync(config, ['connection = "local"', '[queue]', ...bounds, ''].join('\n'));
  store = await openSqliteStore({ path: place.db });
  server = await httpServer(place, '--no-worker', '--config', config);
  const work = ['--config', config, '--concurrency', String(SLOTS / 2)];
  await Promise.all([place.worker(...work), place.worker(...work)]);
});
afterAll(async () => {
  await Promise.all(loads.map((load) => load.end()));
  await store.close();
  await place.end();
});

async function clientOf(name: string, era: LoadClient['era'], weight = 1): Promise<LoadClient> {
  await store.saveClient(name, { weight });
  return { name, era, token: (await issueToken(store, { client: name })).token };
}

async function started(clients: readonly LoadClient[]): Promise<McpLoad> {
  const load = await McpLoad.start(server.url, clients);
  loads.push(load);
  return load;
}

async function jobsOf(client: string): Promise<readonly JobRecord[]> {
  return (await store.list({ client, limit: 1_000 })).jobs;
}

describe('one server and two workers under load', () => {
  it('serve clients of both eras by their weights, each with its own answers', { timeout: 60_000 }, async () => {
    const clients = await Promise.all(
      Array.from({ length: WEIGHTS.length * OF_EACH_WEIGHT }, (_, at) =>
        clientOf(`load-${at}`, at % 2 === 0 ? 'modern' : 'legacy', WEIGHTS[at % WEIGHTS.length]),
      ),
    );
    const load = await started(clients);
    // Workers load the driver and log in with their first statements: that is not what is measured.
    await load.closed({ forMs: 1, statementMs: STATEMENT_MS });
    const asked = { warmUpMs: 1_000, forMs: 3_000, statementMs: STATEMENT_MS };
    const { samples, from, until, errors } = await load.closed(asked);
    expect(errors).toEqual([]);
    const answered = clients.map(
      ({ name }) =>
        samples.filter(({ client, at, ms }) => client === name && at + ms >= from && at + ms <= until).length,
    );
    expect(Math.min(...answered), answered.join()).toBeGreaterThan(0);
    // Shares are of time in slots, which a busy machine stretches for some: sums over many clients say more than each of them.
    const [light = 0, middle = 0, heavy = 0] = WEIGHTS.map((_, weight) =>
      answered.filter((_count, at) => at % WEIGHTS.length === weight).reduce((sum, count) => sum + count, 0),
    );
    expect(middle / light, answered.join()).toBeGreaterThan(1.4);
    expect(heavy / light, answered.join()).toBeGreaterThan(2.4);
  });

  it('let no flood of one client pass before what another asks', { timeout: 60_000 }, async () => {
    const [flood, single] = await Promise.all([clientOf('flood', 'modern'), clientOf('single', 'legacy')]);
    const load = await started([single, ...Array<LoadClient>(FLOOD_CONNECTIONS).fill(flood)]);
    await load.flood({ name: 'flood', count: FLOOD, statementMs: 50 });
    const { errors } = await load.closed({ forMs: 1_000, statementMs: STATEMENT_MS, names: ['single'] });
    expect(errors).toEqual([]);
    const [floods, singles] = await Promise.all([jobsOf('flood'), jobsOf('single')]);
    expect(floods.filter(({ state }) => state === 'queued').length, 'the flood is over').toBeGreaterThan(0);
    expect(singles.length).toBeGreaterThan(3);
    const passed = singles.map(
      ({ createdAt, startedAt = Number.POSITIVE_INFINITY }) =>
        floods.filter((job) => job.startedAt !== undefined && job.startedAt > createdAt && job.startedAt < startedAt)
          .length,
    );
    // Those that were being claimed when it came, and no more.
    expect(Math.max(...passed), passed.join()).toBeLessThanOrEqual(SLOTS);
    await Promise.all(floods.map(({ id }) => store.cancel(id, 'enough')));
  });
});
