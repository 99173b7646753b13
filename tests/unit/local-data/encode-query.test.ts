import { describe, expect, it } from 'vitest';
import { encodeQuery } from '../../../src/local/engine/encoding/encode-query.js';
import { encoded, inDuckdb } from './in-duckdb.js';

describe('encodeQuery', () => {
  const duckdb = inDuckdb();

  async function cells(expressions: string): Promise<readonly (string | null)[]> {
    const { rows } = await encoded(duckdb(), `SELECT ${expressions}`);
    return rows[0] ?? [];
  }

  it('prints numbers with exactly their scale', async () => {
    expect(await cells(`1, -2.50::DECIMAL(10, 2), 0.5::DECIMAL(3, 3), '1${'0'.repeat(37)}'::DECIMAL(38, 0)`)).toEqual([
      '1',
      '-2.50',
      '0.500',
      '1'.padEnd(38, '0'),
    ]);
  });

  it('prints floats as Snowflake does', async () => {
    expect(
      await cells(`100::DOUBLE, 1.25::DOUBLE, 1e300, 1e-7, 1e15::DOUBLE, 'inf'::DOUBLE, '-inf'::DOUBLE, 'nan'::DOUBLE`),
    ).toEqual(['100', '1.25', '1e+300', '1e-07', '1000000000000000', 'inf', '-inf', 'NaN']);
  });

  it('prints instants as seconds, negative as a whole before the epoch', async () => {
    expect(
      await cells(
        `DATE '1969-12-31', TIME '23:59:59.999999', TIMESTAMP '1969-12-31 23:59:58.5', TIMESTAMP '1970-01-01 00:00:00',
         TIMESTAMPTZ '2020-01-01 00:00:00+02', {utc: TIMESTAMP '2020-01-01', offset_min: (-60)::SMALLINT}`,
      ),
    ).toEqual([
      '-1',
      '86399.999999000',
      '-1.500000000',
      '0.000000000',
      '1577829600.000000000',
      '1577836800.000000000 1380',
    ]);
  });

  it('prints booleans as digits, bytes as upper-case hex, and semi-structured values as JSON', async () => {
    expect(
      await cells(`true, false, '\\xAB\\x0c'::BLOB, '{"a":[1,null]}'::JSON, [1, NULL], {a: 'x'}, MAP {'k': 1}`),
    ).toEqual(['1', '0', 'AB0C', '{"a":[1,null]}', '[1,null]', '{"a":"x"}', '{"k":1}']);
  });

  it('tells NULL from the text null, whatever the type', async () => {
    expect(
      await cells(
        `NULL, NULL::VARCHAR, 'null', NULL::DATE, NULL::TIMESTAMP, NULL::DOUBLE, NULL::BOOLEAN, NULL::BLOB, NULL::JSON,
         'null'::JSON, NULL::STRUCT(utc TIMESTAMP, offset_min SMALLINT), NULL::INTEGER[]`,
      ),
    ).toEqual([null, null, 'null', null, null, null, null, null, null, 'null', null, null]);
  });

  it('names the Snowflake types', async () => {
    const { columns } = await encoded(
      duckdb(),
      `SELECT 1 AS i, 1.5 AS d, 1e0 AS f, 'x' AS t, true AS b, 'x'::BLOB AS x, TIME '00:00' AS ti, [1] AS a, {k: 1} AS o, '1'::JSON AS v`,
    );
    expect(columns.map(({ name, type }) => `${name} ${type.name}`)).toEqual([
      'i FIXED',
      'd FIXED',
      'f REAL',
      't TEXT',
      'b BOOLEAN',
      'x BINARY',
      'ti TIME',
      'a ARRAY',
      'o OBJECT',
      'v VARIANT',
    ]);
    expect(columns[1]?.type).toEqual({ name: 'FIXED', precision: 2, scale: 1 });
  });

  it('takes what is known of a column only where DuckDB agrees', async () => {
    const { columns, rows } = await encoded(
      duckdb(),
      `SELECT '[1]'::JSON, 'x', TIMESTAMP '2020-01-01 00:00:00.123456', 5, DATE '1970-01-02'`,
      [],
      {
        types: [
          { name: 'ARRAY' },
          { name: 'TEXT', length: 3 },
          { name: 'TIMESTAMP_NTZ', scale: 3 },
          { name: 'FIXED', precision: 5, scale: 2 },
          { name: 'BOOLEAN' },
        ],
        nullable: [false],
      },
    );
    expect(columns.map(({ type }) => type)).toEqual([
      { name: 'ARRAY' },
      { name: 'TEXT', length: 3 },
      { name: 'TIMESTAMP_NTZ', scale: 3 },
      { name: 'FIXED', precision: 5, scale: 2 },
      { name: 'DATE' },
    ]);
    expect(columns.map(({ nullable }) => nullable)).toEqual([false, true, true, true, true]);
    expect(rows).toEqual([['[1]', 'x', '1577836800.123', '5.00', '1']]);
  });

  it('keeps columns of one name apart and a trailing comment out of the way', async () => {
    const { columns, rows } = await encoded(duckdb(), 'SELECT 1 AS a, 2 AS a -- the end');
    expect(columns.map(({ name }) => name)).toEqual(['a', 'a']);
    expect(rows).toEqual([['1', '2']]);
  });

  it('keeps the order of a large result and cuts it into blocks of bounded size', async () => {
    const { rows, blocks } = await encoded(
      duckdb(),
      `SELECT i, repeat('x', 20) FROM range(100000) AS r(i) ORDER BY i % 7 DESC, i`,
    );
    expect(rows.length).toBe(100_000);
    const sorted = [...rows].sort(([a], [b]) => (Number(b) % 7) - (Number(a) % 7) || Number(a) - Number(b));
    expect(rows).toEqual(sorted);
    expect(blocks.length).toBeGreaterThan(5);
    expect(Math.max(...blocks)).toBeLessThan(300_000);
  });

  it('gives no block for no rows', async () => {
    const { columns, blocks } = await encoded(duckdb(), 'SELECT 1 AS a WHERE false');
    expect(columns.length).toBe(1);
    expect(blocks).toEqual([]);
  });

  it('rejects before the first row when the query fails early', async () => {
    await expect(encodeQuery(duckdb(), `SELECT 'x'::INTEGER`)).rejects.toThrow(/Conversion Error/);
    await expect(encodeQuery(duckdb(), 'SELECT nothing')).rejects.toThrow(/nothing/);
    expect(await cells('1')).toEqual(['1']);
  });

  it('rejects from the blocks when the query fails late, and leaves the connection usable', async () => {
    const late = encoded(duckdb(), `SELECT if(i < 90000, '1', 'x')::INTEGER FROM range(100000) AS r(i)`);
    await expect(late).rejects.toThrow(/Conversion Error/);
    expect(await cells('1')).toEqual(['1']);
  });

  it('leaves a transaction open and whole when the reader stops early', async () => {
    const connection = duckdb();
    await connection.run('CREATE TABLE kept (a INTEGER)');
    await connection.run('BEGIN');
    await connection.run('INSERT INTO kept VALUES (1)');
    const { blocks } = await encodeQuery(connection, 'SELECT * FROM range(1000000)');
    for await (const _ of blocks) break;
    expect((await encoded(connection, 'SELECT * FROM kept')).rows).toEqual([['1']]);
    await connection.run('COMMIT');
    expect((await encoded(connection, 'SELECT * FROM kept')).rows).toEqual([['1']]);
  });

  it('ends with an error when the connection is interrupted', async () => {
    const connection = duckdb();
    const endless = encodeQuery(connection, 'SELECT count(*) FROM range(1000000000) a, range(1000000000) b');
    const interrupting = setInterval(() => connection.interrupt(), 20);
    await expect(endless).rejects.toThrow(/INTERRUPT/i);
    clearInterval(interrupting);
    expect(await cells('1')).toEqual(['1']);
  });

  it('never passes off an interrupted result as a whole one', async () => {
    const connection = duckdb();
    const cancel = new AbortController();
    const { blocks } = await encodeQuery(connection, 'SELECT * FROM range(10000000)', [], { signal: cancel.signal });
    const reading = (async () => {
      for await (const _ of blocks) {
        cancel.abort(new Error('cancelled'));
        connection.interrupt();
      }
    })();
    await expect(reading).rejects.toThrow('cancelled');
    expect(await cells('1')).toEqual(['1']);
  });

  it('keeps memory bounded whatever the number of rows', async () => {
    const before = process.memoryUsage().rss;
    let rows = 0;
    let characters = 0;
    let most = 0;
    const { blocks } = await encodeQuery(
      duckdb(),
      `SELECT i, i * 2, md5(i::VARCHAR), repeat('y', 60) FROM range(1000000) AS r(i)`,
    );
    for await (const block of blocks) {
      rows += block.rows;
      characters += block.json.length;
      most = Math.max(most, process.memoryUsage().rss - before);
    }
    expect(rows).toBe(1_000_000);
    expect(characters).toBeGreaterThan(100_000_000);
    expect(most).toBeLessThan(characters);
  });
});
