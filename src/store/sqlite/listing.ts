import { setImmediate as turn } from 'node:timers/promises';
import { SnowError } from '../../errors/snow-error.js';
import type { JobRecord } from '../job.js';
import type { JobFilter, JobPage } from '../job-store.js';
import type { Engine } from './engine.js';
import { type JobRow, recordOf, SELECT_JOB } from './job-row.js';

/** Rows looked at before other work of the process gets its turn. */
const SCAN = 2_000;

const MOST_ASKED = 1_000;

interface Scanned {
  readonly seq: number;
  readonly state: string;
  readonly kind: string;
  readonly session: string | null;
  readonly created_at: number;
}

export function prepareFind(engine: Engine): (id: string) => JobRecord | undefined {
  const find = engine.db.prepare<[string], JobRow>(`${SELECT_JOB} WHERE jobs.id = ?`);
  return (id) => {
    const row = find.get(id);
    return row === undefined ? undefined : recordOf(row, engine.now());
  };
}

/** Newest first. A filter that few jobs pass is searched for in portions, so that no long list blocks the process. */
export function prepareList(
  engine: Engine,
  read: <T>(work: () => T) => Promise<T>,
): (filter: JobFilter) => Promise<JobPage> {
  const { db } = engine;
  const columns = 'seq, state, kind, session, created_at';
  const scanAll = db.prepare<[number, number], Scanned>(
    `SELECT ${columns} FROM jobs WHERE seq < ? ORDER BY seq DESC LIMIT ?`,
  );
  const scanClient = db.prepare<[string, number, number], Scanned>(
    `SELECT ${columns} FROM jobs INDEXED BY jobs_of_client
     WHERE client = (SELECT id FROM clients WHERE name = ?) AND seq < ? ORDER BY seq DESC LIMIT ?`,
  );
  const load = db.prepare<[number], JobRow>(`${SELECT_JOB} WHERE jobs.seq = ?`);

  return async (filter) => {
    const { client, states, kinds, session, since, limit } = filter;
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ASKED) {
      throw new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `A page cannot have ${limit} jobs.`,
        hint: `Ask for 1 to ${MOST_ASKED}.`,
      });
    }
    const passes = (row: Scanned): boolean =>
      (states === undefined || states.some((state) => state === row.state)) &&
      (kinds === undefined || kinds.some((kind) => kind === row.kind)) &&
      (session === undefined || session === row.session);
    const picky = states !== undefined || kinds !== undefined || session !== undefined;
    const portion = picky ? SCAN : limit + 1;

    const found: number[] = [];
    let below = positionOf(filter.cursor);
    while (found.length <= limit) {
      const from = below;
      const rows = await read(() =>
        client === undefined ? scanAll.all(from, portion) : scanClient.all(client, from, portion),
      );
      // Jobs are numbered as they are made: what is older than asked for ends it.
      const recent = since === undefined ? rows : rows.filter((row) => row.created_at >= since);
      for (const row of recent) if (passes(row)) found.push(row.seq);
      const last = rows.at(-1);
      if (last === undefined || rows.length < portion || recent.length === 0) break;
      below = last.seq;
      await turn();
    }
    const page = found.slice(0, limit);
    const now = engine.now();
    const jobs = await read(() =>
      page.flatMap((seq) => {
        const row = load.get(seq);
        return row === undefined ? [] : [recordOf(row, now)];
      }),
    );
    const last = page.at(-1);
    return { jobs, ...(found.length > limit && last !== undefined && { nextCursor: cursorOf(last) }) };
  };
}

function cursorOf(seq: number): string {
  return Buffer.from(`j${seq}`).toString('base64url');
}

function positionOf(cursor: string | undefined): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER;
  const match = /^j(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) {
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: 'The cursor is not one that a list of jobs gave.',
      hint: 'Use nextCursor of the page before, or none for the first page.',
    });
  }
  return Number(match[1]);
}
