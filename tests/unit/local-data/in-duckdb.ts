import { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll } from 'vitest';
import { type BoundValue } from '../../../src/local/engine/encoding/binds.js';
import { type EncodeOptions, encodeQuery } from '../../../src/local/engine/encoding/encode-query.js';
import type { WireColumn } from '../../../src/local/engine/engine.js';

/** A connection to a DuckDB in memory, for the tests of one file. */
export function inDuckdb(): () => DuckDBConnection {
  let instance: DuckDBInstance;
  let connection: DuckDBConnection;
  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:', { threads: '2' });
    connection = await instance.connect();
  });
  afterAll(() => {
    connection.closeSync();
    instance.closeSync();
  });
  return () => connection;
}

export interface Encoded {
  readonly columns: readonly WireColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly blocks: readonly number[];
}

/** All of a query's rows as the wire would carry them. */
export async function encoded(
  connection: DuckDBConnection,
  sql: string,
  binds: readonly BoundValue[] = [],
  options: EncodeOptions = {},
): Promise<Encoded> {
  const { columns, blocks } = await encodeQuery(connection, sql, binds, options);
  const rows: (string | null)[][] = [];
  const sizes: number[] = [];
  for await (const block of blocks) {
    const parsed = JSON.parse(`[${block.json}]`) as (string | null)[][];
    if (parsed.length !== block.rows) throw new Error(`${parsed.length} rows in a block that says ${block.rows}`);
    rows.push(...parsed);
    sizes.push(block.json.length);
  }
  return { columns, rows, blocks: sizes };
}
