import { resultFromTaskOutcome } from '@modelcontextprotocol/ext-tasks/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERAS } from './mcp-clients.js';
import { eventually, Place } from './processes.js';
import { taskClient } from './task-client.js';

const TABLE = { type: 'ref/resource', uri: 'snow://databases/{database}/schemas/{schema}/tables/{table}' } as const;
const SAMPLE = { database: 'SNOWFLAKE_SAMPLE_DATA', schema: 'TPCH_SF1' };

let place: Place;
beforeAll(async () => {
  place = new Place();
  await place.worker('--concurrency', '2');
});
afterAll(() => place.end());

describe.each(ERAS)('a client of the %s era, over serve --stdio', (era, connect) => {
  it('is told when the result of a job that another process runs is there', async () => {
    const client = await connect(place.server('--no-worker', '--client', `subscriber-${era}`));
    try {
      const started = await client.call('start_query', { sql: 'select system$wait(1)' });
      const { job_id } = started.structuredContent as { job_id: string };
      const uri = `snow://jobs/${job_id}/result`;
      const told: string[] = [];
      await client.subscribe([uri], (updated) => told.push(updated));
      await eventually(() => told[0]);
      expect(told).toEqual([uri]);
      expect(JSON.parse(await client.read(uri))).toMatchObject({ state: 'succeeded', row_count: 1 });

      // What has ended before is told at once.
      const late = await connect(place.server('--no-worker', '--client', `subscriber-${era}`));
      try {
        const toldLate: string[] = [];
        await late.subscribe([uri], (updated) => toldLate.push(updated));
        expect(await eventually(() => toldLate[0])).toBe(uri);
      } finally {
        await late.close();
      }
    } finally {
      await client.close();
    }
  });

  it('completes names out of the catalog, reads a table, and gets a prompt', async () => {
    const client = await connect(place.server('--no-worker', '--client', `completer-${era}`));
    try {
      expect(
        // The first answer may take longer than a completion waits: the engine has to start.
        await eventually(async () => {
          const found = await client.complete(TABLE, { name: 'database', value: 'snowflake_s' });
          return found.length > 0 ? found : undefined;
        }),
      ).toEqual(['SNOWFLAKE_SAMPLE_DATA']);
      const { database } = SAMPLE;
      expect(await client.complete(TABLE, { name: 'schema', value: 'tpch' }, { database })).toContain('TPCH_SF1');
      expect(await client.complete(TABLE, { name: 'table', value: 'part' }, SAMPLE)).toEqual(['PART', 'PARTSUPP']);
      const explore = { type: 'ref/prompt', name: 'explore_database' } as const;
      expect(await client.complete(explore, { name: 'database', value: 'snow' })).toContain(database);

      const region = JSON.parse(
        await client.read('snow://databases/SNOWFLAKE_SAMPLE_DATA/schemas/TPCH_SF1/tables/REGION'),
      );
      expect(region.columns[0]).toMatchObject({ name: 'R_REGIONKEY', type: 'NUMBER(38,0)' });
      await expect(
        client.read('snow://databases/SNOWFLAKE_SAMPLE_DATA/schemas/TPCH_SF1/tables/NOWHERE'),
      ).rejects.toThrow(/not found/i);
      expect(await client.prompt('profile_table', { ...SAMPLE, table: 'REGION' })).toContain('TPCH_SF1.REGION');
    } finally {
      await client.close();
    }
  });
});

describe('a client of the tasks extension, over serve --stdio', () => {
  it('starts a task, polls it and gets what job_result would give', async () => {
    const client = await taskClient(place.server('--no-worker', '--client', 'tasker'));
    try {
      const execution = await client.session.callTool('start_query', { sql: 'select system$wait(1)' });
      expect(execution.kind).toBe('task');
      const result = resultFromTaskOutcome((await execution.settle()).outcome);
      const { taskId } = execution.kind === 'task' ? execution.handle : { taskId: '' };
      const plain = await client.ask('tools/call', { name: 'job_result', arguments: { job_id: taskId } });
      expect(result.structuredContent).toMatchObject({ job_id: taskId, state: 'succeeded', row_count: 1 });
      expect(plain).toMatchObject({ result: { structuredContent: result.structuredContent } });
      const kept = await client.ask('tasks/get', { taskId });
      expect(kept).toMatchObject({ result: { status: 'completed', ttlMs: expect.any(Number) } });
    } finally {
      await client.close();
    }
  });

  it('finds its task again in another process, cancels it in the warehouse, and nobody else sees it', async () => {
    const client = await taskClient(place.server('--no-worker', '--client', 'tasker'));
    const again = await taskClient(place.server('--no-worker', '--client', 'tasker'));
    const stranger = await taskClient(place.server('--no-worker', '--client', 'stranger'));
    try {
      const created = await client.ask('tools/call', {
        name: 'start_query',
        arguments: { sql: 'select system$wait(60)' },
      });
      expect(created).toMatchObject({ result: { resultType: 'task', status: 'working', ttlMs: null } });
      const { taskId } = (created as unknown as { result: { taskId: string } }).result;
      for (const method of ['tasks/get', 'tasks/cancel', 'tasks/update'])
        expect(await stranger.ask(method, { taskId, inputResponses: {} })).toMatchObject({ error: { code: -32602 } });
      expect(await again.ask('tasks/get', { taskId })).toMatchObject({ result: { taskId, status: 'working' } });
      expect(await again.ask('tasks/cancel', { taskId })).toMatchObject({ result: { resultType: 'complete' } });
      await eventually(async () => {
        const reply = await client.ask('tasks/get', { taskId });
        return (reply as unknown as { result: { status: string } }).result.status === 'cancelled' ? true : undefined;
      });
    } finally {
      await Promise.all([client.close(), again.close(), stranger.close()]);
    }
  });
});
