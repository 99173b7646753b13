// The share of work that survives the same faults and outages: twenty clients through mcp-snow, and twenty on the bare driver with
// its own retries, one after the other. A call that has no right answer after its time has not survived.
import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { letWork, TABLE } from '../../tests/setup/chaos/clients.mjs';
import { disturb, TO_THE_WAREHOUSE } from '../../tests/setup/chaos/disturbance.mjs';
import { System } from '../../tests/setup/chaos/system.mjs';
import { jobsOf, rowsOf, straight, unfinished } from '../../tests/setup/chaos/verdict.mjs';
import { percent, percentile, tally } from './figures.mjs';

const seconds = Number(process.env.CHAOS_SECONDS ?? 40);
const seed = Number(process.env.CHAOS_SEED ?? randomInt(1_000_000));
const CLIENTS = 20;
const TIMEOUT_S = 20;
const PAUSE_MS = 20;

/** Under which both sides work. */
async function underFaults(system, letAllWork) {
  const first = await straight(system.warehouseUrl);
  await rowsOf(first, 'create database chaos');
  await rowsOf(first, `create table ${TABLE} (mark text, number int)`);
  await first.close();
  const until = performance.now() + seconds * 1_000;
  const over = () => performance.now() >= until;
  const events = [];
  const [notes] = await Promise.all([
    letAllWork(over),
    disturb({ system, seed, over, everyMs: 5_000, longestMs: 3_000, only: TO_THE_WAREHOUSE, events }),
  ]);
  return { notes, events };
}

async function written(system) {
  const check = await straight(system.warehouseUrl);
  const marks = new Map(await rowsOf(check, `select mark, count(*) from ${TABLE} group by mark`));
  await check.close();
  return marks;
}

async function throughGateway() {
  const system = await System.start({ workers: 2, servers: 1 });
  try {
    const { notes, events } = await underFaults(system, (over) =>
      letWork({ count: CLIENTS, urls: system.urls, seed, over, timeoutS: TIMEOUT_S, pauseMs: PAUSE_MS }),
    );
    while (unfinished(system.db).length > 0) await delay(100);
    const unknown = jobsOf(system.db).filter(({ error }) => error?.code === 'OUTCOME_UNKNOWN').length;
    return { notes, events, unknown, marks: await written(system) };
  } finally {
    await system.end();
  }
}

async function onTheDriver() {
  const system = await System.start({ workers: 0, servers: 0 });
  try {
    const options = { account: 'local', accessUrl: system.proxy.url, username: 'mcp_snow', password: 'mcp_snow' };
    const { notes, events } = await underFaults(system, () =>
      inAnotherProcess({ options, seed, count: CLIENTS, seconds }),
    );
    return { notes, events, marks: await written(system) };
  } finally {
    await system.end();
  }
}

/** The driver goes on repeating what was given up, for ever; so does its process. */
async function inAnotherProcess(order) {
  const child = fork(join(import.meta.dirname, 'driver-clients.mjs'));
  child.send(order);
  try {
    const [notes] = await once(child, 'message');
    return notes;
  } finally {
    child.kill('SIGKILL');
  }
}

function figures(name, { notes, events, marks, unknown }) {
  const made = notes.filter(({ outcome }) => outcome !== 'refused');
  const right = made.filter(({ outcome }) => outcome === 'right');
  const untold = made.filter(({ mark, kind, outcome }) => kind === 'write' && outcome !== 'right' && marks.has(mark));
  const twice = [...marks.values()].filter((times) => times > 1);
  return [
    {
      figure: `${name}: survived`,
      value: percent(right.length / made.length),
      note: `${right.length} of ${made.length}; outages: ${tally(events.map(({ what }) => what))}`,
    },
    { figure: `${name}: outcomes`, value: tally(notes.map(({ outcome }) => outcome)) },
    {
      figure: `${name}: writes done, but not told so`,
      value: untold.length,
      ...(unknown === undefined ? {} : { note: `OUTCOME_UNKNOWN ${unknown}` }),
    },
    { figure: `${name}: writes done twice`, value: twice.length },
    {
      figure: `${name}: right answers p50, p99`,
      value: `${percentile(
        right.map(({ ms }) => ms),
        0.5,
      ).toFixed(0)}, ${percentile(
        right.map(({ ms }) => ms),
        0.99,
      ).toFixed(0)}`,
      unit: 'ms',
    },
  ];
}

export async function run() {
  const gateway = await throughGateway();
  const driver = await onTheDriver();
  return {
    name: `survival under faults, ${seconds} s each (CHAOS_SEED=${seed}), 20 clients`,
    rows: [...figures('mcp-snow', gateway), ...figures('bare driver', driver)],
  };
}
