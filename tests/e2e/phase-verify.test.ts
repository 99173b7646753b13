import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FlagName } from '../../src/config/flags.js';
import { openSqliteStore } from '../../src/store/sqlite/open.js';
import { Place } from './processes.js';

interface Report {
  readonly phase: number;
  readonly pass: boolean;
  readonly metrics: readonly { readonly metric: string; readonly measured: string; readonly pass: boolean }[];
}

let place: Place;
beforeAll(() => {
  place = new Place();
});
afterAll(() => place.end());

/** Each makes its temporary files in a folder of its own. */
function temporary(phase: number): string {
  const folder = join(place.folder, `tmp-${phase}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

async function verify(phase: number, db = place.db): Promise<{ code: number | null; report: Report }> {
  const command = ['phase', 'verify', String(phase), '--seconds', '1', '--db', db, '--json'];
  const { code, stdout, stderr } = await place.run(command, {
    // Settings of whoever asks have no part in it.
    env: { TMPDIR: temporary(phase), MCP_SNOW_QUEUE_MAX_QUEUED: '1', MCP_SNOW_CLIENT: 'everybody' },
  });
  expect(stdout, stderr).toMatch(/^\{/);
  return { code, report: JSON.parse(stdout) as Report };
}

const failed = ({ metrics }: Report) => metrics.filter(({ pass }) => !pass).map(({ metric }) => metric);

/** What failed of the metrics that count or compare: how many milliseconds something takes is not for a test beside others. */
const failedUntimed = (report: Report) => failed(report).filter((metric) => !/p95|is back/.test(metric));

async function without(flags: readonly FlagName[], phase: number): Promise<string[]> {
  const db = join(place.folder, `without-${phase}.db`);
  const store = await openSqliteStore({ path: db });
  for (const flag of flags) await store.setFlag(flag, 'all', false, 'test');
  await store.close();
  const { code, report } = await verify(phase, db);
  expect(code).toBe(1);
  expect(report.pass).toBe(false);
  return failed(report);
}

describe('phase verify', () => {
  // Beside one another: their loads wait, they do not compute.
  it.concurrent.each([1, 2, 3, 4])(
    'finds the metrics of phase %i met, and leaves nothing behind',
    async (phase) => {
      // Others that take the processors for seconds can hold up one side of a comparison.
      let { code, report } = await verify(phase);
      if (failedUntimed(report).length > 0) ({ code, report } = await verify(phase));
      expect(failedUntimed(report), JSON.stringify(report)).toEqual([]);
      expect(report).toMatchObject({ phase, pass: failed(report).length === 0 });
      expect(code).toBe(report.pass ? 0 : 1);
      expect(readdirSync(temporary(phase))).toEqual([]);
    },
    120_000,
  );

  it('fails where an on side is switched off', async () => {
    // Beside one another: that an off side fails its metrics takes no quiet machine.
    const [first, second, third, fourth] = await Promise.all([
      without(['connection-pool'], 1),
      without(['connection-pool', 'read-write-locks', 'rate-limits'], 2),
      without(['client-sessions', 'quotas', 'fair-queue'], 3),
      without(['circuit-breaker'], 4),
    ]);
    expect(first).toEqual(expect.arrayContaining([expect.stringMatching(/while long statements run/)]));
    expect(second).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/connection’s lock/),
        expect.stringMatching(/session’s lock/),
        expect.stringMatching(/per second/),
        expect.stringMatching(/rate limit/),
      ]),
    );
    expect(third).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/own context/),
        expect.stringMatching(/own memories/),
        expect.stringMatching(/quota/),
        expect.stringMatching(/Jain/),
      ]),
    );
    expect(fourth).toEqual(
      expect.arrayContaining([expect.stringMatching(/breaker opens/), expect.stringMatching(/told when to come back/)]),
    );
  }, 180_000);

  it.each([
    ['5', 'not in this version'],
    ['9', 'Phases are'],
  ])('is refused for phase %s', async (phase, says) => {
    const { code, stdout, stderr } = await place.run(['phase', 'verify', phase, '--db', place.db]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
  });
});
