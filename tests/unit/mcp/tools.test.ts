import { describe, expect, it } from 'vitest';
import { SnowError } from '../../../src/errors/snow-error.js';
import type { Gateway, QueryAnswer } from '../../../src/gateway/requests.js';
import { ERAS } from '../../e2e/mcp-clients.js';
import { listen } from './listen.js';

const NAMES = [
  'list_databases',
  'list_schemas',
  'list_tables',
  'list_views',
  'describe_table',
  'query',
  'start_query',
  'job_status',
  'job_result',
  'job_cancel',
  'list_jobs',
  'get_session',
  'set_session',
  'server_status',
];

const ANSWER: QueryAnswer = {
  job_id: '0199-1',
  state: 'succeeded',
  columns: [{ name: 'N', type: 'NUMBER(38,0)', nullable: false }],
  rows: [[1]],
  row_count: 1,
  truncated: false,
  queued_ms: 0.4,
  elapsed_ms: 3,
  query_id: 'q1',
};

describe.each(ERAS)('the tools in the %s era', (_era, connect) => {
  it('are the fourteen of the core, in their order, and listing them opens nothing', async () => {
    const listener = listen({});
    const client = await connect(listener);
    const tools = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(NAMES);
    expect(listener.opened).toEqual([]);
    for (const tool of tools) {
      expect(tool.title, tool.name).toBeTruthy();
      expect(tool.description, tool.name).toBeTruthy();
      expect(tool.inputSchema.type, tool.name).toBe('object');
      expect(tool.annotations, tool.name).toMatchObject({
        readOnlyHint: expect.any(Boolean),
        destructiveHint: expect.any(Boolean),
        idempotentHint: expect.any(Boolean),
        openWorldHint: expect.any(Boolean),
      });
      if (tool.name === 'start_query') expect(tool.outputSchema).toBeUndefined();
      else expect(tool.outputSchema, tool.name).toMatchObject({ type: 'object', anyOf: expect.any(Array) });
    }
  });

  it('cost a client little context to read', async () => {
    const client = await connect(listen({}));
    const tools = await client.listTools();
    expect(JSON.stringify(tools).length).toBeLessThan(22_000);
    for (const tool of tools) {
      expect(JSON.stringify(tool).length, tool.name).toBeLessThan(3_500);
      expect(JSON.stringify(tool), tool.name).not.toContain(String(Number.MAX_SAFE_INTEGER));
      // Arguments that are not known are refused; answers may get more members.
      expect(tool.inputSchema, tool.name).toMatchObject({ additionalProperties: false });
      expect(JSON.stringify(tool.outputSchema ?? {}), tool.name).not.toContain('additionalProperties');
    }
  });

  it('answer structured content and the same as text', async () => {
    let asked: Parameters<Gateway['query']> | undefined;
    const listener = listen({
      query: async (...call) => {
        asked = call;
        return ANSWER;
      },
    });
    const client = await connect(listener);
    await client.listTools();
    const result = await client.call('query', { sql: 'select 1', binds: [1, null], wait_s: 5 });
    expect(result.isError ?? false).toBe(false);
    expect(result.structuredContent).toEqual(ANSWER);
    expect(result.content).toEqual([{ type: 'text', text: JSON.stringify(ANSWER) }]);
    expect(asked?.[1]).toMatchObject({ sql: 'select 1', binds: [1, null], waitS: 5 });
  });

  it('tell an error as data that passes the listed schema', async () => {
    const error = {
      code: 'QUEUE_FULL',
      message: 'The queue is full: 100 of 100.',
      hint: 'Wait.',
      retryAfterMs: 500,
    } as const;
    const client = await connect(
      listen({
        query: async () => {
          throw new SnowError(error);
        },
      }),
    );
    await client.listTools();
    const result = await client.call('query', { sql: 'select 1' });
    expect(result.isError).toBe(true);
    expect(result.structuredContent).toEqual(error);
    expect(result.content).toEqual([{ type: 'text', text: JSON.stringify(error) }]);
  });

  it('tell the error of a failed job with the id of the job', async () => {
    const error = { code: 'SNOWFLAKE_ERROR', message: 'Object T does not exist', number: '002003' } as const;
    const client = await connect(listen({ jobResult: async () => ({ ...ANSWER, state: 'failed', error }) }));
    await client.listTools();
    const result = await client.call('job_result', { job_id: '0199-1' });
    expect(result.isError).toBe(true);
    expect(result.structuredContent).toEqual({ ...error, job_id: '0199-1' });
  });

  it.each([
    ['query', {}, 'sql'],
    ['query', { sql: 'select 1', wait_s: 56 }, 'wait_s'],
    ['query', { sql: 'select 1', limit: 5 }, 'limit'],
    ['query', { sql: 'select ?', binds: Array(10_001).fill(1) }, 'binds'],
    ['job_status', { job_id: 7 }, 'job_id'],
    ['list_jobs', { states: ['asleep'] }, 'states'],
  ])(
    'refuse %s with arguments it does not take (%#), naming them, and note it for the audit',
    async (name, args, named) => {
      const noted: unknown[] = [];
      const client = await connect(listen({ refused: (caller, ...what) => noted.push([caller.client, ...what]) }));
      const result = await client.call(name, args);
      expect(noted).toEqual([[expect.stringMatching(/^(modern|legacy)-test@/), name, 'INVALID_ARGUMENT']]);
      expect(result.isError).toBe(true);
      expect(result.structuredContent).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(named),
      });
    },
  );

  it('link the stored result where the answer holds only part of it', async () => {
    const client = await connect(listen({ query: async () => ({ ...ANSWER, next_cursor: 'c1' }) }));
    const result = await client.call('query', { sql: 'select 1' });
    expect(result.content).toContainEqual(
      expect.objectContaining({ type: 'resource_link', uri: 'snow://jobs/0199-1/result' }),
    );
  });

  it('pass the cursor of a listing on, and its next one back', async () => {
    const client = await connect(
      listen({
        listTables: async (_caller, request) => ({ items: [{ name: `T after ${request.cursor}` }], next_cursor: 'c2' }),
      }),
    );
    const result = await client.call('list_tables', { cursor: 'c1', limit: 1 });
    expect(result.structuredContent).toEqual({ tables: [{ name: 'T after c1' }], next_cursor: 'c2' });
  });
});

describe('whose call it is', () => {
  it.each(ERAS)('is told by the client’s own name in the %s era', async (_era, connect) => {
    const listener = listen({ getSession: async ({ client }) => ({ session: client, context: {} }) });
    const client = await connect(listener, 'Roo Code');
    const result = await client.call('get_session', {});
    expect(result.structuredContent).toMatchObject({ session: expect.stringMatching(/^Roo-Code@.+/) });
  });
});
