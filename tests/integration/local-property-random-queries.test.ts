import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { localSnowflake } from './local-engine-process.js';
import { cases, DECLARED, type TableCase } from './local-property-generator.js';
import { run } from './local-wire/driver.js';
import { type Cell, cellOf, expectSameRows, plainRows } from './same-rows.js';

const local = localSnowflake('property');
let instance: DuckDBInstance;
let plain: DuckDBConnection;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  plain = await instance.connect();
  await run(local.connection, 'create database R');
});

afterAll(() => {
  plain.closeSync();
  instance.closeSync();
});

function ddl(table: TableCase, dialect: 'snowflake' | 'duckdb'): string {
  const columns = table.columns.map(({ name, kind }) => `${name} ${DECLARED[kind][dialect]}`);
  return `CREATE OR REPLACE TABLE ${table.name} (${columns.join(', ')})`;
}

function insert(table: TableCase): string {
  return `INSERT INTO ${table.name} SELECT * FROM VALUES ${table.rows.map((row) => `(${row.join(', ')})`).join(', ')}`;
}

it('random tables and queries give through driver and local Snowflake what plain DuckDB gives', async () => {
  let rowsSeen = 0;
  await fc.assert(
    fc.asyncProperty(cases, async ({ tables, queries }) => {
      for (const table of tables) {
        await run(local.connection, ddl(table, 'snowflake'));
        await plain.run(ddl(table, 'duckdb'));
        if (table.rows.length === 0) continue;
        await run(local.connection, insert(table));
        await plain.run(insert(table).replace(/FROM VALUES (.*)$/s, 'FROM (VALUES $1)'));
      }
      for (const sql of queries) {
        const { rows } = await run(local.connection, { sqlText: sql, rowMode: 'array' });
        const got = (rows as unknown as unknown[][]).map((row) => row.map(cellOf)) as Cell[][];
        rowsSeen += got.length;
        expectSameRows(got, await plainRows(plain, sql), sql);
      }
    }),
    { numRuns: 40, interruptAfterTimeLimit: 40_000, markInterruptAsFailure: false },
  );
  expect(rowsSeen).toBeGreaterThan(500);
}, 60_000);
