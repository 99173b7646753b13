import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERAS, type ToolReply } from './mcp-clients.js';
import { Place } from './processes.js';
import { plainAnswers, TPCH } from './tpch.js';

const SAMPLE = 'snowflake_sample_data.tpch_sf1.';

let place: Place;
let plain: Awaited<ReturnType<typeof plainAnswers>>;
beforeAll(async () => {
  place = new Place();
  plain = await plainAnswers();
});
afterAll(() => place.end());

interface Rows {
  readonly state: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly row_count: number;
  readonly next_cursor?: string;
  readonly job_id: string;
}

function rowsOf(reply: ToolReply): Rows {
  expect(reply.isError ?? false, JSON.stringify(reply.structuredContent)).toBe(false);
  return reply.structuredContent as Rows;
}

/** Numbers by their value: 1.50 and 1.5 are the same, however they are written. */
function cell(value: unknown): string {
  const text = String(value);
  return /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text;
}

describe.each(ERAS)('a client of the %s era, over serve --stdio', (era, connect) => {
  it('lists the tools, finds the sample data and gets the right answers', async () => {
    const client = await connect(place.server(), `e2e-${era}`);
    try {
      expect(client.instructions()).toContain('list_databases');
      expect(await client.listTools()).toHaveLength(14);

      const databases = await client.call('list_databases', {});
      expect(databases.structuredContent).toMatchObject({
        databases: expect.arrayContaining([expect.objectContaining({ name: 'SNOWFLAKE_SAMPLE_DATA' })]),
      });
      const tables = await client.call('list_tables', { database: 'snowflake_sample_data', schema: 'tpch_sf1' });
      const names = (tables.structuredContent as { tables: { name: string }[] }).tables.map((table) => table.name);
      expect(names.sort()).toEqual([
        'CUSTOMER',
        'LINEITEM',
        'NATION',
        'ORDERS',
        'PART',
        'PARTSUPP',
        'REGION',
        'SUPPLIER',
      ]);
      const columns = await client.call('describe_table', { table: 'snowflake_sample_data.tpch_sf1.region' });
      expect(columns.structuredContent).toMatchObject({
        columns: [{ name: 'R_REGIONKEY', type: 'NUMBER(38,0)' }, { name: 'R_NAME' }, { name: 'R_COMMENT' }],
      });

      for (const question of ['q1', 'q5'] as const) {
        const answer = rowsOf(await client.call('query', { sql: TPCH[question](SAMPLE) }));
        expect(answer.state).toBe('succeeded');
        expect(answer.rows.map((row) => row.map(cell))).toEqual(plain[question].map((row) => row.map(cell)));
        expect(answer.rows.length).toBeGreaterThan(0);
      }
    } finally {
      await client.close();
    }
  });

  it('pages through a result, reads it as a resource, and is told errors as Snowflake words them', async () => {
    const client = await connect(place.server(), `e2e-${era}`);
    try {
      const sql = `select n_nationkey from ${SAMPLE}nation order by n_nationkey`;
      const first = rowsOf(await client.call('query', { sql, max_rows: 10 }));
      expect(first.rows).toHaveLength(10);
      expect(first.row_count).toBe(25);
      const second = rowsOf(
        await client.call('job_result', { job_id: first.job_id, cursor: first.next_cursor, max_rows: 100 }),
      );
      expect([...first.rows, ...second.rows].map(([key]) => Number(key))).toEqual(
        Array.from({ length: 25 }, (_, key) => key),
      );
      expect(second.next_cursor).toBeUndefined();
      const resource = JSON.parse(await client.read(`snow://jobs/${first.job_id}/result`));
      expect(resource.rows).toHaveLength(25);
      expect(await client.listResources()).toContain(`snow://jobs/${first.job_id}/result`);

      const unknown = await client.call('query', { sql: 'select * from snowflake_sample_data.tpch_sf1.nowhere' });
      expect(unknown).toMatchObject({
        isError: true,
        structuredContent: { code: 'SNOWFLAKE_ERROR', number: '002003', sqlState: '42S02' },
      });
      const syntax = await client.call('query', { sql: 'select\n  from where' });
      expect(syntax).toMatchObject({
        isError: true,
        structuredContent: { code: 'SNOWFLAKE_ERROR', number: '001003', line: 2, position: expect.any(Number) },
      });
      const write = await client.call('query', { sql: 'create table t (a int)' });
      expect(write).toMatchObject({
        isError: true,
        structuredContent: { code: 'STATEMENT_NOT_ALLOWED', hint: expect.stringContaining('allow') },
      });
      const two = await client.call('query', { sql: 'select 1; select 2' });
      expect(two).toMatchObject({ isError: true, structuredContent: { code: 'STATEMENT_NOT_ALLOWED' } });
    } finally {
      await client.close();
    }
  });

  it('keeps a session over processes', async () => {
    const first = await connect(place.server('--client', `keeper-${era}`));
    await first.call('set_session', { database: 'SNOWFLAKE_SAMPLE_DATA', schema: 'TPCH_SF1' });
    await first.close();
    const second = await connect(place.server('--client', `keeper-${era}`));
    try {
      const session = await second.call('get_session', {});
      expect(session.structuredContent).toMatchObject({
        context: { database: 'SNOWFLAKE_SAMPLE_DATA', schema: 'TPCH_SF1' },
      });
      const count = rowsOf(await second.call('query', { sql: 'select count(*) from region' }));
      expect(count.rows).toEqual([[5]]);
    } finally {
      await second.close();
    }
  });
});
