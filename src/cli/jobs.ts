import type { ChalkInstance } from 'chalk';
import { SnowError } from '../errors/snow-error.js';
import { labelOf } from '../memory/operation-payload.js';
import {
  FINAL_STATES,
  JOB_KINDS,
  JOB_STATES,
  type JobKind,
  type JobRecord,
  type JobState,
  type Json,
} from '../store/job.js';
import { newJobId } from '../store/job-id.js';
import type { QueuePosition } from '../store/job-store.js';
import type { Store } from '../store/store.js';
import type { GlobalOptions } from './global-options.js';
import { jobJson } from './json-names.js';
import { errorLine } from './report-error.js';
import { resultTable } from './result-table.js';
import { sinceTime } from './since-time.js';
import { duration, table } from './table.js';
import { terminal } from './terminal.js';
import { withStore } from './with-store.js';

function talk(options: GlobalOptions) {
  return terminal({ json: options.json ?? false, color: options.color });
}

function notFound(id: string): SnowError {
  return new SnowError({
    code: 'NOT_FOUND',
    message: `There is no job ${id}.`,
    hint: 'See mcp-snow jobs list; ended jobs are forgotten after a while.',
  });
}

function statesOf(names: readonly string[] | undefined): readonly JobState[] | undefined {
  return names?.map((name) => {
    const state = JOB_STATES.find((known) => known === name);
    if (state === undefined) {
      throw new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `There is no state "${name}".`,
        hint: `States are ${JOB_STATES.join(', ')}.`,
      });
    }
    return state;
  });
}

function kindsOf(names: readonly string[] | undefined): readonly JobKind[] | undefined {
  return names?.map((name) => {
    const kind = JOB_KINDS.find((known) => known === name);
    if (kind !== undefined) return kind;
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `There is no kind of job "${name}".`,
      hint: `Kinds are ${JOB_KINDS.join(', ')}.`,
    });
  });
}

/** First line of what a job does. */
function subjectOf(job: JobRecord): string {
  const payload = job.payload as { readonly sql?: unknown; readonly subject?: unknown } | null;
  const text = typeof payload?.sql === 'string' ? payload.sql : String(payload?.subject ?? labelOf(job.payload) ?? '');
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

function painted(state: JobState, paint: ChalkInstance): string {
  if (state === 'succeeded') return paint.green(state);
  if (state === 'failed' || state === 'expired') return paint.red(state);
  if (state === 'running') return paint.cyan(state);
  return state;
}

function elapsedOf(job: JobRecord): string {
  if (job.startedAt === undefined) return '-';
  return duration((job.finishedAt ?? Date.now()) - job.startedAt);
}

export interface ListOptions extends GlobalOptions {
  readonly client?: string;
  readonly state?: readonly string[];
  readonly kind?: readonly string[];
  readonly session?: string;
  readonly since?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export async function listJobs(options: ListOptions): Promise<void> {
  const states = statesOf(options.state);
  const kinds = kindsOf(options.kind);
  const since = options.since === undefined ? undefined : sinceTime(options.since, Date.now());
  const page = await withStore(options, (store) =>
    store.list({
      limit: options.limit,
      ...(states && { states }),
      ...(kinds && { kinds }),
      ...(since !== undefined && { since }),
      ...(options.session !== undefined && { session: options.session }),
      ...(options.client !== undefined && { client: options.client }),
      ...(options.cursor !== undefined && { cursor: options.cursor }),
    }),
  );
  const listed = {
    jobs: page.jobs.map(jobJson),
    ...(page.nextCursor !== undefined && { next_cursor: page.nextCursor }),
  };
  await talk(options).result(listed, (paint) => {
    if (page.jobs.length === 0) return 'No jobs.';
    const rows = page.jobs.map((job) => [
      job.id,
      job.client,
      painted(job.state, paint),
      duration(job.queuedMs),
      elapsedOf(job),
      `${job.kind}: ${subjectOf(job)}`,
    ]);
    const jobs = table(
      [
        { title: 'ID' },
        { title: 'CLIENT' },
        { title: 'STATE' },
        { title: 'WAITED', align: 'right' },
        { title: 'TOOK', align: 'right' },
        { title: 'WORK' },
      ],
      rows,
    );
    return page.nextCursor === undefined ? jobs : `${jobs}\n\nMore: --cursor ${page.nextCursor}`;
  });
}

export interface ShowOptions extends GlobalOptions {
  readonly rows: number;
}

async function rowsOf(store: Store, job: JobRecord, limit: number): Promise<readonly (readonly Json[])[]> {
  const rows: (readonly Json[])[] = [];
  for (let page = 0; page < (job.result?.pageCount ?? 0) && rows.length < limit; page += 1) {
    const more = await store.readPage(job.id, page);
    if (more === undefined) break;
    rows.push(...more);
  }
  return rows.slice(0, limit);
}

export async function showJob(id: string, options: ShowOptions): Promise<void> {
  const shown = await withStore(options, async (store) => {
    const job = await store.find(id);
    if (job === undefined) throw notFound(id);
    return { job, position: await store.position(id), rows: await rowsOf(store, job, options.rows) };
  });
  await talk(options).result({ ...jobJson(shown.job), ...placeJson(shown.position), rows: shown.rows }, (paint) =>
    details(shown.job, shown.rows, shown.position?.ahead, paint),
  );
}

/** In the names of the MCP tools. */
function placeJson(place: QueuePosition | undefined) {
  if (place === undefined) return {};
  const { ahead, estimatedWaitMs, waitsFor } = place;
  return {
    position: ahead,
    ...(estimatedWaitMs !== undefined && { estimated_wait_ms: estimatedWaitMs }),
    ...(waitsFor !== undefined && { waits_for: waitsFor }),
  };
}

function details(
  job: JobRecord,
  rows: readonly (readonly Json[])[],
  ahead: number | undefined,
  paint: ChalkInstance,
): string {
  const time = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());
  const facts: [string, string | undefined][] = [
    ['job', job.id],
    ['client', job.client],
    ['kind', `${job.kind} in lane ${job.lane}, priority ${job.priority}`],
    ['state', painted(job.state, paint) + (ahead === undefined ? '' : `, ${ahead} ahead`)],
    ['created', time(job.createdAt)],
    ['started', time(job.startedAt)],
    ['finished', time(job.finishedAt)],
    ['waited', duration(job.queuedMs)],
    ['attempts', `${job.attempts} of ${job.maxAttempts}`],
    ['cancel', job.cancelRequested],
    ['query id', job.result?.queryId],
    ['error', job.error && errorLine(job.error).replace(/^mcp-snow: /, `${job.error.code}: `)],
    ['statement', subjectOf(job) || undefined],
    ['rows', job.result && `${job.result.rowCount}${job.result.truncated ? ' (cut by a cap)' : ''}`],
  ];
  const lines = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(10)}${value}`]));
  if (job.resultExpired) lines.push('The result has been deleted: its time was over.');
  if (rows.length > 0 && job.result) lines.push('', resultTable(job.result.columns, rows));
  return lines.join('\n');
}

export interface CancelOptions extends GlobalOptions {
  readonly reason?: string;
}

export async function cancelJob(id: string, options: CancelOptions): Promise<void> {
  const outcome = await withStore(options, (store) =>
    store.cancel(id, options.reason ?? 'cancelled from the command line'),
  );
  if (outcome.outcome === 'not-found') throw notFound(id);
  await talk(options).result({ id, ...outcome }, () => {
    if (outcome.outcome === 'already-final') return `Job ${id} had ended before: ${outcome.state}.`;
    return outcome.outcome === 'cancelled'
      ? `Job ${id} is cancelled; it had not started.`
      : `Job ${id} runs; its worker was told to cancel it.`;
  });
}

export async function retryJob(id: string, options: GlobalOptions): Promise<void> {
  const outcome = await withStore(options, async (store) => {
    const job = await store.find(id);
    if (job === undefined) throw notFound(id);
    if (!FINAL_STATES.has(job.state) || job.state === 'succeeded') {
      throw new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `Job ${id} is ${job.state}.`,
        hint: 'Only a job that failed, was cancelled or expired can be retried.',
      });
    }
    return store.retry(id, newJobId());
  });
  if (!outcome.admitted) throw new SnowError(outcome.refusal);
  await talk(options).result(jobJson(outcome.job), () => `Job ${outcome.job.id} does the work of ${id} again.`);
}
