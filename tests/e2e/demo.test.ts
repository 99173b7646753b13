import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Place } from './processes.js';

let place: Place;
beforeAll(() => {
  place = new Place();
});
afterAll(() => place.end());

it('the demo ends by itself with answers, waits and a fair share for everybody, and leaves nothing behind', async () => {
  const folder = join(place.folder, 'tmp');
  mkdirSync(folder);
  const { code, stdout, stderr } = await place.run(['demo', '--json'], { env: { TMPDIR: folder } });
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout) as {
    jobs: number;
    jain: number;
    answers: { rows: unknown[][] }[];
    waits: { client: string; jobs: number; wait_p50_ms: number }[];
  };
  expect(report.waits.map((row) => row.client)).toEqual(['runaway-agent', 'analyst', 'visitor']);
  expect(report.jobs).toBeGreaterThan(100);
  for (const answer of report.answers) expect(answer.rows.length).toBeGreaterThan(0);
  const [flood, analyst] = report.waits;
  expect(analyst?.wait_p50_ms).toBeLessThan(flood?.wait_p50_ms ?? 0);
  expect(report.jain).toBeGreaterThan(0.8);
  expect(stderr).toContain('runaway-agent');
  expect(readdirSync(folder)).toEqual([]);
}, 70_000);
