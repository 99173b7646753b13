import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import type { Store } from '../../src/store/store.js';

const REQUESTER = join(import.meta.dirname, 'limits-requester.mjs');
const DAY_MS = 86_400_000;

/** 100 requesters in 8 processes. */
const REQUESTERS = [13, 13, 13, 13, 12, 12, 12, 12];

interface Report {
  readonly admitted: number;
  readonly codes: Readonly<Record<string, number>>;
  readonly rows: number;
  readonly uncapped: number;
}

describe('limits over many processes', () => {
  let folder: string;
  let path: string;
  let store: Store;
  let children: ChildProcess[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mcp-snow-limits-'));
    path = join(folder, 'store.db');
    store = await openSqliteStore({ path });
    children = [];
  });
  afterEach(async () => {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  const said = async (child: ChildProcess): Promise<unknown> => {
    const [message] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`the process ended with ${code}`);
      }),
    ]);
    return message;
  };

  async function race(options: { readonly requests: number; readonly works?: boolean }): Promise<Report> {
    const started = REQUESTERS.map((requesters) => {
      const child = fork(REQUESTER, [JSON.stringify({ path, client: 'ada', requesters, ...options })]);
      children.push(child);
      return child;
    });
    await Promise.all(started.map(said));
    const reports = started.map(said) as Promise<Report>[];
    for (const child of started) child.send('go');
    const sum = { admitted: 0, codes: {} as Record<string, number>, rows: 0, uncapped: 0 };
    for (const report of await Promise.all(reports)) {
      sum.admitted += report.admitted;
      sum.rows += report.rows;
      sum.uncapped += report.uncapped;
      for (const [code, count] of Object.entries(report.codes)) sum.codes[code] = (sum.codes[code] ?? 0) + count;
    }
    return sum;
  }

  it('let exactly as many of 100 racing requesters pass as the bucket holds', async () => {
    await store.setRate({ client: 'ada' }, 'query', { count: 1, perMs: DAY_MS, burst: 64 });
    const { admitted, codes } = await race({ requests: 3 });
    expect(admitted).toBe(64);
    expect(codes).toEqual({ RATE_LIMITED: 300 - 64 });
    expect((await store.stats()).total_queued).toBe(64);
  });

  it('let exactly as many of 100 racing requesters pass as the quota has requests', async () => {
    await store.setQuota({ client: 'ada' }, { class: 'query', metric: 'requests', period: 'day', limit: 77 });
    const { admitted, codes } = await race({ requests: 3 });
    expect(admitted).toBe(77);
    expect(codes).toEqual({ QUOTA_EXCEEDED: 300 - 77 });
    const [quota] = (await store.usage('ada')).quotas;
    expect(quota).toMatchObject({ metric: 'requests', used: 77, limit: 77 });
  });

  it('never let jobs that workers of 8 processes run use more rows than the quota has, and count each row', async () => {
    await store.setQuota({ client: 'ada' }, { class: 'all', metric: 'rows', period: 'day', limit: 1_000 });
    const { admitted, rows, uncapped } = await race({ requests: 2, works: true });
    expect(uncapped).toBe(0);
    expect(rows).toBeLessThanOrEqual(1_000);
    const [quota] = (await store.usage('ada')).quotas;
    expect(quota).toMatchObject({ metric: 'rows', used: rows, reserved: 0 });
    // What was admitted and found nothing left has ended saying so; nothing is lost.
    const { states } = await store.stats();
    expect(states.succeeded + states.failed).toBe(admitted);
    if (states.failed > 0) {
      const { jobs } = await store.list({ states: ['failed'], limit: 1 });
      expect(jobs[0]?.error?.code).toBe('QUOTA_EXCEEDED');
      expect(rows).toBe(1_000);
    }
  });
});
