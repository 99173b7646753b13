import { randomUUID } from 'node:crypto';
import { errorDataOf, SnowError } from '../../errors/snow-error.js';
import type { Json, WarehouseContext } from '../../store/job.js';
import type { StatementResult, WarehouseConnection } from '../../warehouse/connection.js';
import { quotedName } from './quoted-name.js';
import type { RunOptions, SqlOutcome, SqlSession } from './sql-session.js';

const STALL_MS = 60_000;
/** Memory for the rows of one result (bytes). */
const MOST_BYTES = 512 * 1024 * 1024;
const MOST_NAMES = 10_000;

const CONTEXT_MS = 30_000;

/** A connection, and where it leads. */
export interface OpenedConnection {
  readonly connection: WarehouseConnection;
  /** `local Snowflake at http://127.0.0.1:8085`. */
  readonly where: string;
}

/**
 * Statements on one connection of their own, in which transactions, variables and temporary tables live. One that is lost is replaced, in
 * the same database and schema, for the statements that follow.
 */
export class DirectSession implements SqlSession {
  readonly #connect: () => Promise<OpenedConnection>;
  readonly #timeoutMs: number;
  #opened: OpenedConnection;
  #context: WarehouseContext = {};

  private constructor(connect: () => Promise<OpenedConnection>, opened: OpenedConnection, timeoutMs: number) {
    this.#connect = connect;
    this.#opened = opened;
    this.#timeoutMs = timeoutMs;
  }

  /** Connects, and goes to the context. Throws what `connect` throws, and what is wrong with the context. */
  static async open(
    connect: () => Promise<OpenedConnection>,
    options: { readonly context: WarehouseContext; readonly timeoutMs: number },
  ): Promise<DirectSession> {
    const session = new DirectSession(connect, await connect(), options.timeoutMs);
    try {
      await session.#enter(options.context);
    } catch (thrown) {
      await session.close();
      throw thrown;
    }
    return session;
  }

  get where(): string {
    return this.#opened.where;
  }

  async run(sql: string, options: RunOptions): Promise<SqlOutcome> {
    const rows: (readonly Json[])[] = [];
    const begun = performance.now();
    const result = await this.#execute(sql, rows, options);
    return {
      columns: result.columns,
      rows,
      rowCount: result.rowCount,
      truncated: result.truncated,
      queryId: result.queryId,
      elapsedMs: performance.now() - begun,
    };
  }

  async context(): Promise<WarehouseContext> {
    return this.#context;
  }

  async names(container: readonly string[]): Promise<readonly string[]> {
    const path = container.map(quotedName).join('.');
    const shows = [
      ['show terse databases'],
      [`show terse schemas in database ${path}`],
      [`show terse tables in schema ${path}`, `show terse views in schema ${path}`],
      [`describe table ${path}`],
    ][container.length] as string[];
    const names: string[] = [];
    for (const show of shows) {
      const rows: (readonly Json[])[] = [];
      const { columns } = await this.#execute(show, rows, { maxRows: MOST_NAMES });
      const at = columns.findIndex(({ name }) => name === 'name');
      names.push(...rows.map((row) => String(row[at])));
    }
    return names;
  }

  async close(): Promise<void> {
    await this.#opened.connection.close();
  }

  async #execute(
    sql: string,
    rows: (readonly Json[])[],
    options: { readonly maxRows: number; readonly signal?: AbortSignal },
  ): Promise<StatementResult> {
    // Lost while nothing ran, and not to be had again at that time.
    if (!this.#opened.connection.alive) await this.#replace();
    const { connection } = this.#opened;
    try {
      const result = await connection.execute({
        sql,
        requestId: randomUUID(),
        write: true,
        queryTag: 'mcp-snow local sql',
        maxRows: options.maxRows,
        maxBytes: MOST_BYTES,
        timeoutMs: this.#timeoutMs,
        stallMs: STALL_MS,
        onRows: async (batch) => {
          // A batch may be longer than the arguments that a call can have.
          for (const row of batch) rows.push(row);
        },
        ...(options.signal !== undefined && { signal: options.signal }),
      });
      this.#context = result.context;
      return result;
    } catch (thrown) {
      if (connection.alive) throw thrown;
      await this.#replace();
      throw replaced(thrown);
    }
  }

  async #replace(): Promise<void> {
    await this.#opened.connection.close();
    this.#opened = await this.#connect();
    // What one was in may be gone as well.
    await this.#enter(this.#context).catch(() => undefined);
  }

  async #enter(context: WarehouseContext): Promise<void> {
    if (Object.keys(context).length > 0) await this.#opened.connection.applyContext(context, { timeoutMs: CONTEXT_MS });
    this.#context = { ...context, ...folded(context, 'database'), ...folded(context, 'schema') };
  }
}

/** As the warehouse has it: in upper case, where it needs no quotes. */
function folded(context: WarehouseContext, key: 'database' | 'schema'): WarehouseContext {
  const name = context[key];
  return name !== undefined && /^[a-z_][a-z0-9_$]*$/i.test(name) ? { [key]: name.toUpperCase() } : {};
}

function replaced(thrown: unknown): SnowError {
  const { message, hint: _, ...data } = errorDataOf(thrown);
  return new SnowError(
    {
      ...data,
      message,
      hint: 'There is a new connection, without the transaction, variables and temporary tables of the old one: send the statement again.',
    },
    { cause: thrown },
  );
}
