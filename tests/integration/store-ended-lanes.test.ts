import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import type { Store } from '../../src/store/store.js';
import { admitted, claimOne, holdOf, LANE, SUCCESS, TestClock } from '../contract/store-harness.js';

const HOUR = 3_600_000;
const OWN_LANE = `${LANE}:pin:w1`;

let folder: string;
let store: Store;
const clock = new TestClock();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-snow-lanes-'));
  store = await openSqliteStore({
    path: join(folder, 'store.db'),
    now: () => clock.wall,
    monotonicNow: () => clock.monotonic,
    retentionMs: 2 * HOUR,
  });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

function lanes(): unknown[] {
  const db = new Database(join(folder, 'store.db'), { readonly: true });
  try {
    return db.prepare('SELECT name FROM lanes ORDER BY name').pluck().all();
  } finally {
    db.close();
  }
}

async function runIn(lane: string): Promise<void> {
  await admitted(store, { lane });
  await store.settle(holdOf(await claimOne(store, { lanes: [lane] })), SUCCESS);
}

it('a worker’s own lane goes when worker and jobs are gone, and no other', async () => {
  const register = () =>
    store.registerWorker({ id: 'w1', pid: 1, host: 'h', lanes: [OWN_LANE], concurrency: 1, heartbeatMs: 5_000 });
  await register();
  for (const lane of [LANE, OWN_LANE]) await runIn(lane);
  await store.sweep();
  await store.removeWorker('w1');
  clock.advance(HOUR);
  await store.sweep();
  expect(lanes()).toEqual([LANE, OWN_LANE]);
  clock.advance(2 * HOUR);
  await register();
  await store.sweep();
  expect(lanes()).toEqual([LANE, OWN_LANE]);
  await store.removeWorker('w1');
  // Something to sweep for.
  await runIn(LANE);
  clock.advance(2 * HOUR);
  await store.sweep();
  expect(lanes()).toEqual([LANE]);
  await admitted(store, { lane: OWN_LANE });
  expect((await claimOne(store, { lanes: [OWN_LANE] })).job).toMatchObject({ lane: OWN_LANE });
});
