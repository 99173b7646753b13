import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { SnowError } from '../errors/snow-error.js';
import { ensureLocalHost } from '../local/host/launcher.js';
import type { Json } from '../store/job.js';
import type { GlobalOptions } from './global-options.js';
import { hostFailure } from './host-failure.js';
import { type LocalServerAt, localAnswer } from './local-answer.js';
import { loadSettings, localDataOf } from './settings.js';
import { sinceTime } from './since-time.js';
import { type OutputFormat, outcomeText } from './sql/output.js';
import type { SqlOutcome } from './sql/sql-session.js';
import { terminalWidth } from './sql/terminal-width.js';
import { duration } from './table.js';

export interface LocalHistoryOptions extends GlobalOptions {
  readonly user?: string;
  readonly session?: string;
  readonly status?: 'running' | 'succeeded' | 'failed';
  readonly since?: string;
  /** Part of the text, in any case. */
  readonly grep?: string;
  readonly limit: number;
  readonly format?: OutputFormat;
  readonly url?: URL;
  readonly login?: string;
  readonly data?: string;
}

/** A statement as `GET /api/v1/query/history` tells it. */
interface RanStatement {
  readonly query_id: string;
  readonly session_id: string;
  readonly user: string;
  readonly sql: string;
  readonly status: string;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly started_at: string;
  /** Seconds. */
  readonly execution_time: number | null;
  readonly row_count: number | null;
}

/** `local history`: what a local Snowflake has run, newest first. */
export async function localHistory(options: LocalHistoryOptions): Promise<void> {
  const { queries } = (await localAnswer(await serverOf(options), `/api/v1/query/history?${asked(options)}`)) as {
    readonly queries: readonly RanStatement[];
  };
  const format = options.format ?? (options.json ? 'json' : 'table');
  if (queries.length === 0 && format === 'table') return void process.stdout.write('No statements.\n');
  const width = terminalWidth(process.stdout);
  const shown = format === 'json' || format === 'csv' ? inFull(queries) : atAGlance(queries, width);
  process.stdout.write(outcomeText(shown, format, width));
}

function asked(options: LocalHistoryOptions): URLSearchParams {
  const { user, session, status, since, grep, limit } = options;
  return new URLSearchParams({
    limit: String(limit),
    ...(user !== undefined && { user }),
    ...(session !== undefined && { session }),
    ...(status !== undefined && { status }),
    ...(since !== undefined && { since: new Date(sinceTime(since, Date.now())).toISOString() }),
    ...(grep !== undefined && { search: grep }),
  });
}

async function serverOf(options: LocalHistoryOptions): Promise<LocalServerAt> {
  const { url, login, data } = options;
  if (url !== undefined) {
    const secret = process.env.SNOWFLAKE_PASSWORD;
    return { url: url.origin, ...(secret !== undefined && { secret }), ...(login !== undefined && { login }) };
  }
  const dataDir = data === undefined ? localDataOf(await loadSettings(options)) : resolve(data);
  if (!existsSync(dataDir))
    throw new SnowError({
      code: 'NOT_FOUND',
      message: `There is no local Snowflake in ${dataDir}.`,
      hint: 'Name another folder with --data, or the address of a server with --url.',
    });
  const host = await ensureLocalHost({ dataDir }).catch((thrown: unknown) => {
    throw hostFailure(thrown);
  });
  return { url: host.url, secret: host.token };
}

function shownAs(names: readonly string[], rows: readonly (readonly Json[])[]): SqlOutcome {
  const columns = names.map((name) => ({ name, type: 'TEXT' }));
  return { columns, rows, rowCount: rows.length, truncated: false, elapsedMs: 0 };
}

/** For programs: all there is, a value a column. */
function inFull(queries: readonly RanStatement[]): SqlOutcome {
  return shownAs(
    [
      'query_id',
      'session_id',
      'user',
      'started_at',
      'seconds',
      'status',
      'error_code',
      'error_message',
      'rows',
      'statement',
    ],
    queries.map((query) => [
      query.query_id,
      query.session_id,
      query.user,
      query.started_at,
      query.execution_time,
      query.status,
      query.error?.code ?? null,
      query.error?.message ?? null,
      query.row_count,
      query.sql,
    ]),
  );
}

/** In a narrow terminal the statements need the room. */
const WIDE = 120;

function atAGlance(queries: readonly RanStatement[], width: number): SqlOutcome {
  const columns: readonly (readonly [title: string, cell: (query: RanStatement) => string])[] = [
    ['STARTED', (query) => query.started_at.replace(/\.\d+Z$/, 'Z')],
    ['USER', (query) => query.user],
    ...(width >= WIDE ? ([['SESSION', (query: RanStatement) => query.session_id]] as const) : []),
    ['STATUS', ({ status, error }) => (error === null ? status : `${status} ${error.code}`)],
    ['TOOK', ({ execution_time: seconds }) => (seconds === null ? '-' : duration(seconds * 1_000))],
    ['ROWS', ({ row_count: rows }) => (rows === null ? '-' : String(rows))],
    ['STATEMENT', (query) => query.sql.trim().replace(/\s+/g, ' ')],
  ];
  return shownAs(
    columns.map(([title]) => title),
    queries.map((query) => columns.map(([, cell]) => cell(query))),
  );
}
