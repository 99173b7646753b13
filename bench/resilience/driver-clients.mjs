// Clients on the bare driver, in a process of their own: orders come from the benchmark, notes go back.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import driver from 'snowflake-sdk';
import { TABLE } from '../../tests/setup/chaos/clients.mjs';
import { between, drawsOf } from '../../tests/setup/chaos/draws.mjs';

const TIMEOUT_S = 20;
const PAUSE_MS = 20;

const within = (ms, start) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('gave up')), ms);
    start((failure, value) => {
      clearTimeout(timer);
      if (failure) reject(failure);
      else resolve(value);
    });
  });

/** As careful as a program on the driver usually is: it connects again when the connection is down. */
async function driverClient(options, seed, over, notes) {
  const draw = drawsOf(seed);
  let connection;
  while (!over()) {
    const mark = randomUUID();
    const number = Math.floor(draw() * 1_000_000);
    const kind = draw() < 0.4 ? 'write' : 'read';
    const sqlText =
      kind === 'read'
        ? `select '${mark}' as mark, ${number} * 7 as product`
        : `insert into ${TABLE} select '${mark}', ${number}`;
    const began = performance.now();
    const note = { mark, kind, outcome: 'right' };
    try {
      if (connection?.isUp() !== true) {
        connection = driver.createConnection(options);
        await within(TIMEOUT_S * 1_000, (done) => connection.connect(done));
      }
      const parameters = { STATEMENT_TIMEOUT_IN_SECONDS: TIMEOUT_S };
      await within(TIMEOUT_S * 1_000, (done) =>
        connection.execute({ sqlText, parameters, complete: (failure, _statement, rows) => done(failure, rows) }),
      );
    } catch (failure) {
      note.outcome = failure.message === 'gave up' ? 'gave up' : 'failed';
      if (note.outcome === 'gave up') connection = undefined;
      await delay(between(draw, 50, 200));
    }
    note.ms = performance.now() - began;
    notes.push(note);
    await delay(PAUSE_MS * between(draw, 0.5, 1.5));
  }
}

process.once('message', async ({ options, seed, count, seconds }) => {
  driver.configure({ logLevel: 'OFF', additionalLogToConsole: false });
  const until = performance.now() + seconds * 1_000;
  const notes = [];
  const over = () => performance.now() >= until;
  await Promise.all(Array.from({ length: count }, (_, at) => driverClient(options, seed + at, over, notes)));
  process.send(notes);
});
