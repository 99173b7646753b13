import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MEMORY_LANE } from '../../src/store/lane.js';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import type { Store } from '../../src/store/store.js';
import { admitted, claim, claimOne, holdOf, RESULT, SUCCESS, TestClock, USAGE } from '../contract/store-harness.js';

const DAY = 24 * 3_600_000;
const STATEMENT = 'PLANTED_STATEMENT_b61f';
const BIND = 'PLANTED_BIND_90aa';
const ERROR = 'PLANTED_ERROR_77c0';
const REASON = 'PLANTED_REASON_4d2e';
const MEMORY = 'PLANTED_MEMORY_2c9b';
const AUDITED = 'PLANTED_AUDITED_TEXT_18d3';

let folder: string;
let clock: TestClock;
let store: Store;
let other: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-snow-deleted-'));
  clock = new TestClock();
  const path = join(folder, 'queue.db');
  const options = { path, now: () => clock.wall, monotonicNow: () => clock.monotonic };
  store = await openSqliteStore({ ...options, auditRetentionMs: 30 * DAY });
  // As another process has it open meanwhile: the last one to close the file would tidy up anyway.
  other = await openSqliteStore(options);
});
afterEach(async () => {
  await store.close();
  await other.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Every file of the store, free pages and the WAL included. */
function bytes(): Buffer {
  return Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
}

const isThere = (text: string): boolean => bytes().includes(text);

/** Jobs of all ends, with long texts that fill pages of their own, and results. */
async function jobs(): Promise<void> {
  for (let n = 0; n < 40; n += 1) {
    const payload = { sql: `select '${STATEMENT}' ${'x'.repeat(n * 500)}`, binds: [BIND] };
    await admitted(store, { payload, reason: REASON, resultTtlMs: 2 * DAY });
  }
  const claimed = await claim(store, { slots: 20 });
  for (const [n, each] of claimed.entries()) {
    const hold = holdOf(each);
    if (n % 2 === 0) {
      await store.settle(hold, { state: 'failed', error: { code: 'SNOWFLAKE_ERROR', message: ERROR }, usage: USAGE });
      continue;
    }
    const rows = Array.from({ length: 500 }, (_, row) => [Math.random(), `row ${row}`]);
    await store.settle(
      hold,
      { state: 'succeeded', result: { ...RESULT, pageCount: 1 }, usage: USAGE },
      { page: 0, rows },
    );
  }
  const { jobs: waiting } = await store.list({ states: ['queued'], limit: 100 });
  for (const { id } of waiting) await store.cancel(id, 'no more');
}

describe('what the store has deleted', () => {
  it('is in no page, free or not, and no longer in the WAL: a statement goes with its job', async () => {
    await jobs();
    for (const text of [STATEMENT, BIND, ERROR, REASON]) expect(isThere(text), text).toBe(true);
    clock.advance(8 * DAY);
    await store.sweep();
    expect((await store.list({ limit: 10 })).jobs).toEqual([]);
    for (const text of [STATEMENT, BIND, ERROR, REASON]) expect(isThere(text), text).toBe(false);
    const { entries } = await store.audit({ limit: 1_000 });
    expect(entries).toHaveLength(40);
    expect(JSON.stringify(entries)).not.toContain('PLANTED');
  });

  it('goes for the rows of results, which end before their job', async () => {
    await jobs();
    const db = new Database(join(folder, 'queue.db'), { readonly: true });
    const pages = db.prepare<[], Buffer>('SELECT data FROM result_pages').pluck().all();
    db.close();
    const beginnings = pages.map((page) => page.subarray(0, 64));
    expect(beginnings).toHaveLength(5);
    expect(beginnings.every((beginning) => bytes().includes(beginning))).toBe(true);
    clock.advance(3 * DAY);
    await store.sweep();
    expect(beginnings.filter((beginning) => bytes().includes(beginning))).toEqual([]);
    expect(isThere(STATEMENT)).toBe(true);
  });

  it('goes for texts in the audit, where settings keep them', async () => {
    await store.record({ client: 'ada', tool: 'query', text: AUDITED, outcome: 'refused' });
    expect(isThere(AUDITED)).toBe(true);
    clock.advance(31 * DAY);
    await store.sweep();
    expect(isThere(AUDITED)).toBe(false);
  });

  it('goes for what an operation on memories was given, with its success: a failed one keeps it, to be retried', async () => {
    const payload = { name: 'memory_store', arguments: { text: MEMORY }, label: 'store', timeoutMs: 1, maxBytes: 1 };
    const job = { kind: 'memory', lane: MEMORY_LANE, payload } as const;
    const failed = await admitted(store, job);
    await store.settle(holdOf(await claimOne(store, { lanes: [MEMORY_LANE] })), {
      state: 'failed',
      error: { code: 'INTERNAL', message: 'no' },
      usage: USAGE,
    });
    expect((await store.find(failed))?.payload).toEqual(payload);
    const done = await admitted(store, job);
    await store.settle(holdOf(await claimOne(store, { lanes: [MEMORY_LANE] })), SUCCESS);
    expect((await store.find(done))?.payload).toEqual({ ...payload, arguments: {} });
  });

  it('leaves the WAL as soon as nobody reads it any more', async () => {
    await jobs();
    const reader = new Database(join(folder, 'queue.db'), { readonly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM jobs').get();
    clock.advance(8 * DAY);
    await store.sweep();
    expect(isThere(STATEMENT)).toBe(true);
    reader.close();
    await expect
      .poll(async () => {
        await store.getSession('ada', `s${Math.random()}`);
        return isThere(STATEMENT);
      })
      .toBe(false);
  });
});
