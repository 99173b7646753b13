// Statements of 50 ms by 10 and 20 clients at once, and statements one after the other: with pool and shared locks, and the old
// way (one connection behind one lock, locks always exclusive), in one process on one local Snowflake.
import { Stage } from '../../dist/cli/demo/stage.js';
import { closedLoop } from '../../dist/cli/verify/closed-loop.js';
import { openSite } from '../../dist/cli/verify/site.js';
import { median } from '../gateway/stdio-client.mjs';

const STATEMENT_MS = 50;
const FOR_MS = 4_000;
const ONE_BY_ONE = 200;
const OLD_WAY = ['connection-pool', 'read-write-locks'];

async function oneByOne(gateway) {
  const times = [];
  for (let turn = 0; turn < ONE_BY_ONE; turn += 1) {
    const asked = performance.now();
    await gateway.query({ client: 'alone' }, { sql: 'select 1' });
    times.push(performance.now() - asked);
  }
  return median(times);
}

async function measure(gateway) {
  const figures = {};
  for (const clients of [10, 20])
    figures[clients] = (await closedLoop(gateway, { clients, statementMs: STATEMENT_MS, forMs: FOR_MS })).perSecond;
  figures.alone = await oneByOne(gateway);
  return figures;
}

export async function run() {
  const stage = new Stage();
  try {
    const { store, backend } = await openSite(stage, []);
    const gateway = (await backend(20)).gateway();
    await gateway.query({ client: 'warm-up' }, { sql: 'select 1' });
    await closedLoop(gateway, { clients: 20, statementMs: STATEMENT_MS, forMs: 1_000 });
    const on = await measure(gateway);
    for (const flag of OLD_WAY) await store.setFlag(flag, 'all', false, 'bench');
    const off = await measure(gateway);
    const compared = (clients) => ({
      figure: `${clients} clients, statements per second`,
      value: `${on[clients].toFixed(0)} against ${off[clients].toFixed(0)}`,
      note: `${(on[clients] / off[clients]).toFixed(1)}x; ideal ${(clients * 1_000) / STATEMENT_MS}`,
    });
    return {
      name: 'pool and shared locks against the old way',
      rows: [
        compared(10),
        compared(20),
        {
          figure: 'one after the other, median',
          value: `${on.alone.toFixed(2)} against ${off.alone.toFixed(2)}`,
          unit: 'ms',
        },
      ],
    };
  } finally {
    await stage.end();
  }
}
