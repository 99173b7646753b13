// Every process of a running system is ended with SIGKILL at a random moment, KILLS (50) times over; what was final stays so, and
// what was accepted is there.
import { randomInt } from 'node:crypto';
import { killEverything } from '../../tests/setup/chaos/kill-all.mjs';
import { percent, tally } from './figures.mjs';

const times = Number(process.env.KILLS ?? 50);
const seed = Number(process.env.CHAOS_SEED ?? randomInt(1_000_000));

export async function run() {
  const { jobs, notes, broken, leftOver } = await killEverything({ seed, times });
  for (const promise of broken) console.error(`  BROKEN ${promise}`);
  const unknown = jobs.filter(({ error }) => error?.code === 'OUTCOME_UNKNOWN');
  const accepted = notes.filter(({ job }) => job !== undefined);
  return {
    name: `every process killed at once, ${times} times (CHAOS_SEED=${seed})`,
    rows: [
      {
        figure: 'broken promises',
        value: broken.length,
        note: 'lost jobs, final ones that changed, writes done twice',
      },
      { figure: 'jobs a client had the id of', value: accepted.length },
      { figure: 'jobs given to more than one worker', value: jobs.filter(({ attempts }) => attempts > 1).length },
      { figure: 'OUTCOME_UNKNOWN', value: percent(unknown.length / jobs.length) },
      {
        figure: 'ends of jobs',
        value: tally(jobs.map(({ state, error }) => `${state}${error ? ` ${error.code}` : ''}`)),
      },
      {
        figure: 'left over',
        value: tally(Object.entries(leftOver).flatMap(([what, count]) => Array(count).fill(what))) || 'nothing',
      },
    ],
  };
}
