import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UsageJson } from '../../src/cli/usage-json.js';
import type { ErrorData } from '../../src/errors/snow-error.js';
import { endChild, eventually, Place } from './processes.js';

let place: Place;

beforeEach(() => {
  place = new Place();
  // Hours of this zone begin half an hour after those of UTC: no window of a quota ends during a test.
  const zone = new Date().getUTCMinutes() >= 50 ? 'Asia/Kolkata' : 'UTC';
  writeFileSync(join(place.folder, 'mcp-snow.toml'), `[limits]\ntime_zone = "${zone}"\n`);
});

afterEach(async () => await place.end());

const errorOf = (stderr: string): ErrorData => (JSON.parse(stderr) as { error: ErrorData }).error;

describe('quota', () => {
  it('sets, shows, refuses with the time to come back, resets and takes back', async () => {
    const requests = ['--class', 'query', '--metric', 'requests', '--period', 'day'];
    await place.json('quota', 'set', '--default', ...requests, '--limit', '1');
    const rate = ['--client', 'bob', '--class', 'query', '--rate'];
    await place.json('quota', 'set', ...rate, '1/h', '--burst', '1');
    expect(await place.json('quota', 'show')).toMatchObject({
      limits: [
        { scope: { client: 'bob' }, class: 'query', rate: { count: 1, per_ms: 3_600_000, burst: 1 } },
        { scope: 'default', class: 'query', metric: 'requests', period: 'day', limit: 1 },
      ],
    });

    await place.json('enqueue', 'query', 'select 1', '--client', 'ada');
    const refused = await place.run(['enqueue', 'query', 'select 1', '--client', 'ada', '--db', place.db, '--json']);
    expect(refused.code).toBe(3);
    const error = errorOf(refused.stderr);
    expect(error).toMatchObject({ code: 'QUOTA_EXCEEDED', retryAfterMs: expect.any(Number) });
    expect(error.message).toContain('1 of 1 requests');
    expect(error.retryAfterMs).toBeLessThanOrEqual(86_400_000);
    const used = await place.json<UsageJson>('quota', 'show', '--client', 'ada');
    expect(used.quotas).toMatchObject([{ metric: 'requests', used: 1, limit: 1, from: 'default' }]);
    expect(used.used).toContainEqual(expect.objectContaining({ class: 'query', period: 'hour', requests: 1 }));

    expect(await place.json('quota', 'reset', '--client', 'ada')).toEqual({ closed: 0, reset: 2 });
    expect(await place.json('quota', 'reset', '--client', 'ada')).toEqual({ closed: 0, reset: 0 });
    await place.json('enqueue', 'query', 'select 1', '--client', 'ada');

    await place.json('quota', 'unset', '--default', ...requests);
    const again = await place.run(['quota', 'unset', '--default', ...requests, '--db', place.db, '--json']);
    expect([again.code, errorOf(again.stderr).code]).toEqual([4, 'NOT_FOUND']);
    await place.json('enqueue', 'query', 'select 1', '--client', 'bob');
    const limited = await place.run(['enqueue', 'query', 'select 1', '--client', 'bob', '--db', place.db, '--json']);
    expect([limited.code, errorOf(limited.stderr).code]).toEqual([3, 'RATE_LIMITED']);
    const page = await place.run(['quota', 'show', '--client', 'bob', '--db', place.db]);
    expect(page.stdout).toMatch(/query\s+rate, 1 at once\s+1 an hour/);
  });

  it('cuts a result to the rows that are left, and says when there are none', async () => {
    await place.json('quota', 'set', '--client', 'ada', '--metric', 'rows', '--period', 'day', '--limit', '5');
    await place.worker();
    const sql = 'select seq4() from table(generator(rowcount => 100))';
    const ask = () => place.run(['enqueue', 'query', sql, '--client', 'ada', '--wait', '--db', place.db, '--json']);
    const first = await ask();
    expect(first.code, first.stderr).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ row_count: 5, truncated: true });
    const second = await ask();
    expect([second.code, errorOf(second.stderr).code]).toEqual([3, 'QUOTA_EXCEEDED']);
    const stats = await place.json<{ usage: readonly UsageJson[] }>('stats');
    expect(stats.usage).toMatchObject([
      { client: 'ada', quotas: [{ metric: 'rows', period: 'day', used: 5, limit: 5, reserved: 0 }] },
    ]);
    const page = await place.run(['stats', '--db', place.db]);
    expect(page.stdout).toMatch(/ada\s+all\s+rows by the day\s+5\s+5/);
  });

  it('starts the jobs of a smooth client as its rate lets them, in a worker that nobody wakes', async () => {
    await place.json('client', 'add', 'bob', '--smooth');
    await place.json('quota', 'set', '--client', 'bob', '--class', 'query', '--rate', '2/s', '--burst', '1');
    for (const n of [1, 2, 3]) await place.json('enqueue', 'query', `select ${n}`, '--client', 'bob');
    await place.worker();
    type Listed = { readonly jobs: readonly { readonly state: string; readonly started_at?: number }[] };
    const jobs = await eventually(async () => {
      const listed = (await place.json<Listed>('jobs', 'list', '--client', 'bob')).jobs;
      return listed.every(({ state }) => state === 'succeeded') ? listed : undefined;
    });
    const starts = jobs.map((job) => job.started_at ?? 0).sort((one, other) => one - other);
    const gaps = starts.slice(1).map((start, at) => start - (starts[at] ?? 0));
    expect(gaps).toHaveLength(2);
    // A token comes every 500 ms, and a millisecond may lie between two readings of the clock.
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(498);
  });

  it.each([[['set', '--metric', 'rows', '--period', 'day', '--limit', '5'], '--default']])(
    'refuses %j and says what to do',
    async (args, hint) => {
      const ended = await place.run(['quota', ...args, '--db', place.db]);
      expect(ended.code).toBe(2);
      expect(ended.stdout).toBe('');
      expect(ended.stderr).toContain(hint);
      expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    },
  );
});

describe('stats --watch', () => {
  it('writes a line when something has changed, and ends in order at ^C', async () => {
    await place.json('enqueue', 'query', 'select 1', '--client', 'ada');
    const watching = place.start(['stats', '--watch', '--db', place.db]);
    if (watching.stdout === null) throw new Error('no stdout');
    const lines = createInterface({ input: watching.stdout });
    const [first] = (await once(lines, 'line')) as [string];
    expect(first).toContain('1 queued, 0 running');
    const next = once(lines, 'line') as Promise<[string]>;
    await place.json('enqueue', 'query', 'select 1', '--client', 'bob');
    expect((await next)[0]).toContain('2 queued, 0 running');
    expect(await endChild(watching, 'SIGINT')).toBe(0);
  });
});
