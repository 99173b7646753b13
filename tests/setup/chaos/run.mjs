import { setTimeout as delay } from 'node:timers/promises';
import { letWork, TABLE } from './clients.mjs';
import { disturb } from './disturbance.mjs';
import { System } from './system.mjs';
import { brokenPromises, jobsOf, leftOver, rowsOf, straight, unfinished } from './verdict.mjs';

const QUIET_CALLS_MS = 1_000;

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
}) {
  const system = await System.start({ workers, servers });
  try {
    const sentinel = await straight(system.warehouseUrl);
    await rowsOf(sentinel, 'create database chaos');
    await rowsOf(sentinel, `create table ${TABLE} (mark text, number int)`);
    await sentinel.close();
    const before = measure(system);

    const until = performance.now() + seconds * 1_000;
    const over = () => performance.now() >= until;
    const common = { urls: system.urls, timeoutS, pauseMs };
    const [notes, events] = await Promise.all([
      letWork({ ...common, count: clients, seed, over }),
      disturb({ system, seed, over, everyMs, longestMs }),
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
    const exitCodes = {};
    for (const [name, part] of Object.entries(system.parts))
      if (name !== 'warehouse') exitCodes[name] = await part.stop();

    const check = await straight(system.warehouseUrl);
    const written = new Map(await rowsOf(check, `select mark, count(*) from ${TABLE} group by mark`));
    await check.close();
    const { sockets, faults } = await system.proxy.counts();
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

function measure(system) {
  return Object.fromEntries(
    Object.entries(system.parts).map(([name, part]) => [
      name,
      { handles: part.handles, memoryMb: Math.round(part.memoryMb) },
    ]),
  );
}
