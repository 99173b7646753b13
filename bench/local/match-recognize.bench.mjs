// MATCH_RECOGNIZE through the official driver against window functions over the same rows; what twice the rows take where nothing matches; and how
// long a tiny statement of another session waits meanwhile.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDriver } from './driver-connection.mjs';
import { startServerProcess } from './server-process.mjs';

const ROWS = Number(process.env.BENCH_ROWS ?? 1_000_000);
const TURNS = 3;

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function medianOf(session, sql) {
  const times = [];
  for (let turn = 0; turn < TURNS; turn += 1) times.push(await timed(() => session.ask(sql)));
  return median(times);
}

const shape = (by, rows) =>
  `select count(*), sum(n) from ticks match_recognize (${by} order by id measures count(*) as n ${rows} pattern (s fall+ rise+)
   define fall as price < lag(price), rise as price > lag(price))`;
const windows = `select count(*), sum(n) from (select row_number() over (partition by g order by id) as n from ticks
   qualify price < lag(price) over (partition by g order by id))`;
const nothing = (rows) =>
  `select count(*) from (select * from ticks where id < ${rows}) match_recognize (order by id measures count(*) as n pattern (s* never)
   define s as price > 0, never as price < 0)`;

/** The longest that a tiny statement waited while `work` ran. */
async function longestWait(other, work) {
  let waited = 0;
  let ended = false;
  const working = work().finally(() => {
    ended = true;
  });
  while (!ended) waited = Math.max(waited, await timed(() => other.ask('select 1')));
  await working;
  return waited;
}

export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-snow-bench-'));
  const server = await startServerProcess(join(folder, 'local'));
  try {
    const session = await connectDriver(server.url);
    const other = await connectDriver(server.url);
    await session.ask('alter session set use_cached_result = false');
    await other.ask('alter session set use_cached_result = false');
    await session.ask('create database BENCH');
    await session.ask(
      `create table ticks as select seq4() as id, mod(seq4(), 1000) as g, uniform(1, 100, random(1)) as price
       from table(generator(rowcount => ${ROWS}))`,
    );
    const base = await medianOf(session, windows);
    const one = await medianOf(session, shape('partition by g', 'one row per match'));
    const whole = await medianOf(session, shape('', 'one row per match'));
    const all = await medianOf(session, shape('partition by g', 'all rows per match'));
    const half = await medianOf(session, nothing(ROWS / 2));
    const full = await medianOf(session, nothing(ROWS));
    const wait = await longestWait(other, () => session.ask(nothing(ROWS)));
    await session.close();
    await other.close();
    const rows = ROWS.toLocaleString('en');
    return {
      name: `local Snowflake: patterns in ${rows} rows`,
      rows: [
        { figure: 'two window functions', value: base, unit: 'ms', note: `medians of ${TURNS}` },
        { figure: 'one row per match, 1,000 partitions', value: one, unit: 'ms' },
        { figure: 'one row per match, one partition', value: whole, unit: 'ms' },
        { figure: 'all rows per match, 1,000 partitions', value: all, unit: 'ms' },
        { figure: 'one row per match against the window functions', value: one / base, unit: 'x' },
        { figure: 'twice the rows where nothing matches', value: full / half, unit: 'x' },
        { figure: 'longest wait of a tiny statement meanwhile', value: wait, unit: 'ms' },
      ],
    };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
