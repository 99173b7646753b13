// A million rows out of the local Snowflake through the driver, against DuckDB giving the same rows out by itself, alternating in one
// run; and the memory of both sides.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDriver } from './driver-connection.mjs';
import { startServerProcess } from './server-process.mjs';

const ROWS = Number(process.env.BENCH_ROWS ?? 1_000_000);
const TURNS = 3;
const IN_SNOWFLAKE = `select seq4() as id, 'customer ' || seq4() as name, seq4() * 1.25 as amount, dateadd(day, seq4() % 1000, '2020-01-01'::date) as day from table(generator(rowcount => ${ROWS}))`;
const IN_DUCKDB = `select range as id, 'customer ' || range as name, cast(range * 1.25 as decimal(20,2)) as amount, date '2020-01-01' + cast(range % 1000 as integer) as day from range(${ROWS})`;

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const MB = 1024 * 1024;

async function seconds(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Makes the table and reads it once. */
async function clientMemory(url) {
  const session = await connectDriver(url);
  await session.ask('create database bench');
  await session.ask(`create table bench.public.wide as ${IN_SNOWFLAKE}`);
  const resident = () => Math.round(process.memoryUsage().rss / MB);
  const before = resident();
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, resident());
  }, 20);
  await session.stream('select * from bench.public.wide');
  clearInterval(watch);
  await session.close();
  return { before, peak };
}

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-snow-bench-'));
  const server = await startServerProcess(join(folder, 'local'));
  const atRest = server.resident();
  // The client's memory is looked at before DuckDB is in this process.
  const client = await clientMemory(server.url);
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const duckdb = await DuckDBInstance.create(join(folder, 'plain.duckdb'));
  const plain = await duckdb.connect();
  try {
    const session = await connectDriver(server.url);
    await plain.run(`create table wide as ${IN_DUCKDB}`);
    const times = { driver: [], csv: [], reader: [] };
    for (let turn = 0; turn < TURNS; turn += 1) {
      times.driver.push(await seconds(async () => await session.stream('select * from bench.public.wide')));
      times.csv.push(await seconds(async () => await plain.run(`copy wide to '${join(folder, 'out.csv')}'`)));
      times.reader.push(
        await seconds(async () => {
          const result = await plain.stream('select * from wide');
          for (let chunk = await result.fetchChunk(); chunk?.rowCount > 0; chunk = await result.fetchChunk())
            chunk.getRows();
        }),
      );
    }
    await session.close();
    const rate = (values) => ROWS / median(values);
    return {
      name: `local Snowflake: ${ROWS} rows of 4 columns`,
      rows: [
        { figure: 'through the driver', value: rate(times.driver), unit: 'rows/s' },
        { figure: "DuckDB's COPY to CSV", value: rate(times.csv), unit: 'rows/s' },
        { figure: "DuckDB's own reader, as JavaScript values", value: rate(times.reader), unit: 'rows/s' },
        { figure: 'driver against the reader', value: median(times.driver) / median(times.reader), unit: 'x the time' },
        { figure: 'server at rest', value: atRest, unit: 'MB resident' },
        { figure: 'server at peak', value: server.peak(), unit: 'MB resident' },
        { figure: 'client before and at peak', value: `${client.before}, ${client.peak}`, unit: 'MB resident' },
      ],
    };
  } finally {
    plain.closeSync();
    duckdb.closeSync();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
