import type { DuckDBConnection } from '@duckdb/node-api';
import { lineitemSql, orderHeadsSql, ordersSql } from './orders.js';
import { customerSql, nationSql, regionSql, supplierSql } from './parties.js';
import { partSql, partsuppSql } from './products.js';
import { poolSql } from './pseudo-text.js';
import { sampleSize } from './sample-size.js';

const POOL = 'temp.main.sample_pool';
const HEADS = 'temp.main.sample_order_heads';

/**
 * Fills the eight tables of `sampleTables`, which are there and empty, after the distributions of the TPC-H specification
 * (clause 4.2): the same rows on every machine for the same scale factor. All work is SQL inside DuckDB; the caller's
 * transaction, if any, holds it together.
 *
 * @param physicalNameOf the quoted DuckDB name of a table
 * @param scaleFactor 1 is TPC-H's smallest official size (8.7 million rows); 0.01 takes under a second
 */
export async function generateSample(
  connection: DuckDBConnection,
  physicalNameOf: (table: string) => string,
  scaleFactor: number,
): Promise<void> {
  if (!(scaleFactor > 0 && scaleFactor <= 10)) throw new RangeError('the scale factor must be above 0 and at most 10');
  const size = sampleSize(scaleFactor);
  const fill = async (table: string, query: string) => {
    await connection.run(`INSERT INTO ${physicalNameOf(table)} ${query}`);
  };
  await connection.run(poolSql(POOL));
  await fill('REGION', regionSql(POOL));
  await fill('NATION', nationSql(POOL));
  await fill('SUPPLIER', supplierSql(POOL, size));
  await fill('CUSTOMER', customerSql(POOL, size));
  await fill('PART', partSql(POOL, size));
  await fill('PARTSUPP', partsuppSql(POOL, size));
  await connection.run(`CREATE TEMP TABLE ${HEADS} AS ${orderHeadsSql(POOL, size)}`);
  await fill('LINEITEM', lineitemSql(POOL, HEADS, size));
  await fill('ORDERS', ordersSql(HEADS, physicalNameOf('LINEITEM')));
  await connection.run(`DROP TABLE ${HEADS}`);
  await connection.run(`DROP TABLE ${POOL}`);
}
