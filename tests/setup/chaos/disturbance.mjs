// What goes wrong, by a seed: faults of the network all the time, and every now and then a process killed or the network gone.
import { setTimeout as delay } from 'node:timers/promises';
import { between, drawsOf, weighted } from './draws.mjs';

const QUERIES = '/query-request';

/** Of all requests about one in 25 is broken and one in 25 slow. */
export const NETWORK_FAULTS = [
  { kind: 'reset', share: 0.005 },
  { kind: 'reset-after', share: 0.005, path: QUERIES },
  { kind: 'half-answer', share: 0.004, path: QUERIES },
  { kind: 'lost-answer', share: 0.001, path: QUERIES },
  { kind: 'black-hole', share: 0.001, path: QUERIES },
  { kind: 'status', status: 503, retryAfterS: 1, share: 0.005 },
  { kind: 'status', status: 429, share: 0.004 },
  { kind: 'status-after', status: 503, share: 0.003, path: QUERIES },
  { kind: 'session-expired', share: 0.004, path: QUERIES },
  { kind: 'session-gone', share: 0.003, path: QUERIES },
  { kind: 'token-invalid', share: 0.002, path: QUERIES },
  { kind: 'master-expired', share: 0.2, path: 'token-request' },
  { kind: 'delay', share: 0.03, ms: [50, 500] },
  { kind: 'slow', share: 0.01, bytesPerS: 4_000 },
];

/** Blows to the network and to what is behind it, as against those to our own processes. */
export const TO_THE_WAREHOUSE = ['warehouse', 'proxy', 'refused connections', 'black hole', 'half-open sockets'];

/**
 * Kills and outages until `over()`: of those named in `only`, or all. Notes them in `events` as `{ what, from, to }` in ms since
 * the epoch, from the blow to when the part is ready again. Resolves to the faults of the network by kind.
 */
export async function disturb({ system, seed, over, everyMs, longestMs, only, events = [] }) {
  const draw = drawsOf(seed);
  const faults = {};
  const { proxy } = system;

  /** A proxy that is killed takes its counts along. */
  async function addFaults() {
    for (const [kind, count] of Object.entries((await proxy.counts()).faults))
      faults[kind] = (faults[kind] ?? 0) + count;
  }

  async function killPart(name) {
    const part = system.parts[name];
    await part.kill();
    await delay(between(draw, 0, longestMs / 2));
    await part.start();
  }

  const blows = [
    [4, 'worker', () => killPart(`worker ${1 + Math.floor(draw() * system.workers.length)}`)],
    [3, 'server', () => killPart(`server ${1 + Math.floor(draw() * system.servers.length)}`)],
    [1, 'warehouse', () => killPart('warehouse')],
    [
      1,
      'proxy',
      async () => {
        await addFaults();
        await proxy.kill();
        await delay(between(draw, 0, longestMs / 2));
        await proxy.restart();
        await proxy.faults(NETWORK_FAULTS, { seed });
      },
    ],
    [1, 'refused connections', () => outage('refuse')],
    [1, 'black hole', () => outage('black-hole')],
    [1, 'half-open sockets', () => proxy.halfOpen()],
  ]
    .filter(([, what]) => only === undefined || only.includes(what))
    .map(([weight, what, strike]) => [weight, { what, strike }]);

  async function outage(kind) {
    await proxy.outage(kind);
    await delay(between(draw, longestMs / 4, longestMs));
    await proxy.outage('none');
  }

  await proxy.faults(NETWORK_FAULTS, { seed });
  for (;;) {
    const until = performance.now() + everyMs * between(draw, 0.5, 1.5);
    while (performance.now() < until && !over()) await delay(50);
    if (over()) break;
    const { what, strike } = weighted(draw, blows);
    const event = { what, from: Date.now() };
    await strike();
    events.push({ ...event, to: Date.now() });
  }
  await proxy.faults([]);
  await addFaults();
  return faults;
}
