import { text as readAll } from 'node:stream/consumers';
import { SnowError } from '../errors/snow-error.js';
import type { Caller, Gateway, JobHandle, QueryAnswer } from '../gateway/requests.js';
import { clientLabel } from '../mcp/client-label.js';
import { FINAL_STATES, type Priority } from '../store/job.js';
import { openBackend } from './backend.js';
import { EXIT } from './exit-code.js';
import type { GlobalOptions } from './global-options.js';
import { resultTable } from './result-table.js';
import { startTime } from './start-time.js';
import { startStep } from './step.js';
import { duration } from './table.js';
import { type Terminal, terminal } from './terminal.js';
import { listingPayload, queryPayload } from './work-payload.js';

export interface EnqueueOptions extends GlobalOptions {
  readonly wait?: boolean;
  readonly priority?: Priority;
  readonly client?: string;
  readonly session?: string;
  readonly at?: string;
  readonly idempotencyKey?: string;
  readonly allow?: readonly string[];
}

/** One wait of many: a job may take longer than a call may wait. */
const WAIT_S = 30;

async function payloadText(given: string): Promise<string> {
  const text = given === '-' ? await readAll(process.stdin) : given;
  if (text.trim() !== '') return text;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: 'There is nothing to do: the payload is empty.',
    hint: 'Give SQL text or JSON, or - to read it from stdin.',
  });
}

export async function enqueue(kind: string, payload: string, options: EnqueueOptions): Promise<void> {
  const start = await startOf(kind, payload, options);
  const talk = terminal({ json: options.json ?? false, color: options.color });
  const backend = await openBackend(options);
  const caller: Caller = { client: options.client ?? backend.settings.client ?? clientLabel('cli'), via: 'enqueue' };
  try {
    const handle = await start(backend.gateway(), caller);
    if (options.wait) {
      const workers = async () => (await backend.gateway().status(caller)).workers;
      await waitAndPrint(kind, backend.gateway(), caller, handle, talk, options, workers);
    } else await printHandle(handle, talk);
  } finally {
    await backend.close(0);
  }
}

type Start = (gateway: Gateway, caller: Caller) => Promise<JobHandle>;

/** What is asked of the gateway; the payload and the options are checked before anything is opened. */
async function startOf(kind: string, payload: string, options: EnqueueOptions): Promise<Start> {
  const common = {
    session: options.session,
    priority: options.priority,
    idempotencyKey: options.idempotencyKey,
    runAt: options.at === undefined ? undefined : startTime(options.at, Date.now()),
  };
  switch (kind) {
    case 'query': {
      const request = { ...queryPayload(await payloadText(payload)), ...common };
      return (gateway, caller) => gateway.startQuery(caller, request);
    }
    case 'metadata': {
      const request = { ...listingPayload(await payloadText(payload)), ...common };
      return (gateway, caller) => gateway.startListing(caller, request);
    }
    case 'memory':
    case 'repo-sync': {
      const { session, ...rest } = common;
      if (session !== undefined) throw noSession(kind);
      const text = await payloadText(payload);
      const { memoryPayload, syncPayload } = await import('./operation-payload.js');
      const request = { ...(kind === 'memory' ? memoryPayload(text) : syncPayload(text)), ...rest };
      return (gateway, caller) => gateway.startOperation(caller, request);
    }
    default:
      throw new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `There is no job of the kind "${kind.slice(0, 80)}" to enqueue.`,
        hint: 'Kinds: query, metadata, memory, repo-sync.',
      });
  }
}

function noSession(kind: string): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `A ${kind} job uses no session.`,
    hint: 'Leave out --session.',
  });
}

async function printHandle(handle: JobHandle, talk: Terminal): Promise<void> {
  const place = handle.position === undefined ? '' : `, ${handle.position} ahead`;
  await talk.result(handle, () => `${handle.job_id} (${handle.state}${place})`);
}

/** Waits for the job however long it takes; ^C cancels it. */
async function waitAndPrint(
  kind: string,
  gateway: Gateway,
  caller: Caller,
  handle: JobHandle,
  talk: Terminal,
  options: GlobalOptions,
  workers: () => Promise<number>,
): Promise<void> {
  const step = await startStep(`waiting for job ${handle.job_id}`, options);
  if ((await workers()) === 0)
    talk.note('No worker is there yet: start one with `mcp-snow worker`. The job waits until then; ^C cancels it.');
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  try {
    const answer = await untilEnd(gateway, caller, handle.job_id, interrupt.signal);
    step.end();
    if (answer.error !== undefined) throw new SnowError(answer.error);
    await talk.result(answer, () =>
      kind === 'query' || kind === 'metadata' ? answerText(answer) : operationText(answer),
    );
  } catch (thrown) {
    if (!interrupt.signal.aborted) throw thrown;
    await gateway.jobCancel(caller, handle.job_id, 'interrupted');
    talk.note(`Job ${handle.job_id} is cancelled.`);
    process.exitCode = EXIT.interrupted;
  } finally {
    step.end();
  }
}

async function untilEnd(gateway: Gateway, caller: Caller, id: string, signal: AbortSignal): Promise<QueryAnswer> {
  for (;;) {
    const answer = await gateway.jobResult(caller, { id, waitS: WAIT_S }, { signal });
    if (FINAL_STATES.has(answer.state)) return answer;
  }
}

/** The answer of an operation is the only cell of its result. */
function operationText(answer: QueryAnswer): string {
  return JSON.stringify(answer.rows[0]?.[0] ?? null, undefined, 2);
}

function answerText(answer: QueryAnswer): string {
  const took = `waited ${duration(answer.queued_ms)}, took ${duration(answer.elapsed_ms)}`;
  const more = answer.next_cursor === undefined ? '' : `, ${answer.rows.length} shown`;
  const rows = `${answer.row_count} ${answer.row_count === 1 ? 'row' : 'rows'}${more}${answer.truncated ? ', cut by a cap' : ''}`;
  return `${resultTable(answer.columns, answer.rows)}\n\n${rows}; ${took}`;
}
