// Clients of `serve --http` that read and write, take no for an answer, and note what they were told.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { RawMcpClient } from '../raw-mcp-client.mjs';
import { between, drawsOf } from './draws.mjs';

export const TABLE = 'chaos.public.log';

/** Not taken: nothing was queued, come back later. */
const REFUSALS = ['CIRCUIT_OPEN', 'DEGRADED', 'QUEUE_FULL', 'RATE_LIMITED', 'QUOTA_EXCEEDED'];
const LONGEST_PAUSE_MS = 1_000;

/** A statement that can be told from all others, and what its answer has to be. */
function statement(draw) {
  const mark = randomUUID();
  const number = Math.floor(draw() * 1_000_000);
  const kind = draw() < 0.4 ? 'write' : 'read';
  if (kind === 'read')
    return { mark, kind, sql: `select '${mark}' as mark, ${number} * 7 as product`, expected: [[mark, number * 7]] };
  return { mark, kind, sql: `insert into ${TABLE} select '${mark}', ${number}`, expected: [[1]] };
}

function tell(failure) {
  try {
    const told = JSON.parse(failure.message);
    return {
      code: told.code ?? told.error?.code ?? String(told.message),
      retryAfterMs: told.retryAfterMs ?? told.error?.retryAfterMs,
    };
  } catch {
    return { code: undefined };
  }
}

/**
 * One client until `over` says so. Notes `{ mark, kind, at, ms, outcome, code? }`; outcomes are `right`, `wrong`, `accepted` (by `start_query`),
 * `detached` (the job goes on), `failed` (an error was told), `refused`, `lost` (the server went away).
 */
async function work({ name, urls, seed, over, timeoutS, pauseMs, startShare }, notes) {
  const draw = drawsOf(seed);
  let at = Math.floor(draw() * urls.length);
  let client;
  while (!over()) {
    const { mark, kind, sql, expected } = statement(draw);
    const note = { mark, kind, at: Date.now() };
    const began = performance.now();
    try {
      if (client === undefined) {
        const fresh = new RawMcpClient({ url: urls[at % urls.length], name, era: 'modern' });
        await fresh.open();
        client = fresh;
      }
      const detached = draw() < startShare;
      const answer = detached
        ? await client.call('start_query', { sql, timeout_s: timeoutS })
        : await client.call('query', { sql, timeout_s: timeoutS, wait_s: 45 });
      note.job = answer.job_id;
      if (detached) note.outcome = 'accepted';
      else if (answer.state !== 'succeeded') note.outcome = 'detached';
      else note.outcome = JSON.stringify(answer.rows) === JSON.stringify(expected) ? 'right' : 'wrong';
    } catch (failure) {
      const { code, retryAfterMs } = tell(failure);
      note.code = code;
      if (code === undefined) {
        note.outcome = 'lost';
        client?.close();
        client = undefined;
        at += 1;
        await delay(between(draw, 50, 200));
      } else if (REFUSALS.includes(code)) {
        note.outcome = 'refused';
        note.retryAfterMs = retryAfterMs;
        await delay(Math.min(retryAfterMs ?? 100, LONGEST_PAUSE_MS) * between(draw, 1, 1.2));
      } else {
        note.outcome = 'failed';
        note.text = failure.message;
      }
    }
    note.ms = performance.now() - began;
    notes.push(note);
    if (pauseMs > 0) await delay(pauseMs * between(draw, 0.5, 1.5));
  }
  client?.close();
}

/** Lets clients work until `over()`; resolves to their notes when the last call has ended. */
export async function letWork({ count, urls, seed, over, timeoutS, pauseMs, startShare = 0, notes = [] }) {
  const all = Array.from({ length: count }, (_, index) =>
    work({ name: `client-${index + 1}`, urls, seed: seed + index, over, timeoutS, pauseMs, startShare }, notes),
  );
  await Promise.all(all);
  return notes;
}
