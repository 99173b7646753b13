import { setTimeout as delay } from 'node:timers/promises';
import { letWork, TABLE } from './clients.mjs';
import { disturb } from './disturbance.mjs';
import { System } from './system.mjs';
import { brokenPromises, jobsOf, leftOver, rowsOf, straight, unfinished } from './verdict.mjs';

const QUIET_CALLS_MS = 1_000;
/** How much longer a slow machine is given to come to what is wanted at least. */
const PATIENCE_MS = 30_000;

/**
 * Clients read and write for `seconds` while everything goes wrong; then all is well again, and what was promised is
 * compared with what is there.
 */
export async function runChaos({
  seed,
  seconds,
  clients = 20,
  workers = 2,
  servers = 2,
  timeoutS = 20,
  pauseMs = 20,
  everyMs = 5_000,
  longestMs = 3_000,
  settleMs = 60_000,
  least = { answers: 0, events: 0 },
  only,
}) {
  const system = await System.start({ workers, servers });
  try {
    const sentinel = await straight(system.warehouseUrl);
    await rowsOf(sentinel, 'create database chaos');
    await rowsOf(sentinel, `create table ${TABLE} (mark text, number int)`);
    await sentinel.close();
    const before = measure(system);

    const notes = [];
    const events = [];
    const until = performance.now() + seconds * 1_000;
    const answered = () => notes.filter(({ outcome }) => outcome === 'right').length;
    const enough = () => events.length >= least.events && answered() >= least.answers;
    const over = () => performance.now() >= until && (enough() || performance.now() >= until + PATIENCE_MS);
    const common = { urls: system.urls, timeoutS, pauseMs };
    const [, faults] = await Promise.all([
      letWork({ ...common, count: clients, seed, over, notes }),
      disturb({ system, seed, over, everyMs, longestMs, only, events }),
    ]);

    const settledBy = performance.now() + settleMs;
    while (unfinished(system.db).length > 0 && performance.now() < settledBy) await delay(50);

    // Sessions of processes that were killed are the warehouse's to end. It starts anew, so that what is open at the end
    // belongs to those who are alive.
    await system.warehouse.kill();
    await system.warehouse.start();
    const quietUntil = performance.now() + QUIET_CALLS_MS;
    const quiet = await letWork({
      ...common,
      count: clients,
      seed: seed + 1_000,
      over: () => performance.now() >= quietUntil,
    });
    while (unfinished(system.db).length > 0 && performance.now() < settledBy) await delay(50);
    const after = measure(system);
    const ours = Object.entries(system.parts).filter(([name]) => name !== 'warehouse');
    const exitCodes = Object.fromEntries(
      await Promise.all(ours.map(async ([name, part]) => [name, await part.stop()])),
    );

    const check = await straight(system.warehouseUrl);
    const written = new Map(await rowsOf(check, `select mark, count(*) from ${TABLE} group by mark`));
    await check.close();
    const { sockets } = await system.proxy.counts();
    const { sessions, running } = await system.health();
    const jobs = jobsOf(system.db);
    return {
      seed,
      notes,
      quiet,
      events,
      jobs,
      faults,
      broken: brokenPromises({ notes: [...notes, ...quiet], jobs, written }),
      leftOver: { ...leftOver(system.db), sockets, sessions, running },
      exitCodes,
      before,
      after,
      errors: Object.fromEntries(Object.entries(system.parts).map(([name, part]) => [name, part.errors])),
    };
  } finally {
    await system.end();
  }
}

/**
 * Of the jobs that were admitted while everything was there, the share that succeeded; and of the writes the share whose
 * outcome nobody knows.
 */
export function shares({ jobs, events }) {
  const during = ({ createdAt }) => events.some(({ from, to }) => createdAt >= from && createdAt <= to);
  const outside = jobs.filter((job) => !during(job));
  const writes = jobs.filter(({ write }) => write === 1);
  const unknown = writes.filter(({ error }) => error?.code === 'OUTCOME_UNKNOWN');
  return {
    outside: outside.length,
    answered: outside.filter(({ state }) => state === 'succeeded').length / outside.length,
    answeredOfAll: jobs.filter(({ state }) => state === 'succeeded').length / jobs.length,
    unknown: unknown.length / writes.length,
  };
}

function measure(system) {
  return Object.fromEntries(
    Object.entries(system.parts).map(([name, part]) => [
      name,
      { handles: part.handles, memoryMb: Math.round(part.memoryMb) },
    ]),
  );
}
