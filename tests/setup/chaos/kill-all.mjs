import { setTimeout as delay } from 'node:timers/promises';
import { letWork, TABLE } from './clients.mjs';
import { between, drawsOf } from './draws.mjs';
import { System } from './system.mjs';
import { brokenPromises, jobsOf, leftOver, rowsOf, straight, unfinished } from './verdict.mjs';

const FINAL = ['succeeded', 'failed', 'cancelled', 'expired'];

/**
 * Ends every process of a running system with SIGKILL at a random moment, looks into the file, starts them again; `times`
 * over. What was final before a kill has to be so after it, word for word, and whatever a client holds an id of has to be there.
 */
export async function killEverything({ seed, times, clients = 10, leastMs = 100, mostMs = 1_500, settleMs = 60_000 }) {
  const draw = drawsOf(seed);
  const system = await System.start({ workers: 1, servers: 1 });
  try {
    const first = await straight(system.warehouseUrl);
    await rowsOf(first, 'create database chaos');
    await rowsOf(first, `create table ${TABLE} (mark text, number int)`);
    await first.close();

    let over = false;
    const working = letWork({
      count: clients,
      urls: system.urls,
      seed,
      over: () => over,
      timeoutS: 20,
      pauseMs: 5,
      startShare: 0.5,
    });
    const broken = [];
    let final = new Map();
    for (let round = 1; round <= times; round += 1) {
      await delay(between(draw, leastMs, mostMs));
      await Promise.all([...Object.values(system.parts).map((part) => part.kill()), system.proxy.kill()]);
      const now = finalOf(system.db);
      broken.push(...changed(final, now).map((what) => `${what} (kill ${round})`));
      final = now;
      if (round === times) over = true;
      await Promise.all([...Object.values(system.parts).map((part) => part.start()), system.proxy.restart()]);
    }
    const notes = await working;
    const settledBy = performance.now() + settleMs;
    while (unfinished(system.db).length > 0 && performance.now() < settledBy) await delay(50);
    broken.push(...changed(final, finalOf(system.db)));

    await Promise.all([...system.workers, ...system.servers].map((part) => part.stop()));
    const check = await straight(system.warehouseUrl);
    const written = new Map(await rowsOf(check, `select mark, count(*) from ${TABLE} group by mark`));
    await check.close();
    const jobs = jobsOf(system.db);
    const ids = new Set(jobs.map(({ id }) => id));
    const lost = notes.filter(({ job }) => job !== undefined && !ids.has(job));
    return {
      seed,
      jobs,
      notes,
      broken: [
        ...broken,
        ...brokenPromises({ notes, jobs, written }),
        ...lost.map(({ job }) => `a job is lost: ${job}`),
      ],
      leftOver: leftOver(system.db),
    };
  } finally {
    await system.end();
  }
}

function finalOf(db) {
  return new Map(
    jobsOf(db)
      .filter(({ state }) => FINAL.includes(state))
      .map((job) => [job.id, JSON.stringify(job)]),
  );
}

function changed(before, after) {
  return [...before]
    .filter(([id, job]) => after.get(id) !== job)
    .map(([id, job]) => `a job that had ended is another one now: ${job} → ${after.get(id)}`);
}
