// What the database file and the warehouse say about all calls, afterwards.
import { randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import { openConnection } from '../../../dist/warehouse/snowflake/connection.js';
import { TABLE } from './clients.mjs';

const FINAL = ['succeeded', 'failed', 'cancelled', 'expired'];

/** A connection past the proxy. */
export async function straight(url) {
  const options = { account: 'local', accessUrl: url, username: 'mcp_snow', password: 'mcp_snow' };
  return await openConnection({ name: 'straight', local: true, options });
}

export async function rowsOf(connection, sql) {
  const rows = [];
  await connection.execute({
    sql,
    requestId: randomUUID(),
    queryTag: '',
    maxRows: 10_000_000,
    maxBytes: 1_000_000_000,
    timeoutMs: 60_000,
    stallMs: 60_000,
    onRows: async (batch) => void rows.push(...batch),
  });
  return rows;
}

export function jobsOf(db) {
  const file = new Database(db, { readonly: true });
  try {
    return file
      .prepare(
        `SELECT id, state, write, attempts, created_at AS createdAt, finished_at AS finishedAt, error, payload
         FROM jobs JOIN job_work ON job_work.job = jobs.seq`,
      )
      .all()
      .map((job) => ({
        ...job,
        error: job.error === null ? undefined : JSON.parse(job.error),
        mark: /'([0-9a-f-]{36})'/.exec(job.payload)?.[1],
      }));
  } finally {
    file.close();
  }
}

export const unfinished = (db) => jobsOf(db).filter(({ state }) => !FINAL.includes(state));

/** Rows that must not outlive the work. */
export function leftOver(db) {
  const file = new Database(db, { readonly: true });
  const count = (table, where = '1 = 1') => file.prepare(`SELECT COUNT(*) AS n FROM ${table} WHERE ${where}`).get().n;
  try {
    return {
      unfinished: count('jobs', `state NOT IN (${FINAL.map((state) => `'${state}'`).join(', ')})`),
      // Rows of leases stay for their fence; those of killed processes run out.
      leases: count('leases', `holder IS NOT NULL AND held_until > ${Number(process.hrtime.bigint()) / 1e6}`),
      reservations: count('reservations'),
      runningCounts: count('client_lanes', 'running <> 0 OR queued <> 0 OR scheduled <> 0'),
      openDispatches: count('jobs', 'dispatch_open <> 0'),
    };
  } finally {
    file.close();
  }
}

/** Every promise that was not kept, as text. */
export function brokenPromises({ notes, jobs, written }) {
  const broken = [];
  const byMark = new Map(jobs.map((job) => [job.mark, job]));
  const say = (what, mark) => broken.push(`${what}: ${mark} ${JSON.stringify(byMark.get(mark))}`);
  for (const { mark, state, write, error } of jobs) {
    if (!FINAL.includes(state)) say(`a job is still ${state}`, mark);
    if (write !== 1 || mark === undefined) continue;
    const times = written.get(mark) ?? 0;
    if (times > 1) say(`a write was done ${times} times`, mark);
    if (state === 'succeeded' && times !== 1) say('a write that succeeded is not there', mark);
    if (state !== 'succeeded' && times !== 0 && error?.code !== 'OUTCOME_UNKNOWN')
      say(`a write that is there ended as ${state}`, mark);
  }
  for (const note of notes) {
    const job = byMark.get(note.mark);
    if (note.outcome === 'wrong') say('an answer was wrong', note.mark);
    if (note.outcome === 'right' && job?.state !== 'succeeded') say('an answer has no job that succeeded', note.mark);
    if (note.outcome === 'refused' && job !== undefined) say('a refusal left a job', note.mark);
    if (['accepted', 'detached'].includes(note.outcome) && job === undefined) say('an accepted job is lost', note.mark);
  }
  return broken;
}
