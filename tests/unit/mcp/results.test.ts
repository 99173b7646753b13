import { describe, expect, it } from 'vitest';
import { SnowError } from '../../../src/errors/snow-error.js';
import type { JobSummary, QueryAnswer } from '../../../src/gateway/requests.js';
import { ERAS } from '../../e2e/mcp-clients.js';
import { listen } from './listen.js';

const PAGE: QueryAnswer = {
  job_id: 'j1',
  state: 'succeeded',
  columns: [{ name: 'N', type: 'NUMBER(38,0)', nullable: false }],
  rows: [[1]],
  row_count: 3,
  truncated: false,
  queued_ms: 0,
  elapsed_ms: 0,
};

const JOB: JobSummary = {
  job_id: 'j1',
  client: 'c',
  kind: 'query',
  state: 'succeeded',
  priority: 'normal',
  created_at: '2026-01-01T00:00:00.000Z',
  queued_ms: 0,
  attempts: 1,
  statement: 'select n from t',
};

describe.each(ERAS)('results as resources in the %s era', (_era, connect) => {
  it('are read whole, over all pages', async () => {
    const cursors: (string | undefined)[] = [];
    const client = await connect(
      listen({
        jobResult: async (_caller, { id, cursor }) => {
          expect(id).toBe('j1');
          cursors.push(cursor);
          const at = cursors.length;
          return { ...PAGE, rows: [[at]], ...(at < 3 && { next_cursor: `after ${at}` }) };
        },
      }),
    );
    const read = JSON.parse(await client.read('snow://jobs/j1/result'));
    expect(read.rows).toEqual([[1], [2], [3]]);
    expect(read.next_cursor).toBeUndefined();
    expect(cursors).toEqual([undefined, 'after 1', 'after 2']);
  });

  it('are listed page by page', async () => {
    const client = await connect(
      listen({
        listJobs: async (_caller, request) =>
          request.cursor === undefined ? { jobs: [JOB], next_cursor: 'more' } : { jobs: [{ ...JOB, job_id: 'j0' }] },
      }),
    );
    expect(await client.listResources()).toEqual(['snow://jobs/j1/result', 'snow://jobs/j0/result']);
  });

  it('do not exist for a job that is not the caller’s', async () => {
    const client = await connect(
      listen({
        jobResult: async () => {
          throw new SnowError({ code: 'NOT_FOUND', message: 'There is no job j1.' });
        },
      }),
    );
    await expect(client.read('snow://jobs/j1/result')).rejects.toThrow(/not found/i);
  });

  it('say so when the job has not ended', async () => {
    const client = await connect(listen({ jobResult: async () => ({ ...PAGE, state: 'running' }) }));
    await expect(client.read('snow://jobs/j1/result')).rejects.toThrow(/is running/);
  });
});
