import { SnowError } from '../../errors/snow-error.js';
import type { Caller, Gateway, Listing, QueryAnswer, WaitProgress } from '../../gateway/requests.js';
import { FINAL_STATES, type WarehouseContext } from '../../store/job.js';
import { duration } from '../table.js';
import type { RunOptions, SqlOutcome, SqlSession } from './sql-session.js';

/** One wait of many: a statement may take longer than a call may wait (s). */
const WAIT_S = 45;
const PAGE_ROWS = 10_000;
const NAMES_PAGE = 1_000;

export interface QueueSessionOptions {
  readonly gateway: Gateway;
  readonly caller: Caller;
  /** The session whose context applies. */
  readonly session: string;
  readonly where: string;
  /** Ends what was opened for this session. */
  readonly close: () => Promise<void>;
}

/** Statements as jobs of the queue, with all its limits, under the context of a named session. */
export class QueueSession implements SqlSession {
  readonly where: string;
  readonly #gateway: Gateway;
  readonly #caller: Caller;
  readonly #session: string;
  readonly #close: () => Promise<void>;

  constructor(options: QueueSessionOptions) {
    this.where = options.where;
    this.#gateway = options.gateway;
    this.#caller = options.caller;
    this.#session = options.session;
    this.#close = options.close;
  }

  async run(sql: string, { maxRows, signal, onProgress }: RunOptions): Promise<SqlOutcome> {
    const wait = { signal, onProgress: (progress: WaitProgress) => onProgress?.(progressText(progress)) };
    const size = { maxRows: Math.max(1, Math.min(maxRows, PAGE_ROWS)) };
    let answer = await this.#gateway.query(this.#caller, { sql, session: this.#session, waitS: WAIT_S, ...size }, wait);
    try {
      while (!FINAL_STATES.has(answer.state))
        answer = await this.#gateway.jobResult(this.#caller, { id: answer.job_id, waitS: WAIT_S, ...size }, wait);
    } catch (thrown) {
      // A job that has outlived its first call is nobody's: it ends only when it is told to.
      if (signal.aborted) await this.#gateway.jobCancel(this.#caller, answer.job_id, 'interrupted');
      throw thrown;
    }
    if (answer.error !== undefined) throw new SnowError(answer.error);
    const rows = await this.#restOf(answer, maxRows, size.maxRows);
    return {
      columns: answer.columns,
      rows,
      rowCount: answer.row_count,
      truncated: answer.truncated || rows.length < answer.row_count,
      queuedMs: answer.queued_ms,
      elapsedMs: answer.elapsed_ms,
      ...(answer.query_id !== undefined && { queryId: answer.query_id }),
    };
  }

  async context(): Promise<WarehouseContext> {
    return (await this.#gateway.getSession(this.#caller, this.#session)).context;
  }

  /** Keeps one connection, with its transaction, variables and temporary tables, or gives it up. */
  async pin(pinned: boolean): Promise<void> {
    await this.#gateway.setSession(this.#caller, this.#session, { pinned });
  }

  async names([database, schema, table]: readonly string[]): Promise<readonly string[]> {
    const request = { database, schema, session: this.#session, limit: NAMES_PAGE };
    const listings =
      table !== undefined
        ? [this.#gateway.describeTable(this.#caller, { ...request, table })]
        : database === undefined
          ? [this.#gateway.listDatabases(this.#caller, request)]
          : schema === undefined
            ? [this.#gateway.listSchemas(this.#caller, request)]
            : [this.#gateway.listTables(this.#caller, request), this.#gateway.listViews(this.#caller, request)];
    return (await Promise.all(listings)).flatMap((listing: Listing) => listing.items.map(({ name }) => String(name)));
  }

  close(): Promise<void> {
    return this.#close();
  }

  async #restOf(first: QueryAnswer, maxRows: number, pageRows: number): Promise<QueryAnswer['rows']> {
    const rows = [...first.rows];
    let cursor = first.next_cursor;
    while (cursor !== undefined && rows.length < maxRows) {
      const size = Math.min(pageRows, maxRows - rows.length);
      const page = await this.#gateway.jobResult(this.#caller, { id: first.job_id, cursor, maxRows: size });
      rows.push(...page.rows);
      cursor = page.next_cursor;
    }
    return rows;
  }
}

function progressText(progress: WaitProgress): string {
  if (progress.state === 'running') return `running for ${duration(progress.elapsedMs)}`;
  const about = progress.estimatedWaitMs === undefined ? '' : `, about ${duration(progress.estimatedWaitMs)}`;
  return `waiting, ${progress.ahead} ahead${about}`;
}
