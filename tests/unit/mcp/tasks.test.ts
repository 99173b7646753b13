import { resultFromTaskOutcome } from '@modelcontextprotocol/ext-tasks/client';
import { describe, expect, it } from 'vitest';
import { SnowError } from '../../../src/errors/snow-error.js';
import type { Gateway, JobSummary, QueryAnswer } from '../../../src/gateway/requests.js';
import { legacyClient, modernClient } from '../../e2e/mcp-clients.js';
import { taskClient } from '../../e2e/task-client.js';
import { listen } from './listen.js';

const CREATED = new Date(Date.now() - 400).toISOString();

const HOUR_AGO = new Date(Date.now() - 3_600_000).toISOString();

const RUNNING: JobSummary = {
  job_id: 'j1',
  client: 'c',
  kind: 'query',
  state: 'running',
  priority: 'normal',
  created_at: CREATED,
  queued_ms: 0,
  elapsed_ms: 1_200,
  attempts: 1,
  progress: { done: 7 },
};

const DONE: JobSummary = {
  ...RUNNING,
  state: 'succeeded',
  finished_at: new Date(Date.parse(CREATED) + 300).toISOString(),
  result_expires_at: new Date(Date.parse(CREATED) + 60_000).toISOString(),
};

const ANSWER: QueryAnswer = {
  job_id: 'j1',
  state: 'succeeded',
  columns: [{ name: 'N', type: 'NUMBER(38,0)', nullable: false }],
  rows: [[1]],
  row_count: 1,
  truncated: false,
  queued_ms: 0,
  elapsed_ms: 300,
};

/** A gateway with one job, which is in the states given, one after the other. */
function jobIn(...states: JobSummary[]): Partial<Gateway> {
  return {
    startQuery: async () => ({ job_id: 'j1', state: 'queued' }),
    jobStatus: async (_caller, id) => {
      if (id !== 'j1') throw new SnowError({ code: 'NOT_FOUND', message: `There is no job ${id}.` });
      return (states.length > 1 ? states.shift() : states[0]) as JobSummary;
    },
    jobResult: async () => ANSWER,
  };
}

describe('start_query for a client of the tasks extension', () => {
  it('answers a task, and the task the result of the job', async () => {
    const client = await taskClient(listen(jobIn(RUNNING, RUNNING, DONE)));
    expect(client.capabilities()?.extensions).toEqual({ 'io.modelcontextprotocol/tasks': {} });
    const execution = await client.session.callTool('start_query', { sql: 'select 1' });
    expect(execution.kind).toBe('task');
    const { outcome } = await execution.settle();
    const result = resultFromTaskOutcome(outcome);
    expect(result).toMatchObject({ structuredContent: ANSWER, content: [{ text: JSON.stringify(ANSWER) }] });
    expect(result.isError ?? false).toBe(false);
    await client.close();
  });

  it('answers the plain handle to a client that did not declare it, in both eras', async () => {
    for (const connect of [modernClient, legacyClient]) {
      const client = await connect(listen(jobIn(RUNNING)));
      const reply = await client.call('start_query', { sql: 'select 1' });
      expect(reply.structuredContent).toEqual({ job_id: 'j1', state: 'queued' });
    }
  });

  it('answers the plain handle to a token that could not poll a task', async () => {
    const client = await taskClient(listen(jobIn(RUNNING), ['query']));
    const reply = await client.ask('tools/call', { name: 'start_query', arguments: { sql: 'select 1' } });
    expect(reply).toMatchObject({ result: { structuredContent: { job_id: 'j1' }, resultType: 'complete' } });
    await client.close();
  });

  it('tells a refusal as an error of the tool: there is no task', async () => {
    const client = await taskClient(
      listen({
        startQuery: async () => {
          throw new SnowError({ code: 'QUEUE_FULL', message: 'Full.', retryAfterMs: 5 });
        },
      }),
    );
    const reply = await client.ask('tools/call', { name: 'start_query', arguments: { sql: 'select 1' } });
    expect(reply).toMatchObject({ result: { isError: true, structuredContent: { code: 'QUEUE_FULL' } } });
    await client.close();
  });

  it('is the only tool that answers a task', async () => {
    const client = await taskClient(listen({ query: async () => ANSWER }));
    const reply = await client.ask('tools/call', { name: 'query', arguments: { sql: 'select 1' } });
    expect(reply).toMatchObject({ result: { resultType: 'complete', structuredContent: ANSWER } });
    await client.close();
  });
});

describe('tasks/get', () => {
  it('tells how a job goes, how long it is kept, and when to ask again', async () => {
    const client = await taskClient(
      listen(jobIn(RUNNING, { ...RUNNING, state: 'queued', position: 3, created_at: HOUR_AGO }, DONE)),
    );
    const running = await client.ask('tasks/get', { taskId: 'j1' });
    expect(running).toMatchObject({
      result: { resultType: 'complete', taskId: 'j1', status: 'working', statusMessage: 'running for 1.2 s: 7 rows' },
    });
    expect(running).toMatchObject({
      result: { ttlMs: null, pollIntervalMs: expect.closeTo(100, -3), createdAt: CREATED },
    });
    const queued = await client.ask('tasks/get', { taskId: 'j1' });
    expect(queued).toMatchObject({
      result: { status: 'working', statusMessage: '3 ahead in the queue', pollIntervalMs: 5_000 },
    });
    const done = await client.ask('tasks/get', { taskId: 'j1' });
    expect(done).toMatchObject({
      result: {
        status: 'completed',
        ttlMs: 60_000,
        lastUpdatedAt: DONE.finished_at,
        result: { resultType: 'complete', structuredContent: ANSWER },
      },
    });
    await client.close();
  });

  it.each(['failed', 'expired'] as const)('completes with an error for a job that %s', async (state) => {
    const error = { code: 'SNOWFLAKE_ERROR', message: 'Object T does not exist', number: '002003' } as const;
    const gateway = jobIn({ ...DONE, state, error });
    gateway.jobResult = async () => ({ ...ANSWER, state, rows: [], error });
    const client = await taskClient(listen(gateway));
    expect(await client.ask('tasks/get', { taskId: 'j1' })).toMatchObject({
      result: {
        status: 'completed',
        statusMessage: error.message,
        result: { resultType: 'complete', isError: true, structuredContent: { ...error, job_id: 'j1' } },
      },
    });
    await client.close();
  });

  it('completes with an error when the rows have been deleted', async () => {
    const gateway = jobIn(DONE);
    gateway.jobResult = async () => {
      throw new SnowError({ code: 'NOT_FOUND', message: 'The rows of job j1 have been deleted.' });
    };
    const client = await taskClient(listen(gateway));
    expect(await client.ask('tasks/get', { taskId: 'j1' })).toMatchObject({
      result: { status: 'completed', result: { isError: true, structuredContent: { code: 'NOT_FOUND' } } },
    });
    await client.close();
  });

  it('says cancelled of a job that was', async () => {
    const error = { code: 'CANCELLED', message: 'The client asked for it.' } as const;
    const client = await taskClient(listen(jobIn({ ...DONE, state: 'cancelled', error })));
    const reply = await client.ask('tasks/get', { taskId: 'j1' });
    expect(reply).toMatchObject({ result: { status: 'cancelled', statusMessage: error.message } });
    expect((reply as { result: object }).result).not.toHaveProperty('result');
    await client.close();
  });
});

describe('tasks/cancel and tasks/update', () => {
  it('acknowledge: one cancels the job, the other has nothing to do', async () => {
    const cancelled: string[] = [];
    const client = await taskClient(
      listen({
        ...jobIn(RUNNING),
        jobCancel: async (_caller, id) => {
          cancelled.push(id);
          return RUNNING;
        },
      }),
    );
    expect(await client.ask('tasks/update', { taskId: 'j1', inputResponses: {} })).toMatchObject({
      result: { resultType: 'complete' },
    });
    expect(cancelled).toEqual([]);
    expect(await client.ask('tasks/cancel', { taskId: 'j1' })).toMatchObject({ result: { resultType: 'complete' } });
    expect(cancelled).toEqual(['j1']);
    await client.close();
  });
});

describe.each(['tasks/get', 'tasks/cancel', 'tasks/update'])('%s', (method) => {
  const nobodys: Partial<Gateway> = {
    ...jobIn(RUNNING),
    jobCancel: async () => {
      throw new SnowError({ code: 'NOT_FOUND', message: 'There is no such job.' });
    },
  };

  it('knows no task that is not the caller’s', async () => {
    const client = await taskClient(listen(nobodys));
    expect(await client.ask(method, { taskId: 'foreign', inputResponses: {} })).toMatchObject({
      kind: 'error',
      error: { code: -32602, message: 'Task not found: foreign' },
    });
    await client.close();
  });

  it('is refused to a caller that did not declare the extension, and to one that names no task', async () => {
    const listener = listen(nobodys);
    const client = await taskClient(listener);
    expect(await client.ask(method, { taskId: 'j1', inputResponses: {} }, false)).toMatchObject({
      kind: 'error',
      error: {
        code: -32021,
        data: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
      },
    });
    expect(await client.ask(method, { taskId: 7 })).toMatchObject({ kind: 'error', error: { code: -32602 } });
    expect(listener.opened).toEqual([]);
    await client.close();
  });
});
