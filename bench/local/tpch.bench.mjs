// TPC-H's 22 queries through the official driver and the local Snowflake, against plain DuckDB with a file of the same rows and
// types, alternating in one run; and what encoding a large result costs over DuckDB running the query.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeQuery } from '../../dist/local/engine/encoding/encode-query.js';
import { columnTypeOf } from '../../dist/local/engine/types/duckdb-type.js';
import { generateSample } from '../../dist/local/sample/generate-sample.js';
import { sampleTables } from '../../dist/local/sample/sample-tables.js';
import { startLocalServer } from '../../dist/local/server.js';
import { connectDriver } from './driver-connection.mjs';

const SCALE = Number(process.env.BENCH_SCALE ?? 0.1);
const TURNS = 5;
const WIDE = 'SELECT * FROM lineitem ORDER BY l_orderkey, l_linenumber LIMIT 100000';

const folderOfQueries = join(import.meta.dirname, '..', '..', 'tests', 'integration', 'tpch');
const queries = readdirSync(folderOfQueries).map((file) =>
  readFileSync(join(folderOfQueries, file), 'utf8').trim().replace(/;$/, ''),
);
const inDuckdb = (sql) => sql.replace(/dateadd\((\w+), (-?\d+), ('[\d-]+'::date)\)/g, "($3 + INTERVAL '$2 $1')");

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function alternating(one, other) {
  const times = [[], []];
  for (let turn = 0; turn < TURNS; turn += 1) {
    times[0].push(await timed(one));
    times[1].push(await timed(other));
  }
  return times.map(median);
}

async function plainDuckdb(folder) {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(join(folder, 'plain.duckdb'));
  const connection = await instance.connect();
  for (const { name, columns } of sampleTables()) {
    await connection.run(
      `CREATE TABLE ${name} (${columns.map((c) => `${c.name} ${columnTypeOf(c.type)}`).join(', ')})`,
    );
  }
  await generateSample(connection, (table) => table, SCALE);
  await connection.run('CHECKPOINT');
  return { instance, connection };
}

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-bench-'));
  const server = await startLocalServer({
    host: '127.0.0.1',
    port: 0,
    dataDir: join(folder, 'local'),
    sampleScale: SCALE,
  });
  const { instance, connection } = await plainDuckdb(folder);
  try {
    const session = await connectDriver(server.url);
    await session.ask('alter session set use_cached_result = false');
    await session.ask('use schema SNOWFLAKE_SAMPLE_DATA.TPCH_SF1');
    const each = [];
    for (const sql of queries) {
      const [local, plain] = await alternating(
        () => session.ask(sql),
        async () => (await connection.run(inDuckdb(sql))).getRows(),
      );
      each.push({ local, plain });
    }
    const [encoded, executed] = await alternating(
      async () => {
        for await (const block of (await encodeQuery(connection, WIDE)).blocks) if (block.rows === 0) return;
      },
      async () => {
        const result = await connection.stream(WIDE);
        for (let chunk = await result.fetchChunk(); chunk?.rowCount > 0; ) chunk = await result.fetchChunk();
      },
    );
    await session.close();
    const sum = (side) => each.reduce((total, times) => total + times[side], 0);
    return {
      name: `local Snowflake: TPC-H at scale ${SCALE} through the driver`,
      rows: [
        { figure: '22 queries, local', value: sum('local'), unit: 'ms', note: `medians of ${TURNS}` },
        { figure: '22 queries, plain DuckDB', value: sum('plain'), unit: 'ms' },
        {
          figure: 'ratio, median of the 22',
          value: median(each.map(({ local, plain }) => local / plain)),
          unit: 'x',
          note: 'aim: 1.25 for queries of 50 ms and more',
        },
        {
          figure: 'ratio, median of those of 50 ms and more',
          value:
            median(each.filter(({ plain }) => plain >= 50).map(({ local, plain }) => local / plain)) ??
            'none is as long',
          unit: 'x',
        },
        { figure: 'ratio of the sums', value: sum('local') / sum('plain'), unit: 'x', note: 'aim: at most 2' },
        {
          figure: 'added to a query',
          value: median(each.map(({ local, plain }) => local - plain)),
          unit: 'ms',
          note: 'median',
        },
        { figure: '100,000 rows x 16 encoded', value: encoded, unit: 'ms' },
        { figure: 'the same, DuckDB alone', value: executed, unit: 'ms' },
      ],
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
