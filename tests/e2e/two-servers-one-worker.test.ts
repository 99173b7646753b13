import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobJson } from '../../src/cli/json-names.js';
import { legacyClient, modernClient, type TestClient } from './mcp-clients.js';
import { endChild, Place } from './processes.js';

let place: Place;
beforeAll(() => {
  place = new Place();
});
afterAll(() => place.end());

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Time from enqueue in a server to start in the worker, in ms, of a few statements asked one after the other. */
async function waitsOfRound(clients: readonly TestClient[]): Promise<number[]> {
  const ids = new Set<string>();
  for (let turn = 0; turn < 5; turn += 1)
    for (const client of clients) {
      const reply = await client.call('query', { sql: 'select 1' });
      ids.add((reply.structuredContent as { job_id: string }).job_id);
    }
  const { jobs } = await place.json<{ jobs: JobJson[] }>('jobs', 'list', '--limit', '20');
  const waits = jobs.filter((job) => ids.has(job.id)).map((job) => (job.started_at ?? Number.NaN) - job.created_at);
  expect(waits).toHaveLength(ids.size);
  return waits;
}

describe('two servers without a worker of their own, and one worker process', () => {
  it('answers the clients of both, and starts their jobs within 5 ms when idle', async () => {
    const worker = await place.worker('--concurrency', '4');
    const one = await modernClient(place.server('--no-worker', '--client', 'one'));
    const other = await legacyClient(place.server('--no-worker', '--client', 'other'));
    try {
      // The first statements wait for the local Snowflake's process and for connections; those after them meet idle ones.
      await Promise.all([one.call('query', { sql: 'select 1' }), other.call('query', { sql: 'select 1' })]);
      const together = await Promise.all([
        ...Array.from({ length: 5 }, (_, number) => one.call('query', { sql: `select ${number}` })),
        ...Array.from({ length: 5 }, (_, number) => other.call('query', { sql: `select ${100 + number}` })),
      ]);
      const values = together.map((reply) => (reply.structuredContent as { rows: number[][] }).rows[0]?.[0]);
      expect(values).toEqual([0, 1, 2, 3, 4, 100, 101, 102, 103, 104]);

      // Other work on the machine delays some rounds; the quietest one shows what an idle system does.
      const medians: number[] = [];
      for (let round = 0; round < 5; round += 1) medians.push(median(await waitsOfRound([one, other])));
      expect(Math.min(...medians)).toBeLessThan(5);

      const { jobs } = await place.json<{ jobs: JobJson[] }>('jobs', 'list', '--limit', '100');
      expect(new Set(jobs.map((job) => job.worker)).size).toBe(1);
      expect(new Set(jobs.map((job) => job.client))).toEqual(new Set(['one', 'other']));
    } finally {
      await Promise.all([one.close(), other.close()]);
    }
    expect(await endChild(worker)).toBe(0);
    const stats = await place.json<{ workers: unknown[]; total_active: number; total_queued: number }>('stats');
    expect(stats).toMatchObject({ workers: [], total_active: 0, total_queued: 0 });
  });
});
