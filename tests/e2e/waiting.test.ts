import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobJson } from '../../src/cli/json-names.js';
import { ERAS, type TestClient } from './mcp-clients.js';
import { eventually, Place } from './processes.js';

let place: Place;
beforeAll(async () => {
  place = new Place();
  await place.worker('--concurrency', '1');
});
afterAll(() => place.end());

const jobsOf = async (client: string) =>
  (await place.json<{ jobs: JobJson[] }>('jobs', 'list', '--client', client)).jobs;

/** The engine's own history of a statement. */
async function history(client: TestClient, queryId: string): Promise<unknown> {
  const reply = await client.call('query', {
    sql: `select execution_status, error_code from table(snowflake_sample_data.information_schema.query_history()) where query_id = ?`,
    binds: [queryId],
  });
  return (reply.structuredContent as { rows?: unknown[][] }).rows?.[0];
}

describe.each(ERAS)('a long statement of a client of the %s era', (era, connect) => {
  it('is answered by its job id after wait_s, and goes on', async () => {
    const client = await connect(place.server('--no-worker', '--client', `patient-${era}`));
    try {
      const reply = await client.call('query', { sql: 'select system$wait(1)', wait_s: 0.2 });
      const answer = reply.structuredContent as { job_id: string; state: string; message?: string };
      expect(answer.state).toMatch(/^(queued|running)$/);
      expect(answer.message).toContain('job_result');
      const result = await client.call('job_result', { job_id: answer.job_id, wait_s: 30 });
      expect(result.structuredContent).toMatchObject({
        state: 'succeeded',
        rows: [[expect.stringContaining('waited')]],
      });
    } finally {
      await client.close();
    }
  });

  it('tells its place in the queue while it waits for the only slot', async () => {
    const client = await connect(place.server('--no-worker', '--client', `queueing-${era}`));
    try {
      const told: string[] = [];
      const values: number[] = [];
      const first = client.call('start_query', { sql: 'select system$wait(1.5)' });
      await first;
      const second = client.call('start_query', { sql: 'select 2' });
      await second;
      await client.call(
        'query',
        { sql: 'select 3' },
        {
          onprogress: ({ progress, message }) => {
            values.push(progress);
            if (message !== undefined) told.push(message);
          },
        },
      );
      expect(
        told.some((message) => /1 ahead in the queue|2 ahead in the queue/.test(message)),
        told.join('; '),
      ).toBe(true);
      expect(values).toEqual([...values].sort((a, b) => a - b));
      expect(new Set(values).size).toBe(values.length);
    } finally {
      await client.close();
    }
  });

  it('is cancelled in the warehouse when the client cancels its call', async () => {
    const name = `hasty-${era}`;
    const client = await connect(place.server('--no-worker', '--client', name));
    try {
      const abort = new AbortController();
      const call = client.call('query', { sql: 'select system$wait(60)' }, { signal: abort.signal });
      const running = await eventually(async () => (await jobsOf(name)).find((job) => job.dispatched_at !== undefined));
      // Cancelled once the warehouse has it: what has not arrived there could not be in its history.
      await eventually(async () =>
        (await place.json<JobJson>('jobs', 'show', running.id)).request_id ? true : undefined,
      );
      abort.abort();
      await expect(call).rejects.toThrow();
      const ended = await place.job((job) => job.id === running.id && job.state === 'cancelled');
      expect(ended.error).toMatchObject({ code: 'CANCELLED' });
      expect(await history(client, String(ended.error?.queryId))).toEqual(['FAILED_WITH_ERROR', '000604']);
    } finally {
      await client.close();
    }
  });

  it('is cancelled in the warehouse by job_cancel, and its history says so', async () => {
    const client = await connect(place.server('--no-worker', '--client', `changed-mind-${era}`));
    try {
      const started = await client.call('start_query', { sql: 'select system$wait(60)' });
      const { job_id } = started.structuredContent as { job_id: string };
      const running = await eventually(async () => {
        const { structuredContent } = await client.call('job_status', { job_id });
        return (structuredContent as { state: string }).state === 'running' ? structuredContent : undefined;
      });
      expect(running).toMatchObject({ job_id });
      const cancelled = await client.call('job_cancel', { job_id, reason: 'no longer needed' });
      expect(cancelled.structuredContent).toMatchObject({ state: 'cancelled' });
      const job = await place.json<JobJson>('jobs', 'show', job_id);
      const queryId = job.error?.queryId ?? job.result?.query_id;
      expect(queryId).toEqual(expect.any(String));
      expect(await history(client, String(queryId))).toEqual(['FAILED_WITH_ERROR', '000604']);
    } finally {
      await client.close();
    }
  });
});

describe('a client that goes away', () => {
  it('takes its attached job with it, and leaves the detached ones', async () => {
    const [, connect] = ERAS[0];
    const client = await connect(place.server('--no-worker', '--client', 'leaver'));
    const detached = await client.call('start_query', { sql: 'select system$wait(1)' });
    const { job_id } = detached.structuredContent as { job_id: string };
    const attached = client.call('query', { sql: 'select system$wait(60)' });
    attached.catch(() => undefined);
    await eventually(async () => ((await place.jobs('leaver')).length === 2 ? true : undefined));
    await client.close();
    const jobs = await eventually(async () => {
      const all = await place.jobs('leaver');
      return all.every((job) => job.finishedAt !== undefined) ? all : undefined;
    });
    for (const job of jobs) expect(job.state).toBe(job.id === job_id ? 'succeeded' : 'cancelled');
  });
});
