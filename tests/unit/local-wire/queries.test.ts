import { expect, test, vi } from 'vitest';
import type { EngineSession, StatementInput, StatementOutcome } from '../../../src/local/engine/engine.js';
import { LocalError } from '../../../src/local/engine/local-error.js';
import { DEFAULT_QUERY_LIMITS, Queries } from '../../../src/local/wire/queries.js';
import { ResultStore } from '../../../src/local/wire/result-store.js';

async function* row() {
  yield { json: '["1"]', rows: 1 };
}

const outcome = (queryId: string): StatementOutcome => ({
  queryId,
  statementTypeId: 0x1000,
  columns: [],
  blocks: row(),
  context: {},
  numberOfBinds: 0,
});

function session(
  execute: (input: StatementInput) => Promise<StatementOutcome> = async ({ queryId }) => outcome(queryId),
  parameters = {},
): EngineSession {
  return { id: '1', user: 'ME', context: {}, parameters, execute, close: async () => {} };
}

/** Runs until it is cancelled. */
const patient = session(
  ({ signal }) => new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
);

const queries = (limits = {}) => new Queries(new ResultStore('/nowhere'), { ...DEFAULT_QUERY_LIMITS, ...limits });

test('a time-out is the statement’s, else the session’s, else the server’s', () => {
  const all = queries({ statementTimeoutMs: 300_000 });
  const unset = { STATEMENT_TIMEOUT_IN_SECONDS: 172_800 };
  expect(all.timeoutMs(undefined, {})).toBe(300_000);
  expect(all.timeoutMs(undefined, unset)).toBe(300_000);
  expect(all.timeoutMs(undefined, { STATEMENT_TIMEOUT_IN_SECONDS: 600 })).toBe(600_000);
  expect(all.timeoutMs({ STATEMENT_TIMEOUT_IN_SECONDS: '5' }, { STATEMENT_TIMEOUT_IN_SECONDS: 600 })).toBe(5000);
  expect(all.timeoutMs({ STATEMENT_TIMEOUT_IN_SECONDS: 0 }, unset)).toBe(300_000);
  expect(all.timeoutMs({ STATEMENT_TIMEOUT_IN_SECONDS: 'soon' }, unset)).toBe(300_000);
  expect(all.timeoutMs({ STATEMENT_TIMEOUT_IN_SECONDS: 1e12 }, unset)).toBe(604_800_000);
});

test('a run that the engine remembers from an earlier process is found under its own query id', async () => {
  const all = queries();
  const query = all.start(
    session(async () => outcome('earlier')),
    { text: 'x', requestId: 'r' },
  );
  await query.settled;
  expect(all.find('earlier', 'ME')).toBe(query);
  expect(all.find(query.id, 'ME')).toBe(query);
  expect(all.find('earlier', 'SOMEBODY')).toBeUndefined();
});

test('what a statement ended with is given to whoever repeats its request id, an error too', async () => {
  const all = queries();
  const execute = vi.fn(async () => {
    throw new LocalError('002003', '42S02', 'no such table');
  });
  const first = all.start(session(execute), { text: 'x', requestId: 'r' });
  await first.settled;
  expect(all.start(session(execute), { text: 'x', requestId: 'r' })).toBe(first);
  expect(execute).toHaveBeenCalledTimes(1);
  expect(all.start(session(execute), { text: 'x', requestId: 'another' })).not.toBe(first);
});

test('a request id belongs to its user', async () => {
  const all = queries();
  const told: unknown[] = [];
  const execute = async (input: StatementInput) => {
    told.push(input.requestId);
    return outcome('done');
  };
  all.cancelByRequestId('r', 'NOBODY');
  const mine = all.start(session(execute), { text: 'x', requestId: 'r' });
  const theirs = all.start({ ...session(execute), user: 'SOMEBODY' }, { text: 'x', requestId: 'r' });
  await Promise.all([mine.settled, theirs.settled]);
  expect(theirs).not.toBe(mine);
  expect([mine.error, theirs.error]).toEqual([undefined, undefined]);
  // The engine remembers what a request changed: of somebody else it must not find it.
  expect(new Set(told)).toHaveLength(2);
});

test('more statements at once than allowed are refused until one has ended', async () => {
  const all = queries({ running: 2 });
  const [first] = [all.start(patient, { text: 'x' }), all.start(patient, { text: 'x' })];
  expect(() => all.start(patient, { text: 'x' })).toThrow(expect.objectContaining({ code: '000629' }));
  first.cancel();
  await first.settled;
  expect(all.running).toBe(1);
  all.start(patient, { text: 'x' });
  await all.cancelAll();
  expect(all.running).toBe(0);
});

test('a statement that nothing stops is ended at its time-out with Snowflake’s number', async () => {
  const all = queries({ statementTimeoutMs: 20 });
  const query = all.start(patient, { text: 'x' });
  await query.settled;
  expect(query.error).toMatchObject({ number: '000630', sqlState: '57014' });
  expect(query.cancel()).toBe(false);
});

test('ended statements are forgotten when they are too many or too old, running ones never', async () => {
  const all = queries({ kept: 2, keptMs: 1000 });
  const running = all.start(patient, { text: 'x' });
  const ended = [];
  for (let i = 0; i < 4; i += 1) {
    const query = all.start(session(), { text: 'x', requestId: `r${i}` });
    await query.settled;
    ended.push(query);
  }
  all.sweep();
  expect(ended.map((query) => all.find(query.id, 'ME') !== undefined)).toEqual([false, false, true, true]);
  all.sweep(Date.now() + 2000);
  expect(ended.some((query) => all.find(query.id, 'ME') !== undefined)).toBe(false);
  expect(all.find(running.id, 'ME')).toBe(running);
  await all.cancelAll();
});

test('with ABORT_DETACHED_QUERY a statement ends when nobody has asked for it for long enough', async () => {
  vi.useFakeTimers();
  try {
    const all = queries({ detachedMs: 300_000, statementTimeoutMs: 3_600_000 });
    const request = (requestId: string, abort: boolean) =>
      all.start(patient, { text: 'x', requestId, parameters: { ABORT_DETACHED_QUERY: abort } });
    const [left, kept, returned] = [request('a', true), request('b', false), request('c', true)];
    for (const query of [left, kept, returned]) query.attend()();
    await vi.advanceTimersByTimeAsync(299_000);
    const leave = returned.attend();
    await vi.advanceTimersByTimeAsync(10_000);
    await left.settled;
    expect(left.error).toMatchObject({ number: '000604' });
    expect([kept.running, returned.running]).toEqual([true, true]);
    leave();
    await vi.advanceTimersByTimeAsync(300_000);
    expect([kept.running, returned.running]).toEqual([true, false]);
    await all.cancelAll();
  } finally {
    vi.useRealTimers();
  }
});
