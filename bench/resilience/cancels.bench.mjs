// A thousand statements, two thirds of them cancelled at a random moment; what is open and used before and after.
import { randomInt } from 'node:crypto';
import { cancelAtRandom } from '../../tests/setup/chaos/cancels.mjs';
import { tally } from './figures.mjs';

const operations = Number(process.env.OPERATIONS ?? 1_000);
const seed = Number(process.env.CHAOS_SEED ?? randomInt(1_000_000));

export async function run() {
  const { before, after, leftOver, jobs } = await cancelAtRandom({ seed, operations });
  return {
    name: `${operations} statements with random cancels (CHAOS_SEED=${seed}), before and after`,
    rows: [
      ...Object.keys(before).map((figure) => ({ figure, value: `${before[figure]} → ${after[figure]}` })),
      {
        figure: 'rows left over',
        value: tally(Object.entries(leftOver).flatMap(([what, count]) => Array(count).fill(what))) || 'none',
      },
      { figure: 'ends of jobs', value: tally(jobs.map(({ state }) => state)) },
    ],
  };
}
