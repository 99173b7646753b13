// TPC-H's 22 queries through the official driver: run anew, and answered with the result of the identical query before; and a million
// rows inserted by array binds, in requests of 10,000.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDriver } from './driver-connection.mjs';
import { startServerProcess } from './server-process.mjs';

const SCALE = Number(process.env.BENCH_SCALE ?? 0.1);
const TURNS = 3;
const BOUND_ROWS = Number(process.env.BENCH_BOUND_ROWS ?? 1_000_000);
const ROWS_A_REQUEST = 10_000;

const folderOfQueries = join(import.meta.dirname, '..', '..', 'tests', 'integration', 'tpch');
const queries = readdirSync(folderOfQueries).map((file) =>
  readFileSync(join(folderOfQueries, file), 'utf8').trim().replace(/;$/, ''),
);

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function medians(session, sql) {
  const times = [];
  for (let turn = 0; turn < TURNS; turn += 1) times.push(await timed(() => session.ask(sql)));
  return median(times);
}

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-bench-'));
  const server = await startServerProcess(join(folder, 'local'), SCALE);
  try {
    const session = await connectDriver(server.url);
    await session.ask('use schema SNOWFLAKE_SAMPLE_DATA.TPCH_SF1');
    const anew = [];
    const reused = [];
    for (const sql of queries) {
      await session.ask('alter session set use_cached_result = false');
      anew.push(await medians(session, sql));
      await session.ask('alter session set use_cached_result = true');
      await session.ask(sql);
      reused.push(await medians(session, sql));
    }
    await session.ask('create or replace database BOUND');
    await session.ask('create table T (A int, B varchar, C float)');
    const rows = Array.from({ length: ROWS_A_REQUEST }, (_, i) => [i, `row ${i}`, i / 2]);
    const bound = await timed(async () => {
      for (let sent = 0; sent < BOUND_ROWS; sent += rows.length)
        await session.ask('insert into T values (?, ?, ?)', rows);
    });
    await session.close();
    const sum = (values) => values.reduce((total, value) => total + value, 0);
    return {
      name: `local Snowflake: results used again, TPC-H at scale ${SCALE}; array binds`,
      rows: [
        { figure: '22 queries, run anew', value: sum(anew), unit: 'ms', note: `medians of ${TURNS}` },
        { figure: '22 queries, results used again', value: sum(reused), unit: 'ms' },
        { figure: 'ratio, median of the 22', value: median(reused.map((ms, i) => ms / anew[i])), unit: 'x' },
        { figure: 'a query answered so', value: median(reused), unit: 'ms', note: 'median' },
        {
          figure: `${BOUND_ROWS.toLocaleString('en')} rows of 3 array binds`,
          value: BOUND_ROWS / (bound / 1000),
          unit: 'rows/s',
        },
      ],
    };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
