import { DuckDBInstance } from '@duckdb/node-api';
import { duckdbTypeOf } from '../../src/local/engine/types/duckdb-type.js';
import { generateSample } from '../../src/local/sample/generate-sample.js';
import { sampleTables } from '../../src/local/sample/sample-tables.js';

/** Scale factor at which the local Snowflake makes its sample database. */
const SCALE = 0.01;

/** The pricing summary (Q1) and the local supplier volume (Q5), with the specification's validation parameters. */
export const TPCH = {
  q1: (schema: string) => `
    select l_returnflag, l_linestatus, sum(l_quantity) as sum_qty, sum(l_extendedprice) as sum_base_price,
      sum(l_extendedprice * (1 - l_discount)) as sum_disc_price,
      sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) as sum_charge, count(*) as count_order
    from ${schema}lineitem where l_shipdate <= to_date('1998-09-02')
    group by l_returnflag, l_linestatus order by l_returnflag, l_linestatus`,
  q5: (schema: string) => `
    select n_name, sum(l_extendedprice * (1 - l_discount)) as revenue
    from ${schema}customer, ${schema}orders, ${schema}lineitem, ${schema}supplier, ${schema}nation, ${schema}region
    where c_custkey = o_custkey and l_orderkey = o_orderkey and l_suppkey = s_suppkey and c_nationkey = s_nationkey
      and s_nationkey = n_nationkey and n_regionkey = r_regionkey and r_name = 'ASIA'
      and o_orderdate >= to_date('1994-01-01') and o_orderdate < to_date('1995-01-01')
    group by n_name order by revenue desc`,
} as const;

/** The same questions to plain DuckDB over the same rows; every cell as text. */
export async function plainAnswers(): Promise<Record<keyof typeof TPCH, string[][]>> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    for (const { name, columns } of sampleTables()) {
      const list = columns.map((column) => `${column.name} ${duckdbTypeOf(column.type)}`).join(', ');
      await connection.run(`create table ${name} (${list})`);
    }
    await generateSample(connection, (table) => table, SCALE);
    await connection.run('create macro to_date(text) as text::date');
    const ask = async (sql: string) =>
      (await connection.runAndReadAll(sql)).getRows().map((row) => row.map((cell) => String(cell)));
    return { q1: await ask(TPCH.q1('')), q5: await ask(TPCH.q5('')) };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
