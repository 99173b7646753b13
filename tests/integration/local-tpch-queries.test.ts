import { readdirSync, readFileSync } from 'node:fs';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { duckdbTypeOf } from '../../src/local/engine/types/duckdb-type.js';
import { generateSample } from '../../src/local/sample/generate-sample.js';
import { sampleTables } from '../../src/local/sample/sample-tables.js';
import { localSnowflake } from './local-engine-process.js';
import { run } from './local-wire/driver.js';
import { type Cell, cellOf, expectSameRows, plainRows } from './same-rows.js';

const FOLDER = new URL('./tpch/', import.meta.url);
const QUERIES = readdirSync(FOLDER).map((file) => ({
  name: file.replace('.sql', ''),
  sql: readFileSync(new URL(file, FOLDER), 'utf8').trim().replace(/;$/, ''),
}));

/** The one function in the queries that DuckDB writes in another way. */
function inDuckdb(sql: string): string {
  return sql.replace(/dateadd\((\w+), (-?\d+), ('[\d-]+'::date)\)/g, "($3 + INTERVAL '$2 $1')");
}

describe("TPC-H's 22 queries on the sample database", () => {
  const local = localSnowflake('tpch');
  let instance: DuckDBInstance;
  let plain: DuckDBConnection;

  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:');
    plain = await instance.connect();
    for (const { name, columns } of sampleTables()) {
      await plain.run(
        `CREATE TABLE ${name} (${columns.map((column) => `${column.name} ${duckdbTypeOf(column.type)}`).join(', ')})`,
      );
    }
    await generateSample(plain, (table) => table, 0.01);
    await run(local.connection, 'use schema SNOWFLAKE_SAMPLE_DATA.TPCH_SF1');
  });

  afterAll(() => {
    plain.closeSync();
    instance.closeSync();
  });

  it('are all there', () => {
    expect(QUERIES.length).toBe(22);
  });

  it.each(QUERIES)('$name gives what plain DuckDB gives for the same rows', async ({ name, sql }) => {
    const { rows } = await run(local.connection, { sqlText: sql, rowMode: 'array' });
    const got = (rows as unknown as unknown[][]).map((row) => row.map(cellOf));
    expect(got.length, `${name} returns rows`).toBeGreaterThan(0);
    expect(got.flat().filter((cell) => cell === null)).toEqual([]);
    expectSameRows(got as Cell[][], await plainRows(plain, inDuckdb(sql)), name);
  });

  it('declares the tables as Snowflake does', async () => {
    for (const { name, columns } of sampleTables()) {
      const { rows } = await run(local.connection, `describe table ${name}`);
      expect(rows.map((row) => row.name)).toEqual(columns.map((column) => column.name));
    }
    const { rows } = await run(local.connection, 'describe table LINEITEM');
    expect(rows.map((row) => row.type).slice(0, 6)).toEqual([
      ...['NUMBER(38,0)', 'NUMBER(38,0)', 'NUMBER(38,0)', 'NUMBER(38,0)', 'NUMBER(12,2)', 'NUMBER(12,2)'],
    ]);
  });
});
