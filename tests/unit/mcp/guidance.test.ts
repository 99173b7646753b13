import { describe, expect, it } from 'vitest';
import { SnowError } from '../../../src/errors/snow-error.js';
import { ERAS } from '../../e2e/mcp-clients.js';
import { taskClient } from '../../e2e/task-client.js';
import { listen } from './listen.js';

describe.each(ERAS)('what a client is told in the %s era', (_era, connect) => {
  it('begins with how to use the tools, in few words, naming only tools that are there', async () => {
    const client = await connect(listen({}));
    const instructions = client.instructions() ?? '';
    expect(instructions.length).toBeLessThan(2_000);
    const tools = (await client.listTools()).map((tool) => tool.name);
    const named = instructions.match(/\b(?:list|describe|job|start|set|get|server)_[a-z]+\b/g) ?? [];
    expect(tools).toEqual(expect.arrayContaining(named.filter((name) => name !== 'job_id')));
    for (const essential of [
      'list_databases',
      'describe_table',
      'job_result',
      'job_cancel',
      'start_query',
      'set_session',
      'wait_s',
      'next_cursor',
      'truncated',
      'retryAfterMs',
      'OUTCOME_UNKNOWN',
    ])
      expect(instructions, essential).toContain(essential);
  });

  it('has three prompts, which use the arguments given', async () => {
    const client = await connect(listen({}));
    expect(await client.listPrompts()).toEqual(['explore_database', 'profile_table', 'find_slow_or_failed_jobs']);
    const explore = await client.prompt('explore_database', { database: 'SALES' });
    expect(explore).toContain('database SALES.');
    expect(explore).toContain('list_schemas');
    expect(await client.prompt('explore_database', { database: 'SALES', schema: 'EU' })).toContain('schema EU only');
    expect(await client.prompt('profile_table', { database: 'A', schema: 'B', table: 'C' })).toContain('A.B.C');
    expect(await client.prompt('find_slow_or_failed_jobs', { slower_than_s: '60' })).toContain('above 60 seconds');
    expect(await client.prompt('find_slow_or_failed_jobs', {})).toContain('above 10 seconds');
    await expect(client.prompt('profile_table', { table: 'C' })).rejects.toThrow(/database/);
  });

  it('has a resource for the columns of every table', async () => {
    const asked: object[] = [];
    const client = await connect(
      listen({
        describeTable: async (_caller, place) => {
          asked.push(place);
          if (place.table === 'NOWHERE')
            throw new SnowError({ code: 'SNOWFLAKE_ERROR', message: 'Object does not exist', number: '002003' });
          return { items: [{ name: 'ID', type: 'NUMBER(38,0)' }] };
        },
      }),
    );
    expect(await client.listTemplates()).toEqual([
      'snow://jobs/{id}/result',
      'snow://databases/{database}/schemas/{schema}/tables/{table}',
    ]);
    const place = { database: 'Sales', schema: '"my schema"', table: 'ORDERS' };
    const uri = `snow://databases/Sales/schemas/${encodeURIComponent('"my schema"')}/tables/ORDERS`;
    expect(JSON.parse(await client.read(uri))).toEqual({ ...place, columns: [{ name: 'ID', type: 'NUMBER(38,0)' }] });
    expect(asked).toEqual([place]);
    await expect(client.read('snow://databases/A/schemas/B/tables/NOWHERE')).rejects.toThrow(/not found/i);
    await expect(client.read('snow://databases/A/schemas/B/tables/%E0%A4%A')).rejects.toThrow(/percent-encoded/);
  });
});

it('says in the modern era how long lists may be kept, and by whom', async () => {
  const client = await taskClient(listen({ listJobs: async () => ({ jobs: [] }) }));
  for (const method of ['server/discover', 'tools/list', 'prompts/list', 'resources/templates/list'])
    expect(await client.ask(method, {}), method).toMatchObject({ result: { ttlMs: 300_000, cacheScope: 'public' } });
  expect(await client.ask('resources/list', {})).toMatchObject({ result: { cacheScope: 'private' } });
  await client.close();
});
