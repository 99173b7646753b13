import { beforeAll, describe, expect, it } from 'vitest';
import { duckdbTypeOf } from '../../../src/local/engine/types/duckdb-type.js';
import { generateSample } from '../../../src/local/sample/generate-sample.js';
import { sampleTables } from '../../../src/local/sample/sample-tables.js';
import { inDuckdb } from './in-duckdb.js';

/** Clause numbers are those of the TPC-H specification, revision 3. */
describe('the sample at scale factor 0.01', () => {
  const duckdb = inDuckdb();

  async function fill(schema: string, scale: number): Promise<void> {
    await duckdb().run(`CREATE SCHEMA ${schema}`);
    for (const { name, columns } of sampleTables()) {
      const list = columns.map((c) => `${c.name} ${duckdbTypeOf(c.type)}${c.nullable ? '' : ' NOT NULL'}`);
      await duckdb().run(`CREATE TABLE ${schema}.${name} (${list.join(', ')})`);
    }
    await generateSample(duckdb(), (table) => `${schema}.${table}`, scale);
  }

  async function row(sql: string): Promise<readonly unknown[]> {
    const [first = []] = await (await duckdb().run(sql)).getRowsJS();
    return first.map((value) => (typeof value === 'bigint' ? Number(value) : value));
  }

  beforeAll(async () => {
    await fill('a', 0.01);
    await duckdb().run(`USE a`);
  });

  it('has the rows of clause 4.2.5', async () => {
    const counts = await row(
      `SELECT ${['region', 'nation', 'supplier', 'customer', 'part', 'partsupp', 'orders', 'lineitem'].map((t) => `(SELECT count(*) FROM ${t})`).join(', ')}`,
    );
    expect(counts.slice(0, 7)).toEqual([5, 25, 100, 1500, 2000, 8000, 15_000]);
    expect(Math.abs(Number(counts[7]) - 60_000)).toBeLessThan(600);
  });

  it('is the same in every run', async () => {
    await fill('b', 0.01);
    for (const { name } of sampleTables()) {
      expect(await row(`SELECT count(*) FROM (SELECT * FROM a.${name} EXCEPT ALL SELECT * FROM b.${name})`)).toEqual([
        0,
      ]);
    }
  });

  it('keeps every text within its declared length', async () => {
    for (const { name, columns } of sampleTables()) {
      for (const { name: column, type } of columns) {
        if (type.name !== 'TEXT') continue;
        expect(
          await row(`SELECT max(length(${column})) <= ${type.length}, min(length(${column})) > 0 FROM ${name}`),
        ).toEqual([true, true]);
      }
    }
  });

  it('computes prices, dates and flags as clause 4.2.3 says', async () => {
    expect(
      await row(`SELECT
        count(*) FILTER (l_extendedprice <> l_quantity * p_retailprice),
        count(*) FILTER (NOT l_quantity BETWEEN 1 AND 50 OR NOT l_discount BETWEEN 0 AND 0.10 OR NOT l_tax BETWEEN 0 AND 0.08),
        count(*) FILTER (NOT l_shipdate - o_orderdate BETWEEN 1 AND 121 OR NOT l_commitdate - o_orderdate BETWEEN 30 AND 90
          OR NOT l_receiptdate - l_shipdate BETWEEN 1 AND 30),
        count(*) FILTER ((l_receiptdate <= DATE '1995-06-17') <> (l_returnflag IN ('R', 'A'))),
        count(*) FILTER ((l_shipdate > DATE '1995-06-17') <> (l_linestatus = 'O'))
        FROM lineitem JOIN orders ON l_orderkey = o_orderkey JOIN part ON l_partkey = p_partkey`),
    ).toEqual([0, 0, 0, 0, 0]);
    expect(
      await row(
        `SELECT count(*) FROM part WHERE p_retailprice <> (90000 + (p_partkey::BIGINT // 10) % 20001 + 100 * (p_partkey % 1000)) / 100`,
      ),
    ).toEqual([0]);
  });

  it('joins lines to suppliers of their parts, and orders to two customers in three', async () => {
    expect(
      await row(`SELECT count(*) FROM lineitem
        WHERE (l_partkey, l_suppkey) NOT IN (SELECT (ps_partkey, ps_suppkey) FROM partsupp)`),
    ).toEqual([0]);
    expect(await row('SELECT count(*), count(DISTINCT (ps_partkey, ps_suppkey)) FROM partsupp')).toEqual([8000, 8000]);
    expect(await row('SELECT count(*) FROM orders WHERE o_custkey % 3 = 0')).toEqual([0]);
    expect(Number((await row('SELECT count(DISTINCT o_custkey) FROM orders'))[0])).toBeGreaterThan(990);
  });

  it('gives orders the state and price of their lines, and sparse keys', async () => {
    expect(
      await row(`SELECT count(*) FROM orders JOIN (
          SELECT l_orderkey, min(l_linestatus) AS low, max(l_linestatus) AS high,
            sum(round(l_extendedprice * (1 - l_discount) * (1 + l_tax), 2)) AS price
          FROM lineitem GROUP BY ALL) ON l_orderkey = o_orderkey
        WHERE o_totalprice <> price OR o_orderstatus <> if(low = high, low, 'P')`),
    ).toEqual([0]);
    expect(await row('SELECT count(*), max(o_orderkey) FROM orders WHERE (o_orderkey - 1) % 32 < 8')).toEqual([
      15_000, 59_976,
    ]);
    expect(
      await row("SELECT min(o_orderdate) >= DATE '1992-01-01', max(o_orderdate) <= DATE '1998-08-02' FROM orders"),
    ).toEqual([true, true]);
  });

  it('names parts with five different colours and dials from the country of the nation', async () => {
    expect(await row("SELECT count(*) FROM part WHERE len(list_distinct(string_split(p_name, ' '))) <> 5")).toEqual([
      0,
    ]);
    expect(
      await row("SELECT count(*) FROM customer WHERE split_part(c_phone, '-', 1)::INTEGER <> c_nationkey + 10"),
    ).toEqual([0]);
    expect(await row("SELECT count(*) FROM supplier WHERE s_comment LIKE '%Customer%Complaints%'")).toEqual([1]);
    expect(await row("SELECT count(*) FROM supplier WHERE s_comment LIKE '%Customer%Recommends%'")).toEqual([1]);
  });

  it('spreads values evenly', async () => {
    const [low, high] = await row(
      'SELECT min(n), max(n) FROM (SELECT l_quantity, count(*) AS n FROM lineitem GROUP BY ALL)',
    );
    expect(Number(low)).toBeGreaterThan(1000);
    expect(Number(high)).toBeLessThan(1400);
    expect(Number((await row('SELECT abs(corr(l_quantity, l_discount)) FROM lineitem'))[0])).toBeLessThan(0.02);
  });

  it('refuses a scale factor that makes no sense', async () => {
    await expect(generateSample(duckdb(), (table) => table, 0)).rejects.toThrow(RangeError);
    await expect(generateSample(duckdb(), (table) => table, 1000)).rejects.toThrow(RangeError);
  });
});
