import { randomUUID } from 'node:crypto';
import type { Json, WarehouseContext } from '../../store/job.js';
import type { StatementResult, WarehouseConnection } from '../../warehouse/connection.js';
import { quotedName } from './quoted-name.js';
import type { RunOptions, SqlOutcome, SqlSession } from './sql-session.js';

const STALL_MS = 60_000;
/** Memory for the rows of one result (bytes). */
const MOST_BYTES = 512 * 1024 * 1024;
const MOST_NAMES = 10_000;

/** Statements on one connection of their own, in which transactions, variables and temporary tables live. */
export class DirectSession implements SqlSession {
  readonly where: string;
  readonly #connection: WarehouseConnection;
  readonly #timeoutMs: number;
  #context: WarehouseContext = {};

  constructor(connection: WarehouseConnection, where: string, timeoutMs: number) {
    this.#connection = connection;
    this.where = where;
    this.#timeoutMs = timeoutMs;
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
    const [database, schema] = container.map(quotedName);
    const shows =
      database === undefined
        ? ['show terse databases']
        : schema === undefined
          ? [`show terse schemas in database ${database}`]
          : [`show terse tables in schema ${database}.${schema}`, `show terse views in schema ${database}.${schema}`];
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
    await this.#connection.close();
  }

  async #execute(
    sql: string,
    rows: (readonly Json[])[],
    options: { readonly maxRows: number; readonly signal?: AbortSignal },
  ): Promise<StatementResult> {
    const result = await this.#connection.execute({
      sql,
      requestId: randomUUID(),
      write: true,
      queryTag: 'mcp-snow local sql',
      maxRows: options.maxRows,
      maxBytes: MOST_BYTES,
      timeoutMs: this.#timeoutMs,
      stallMs: STALL_MS,
      onRows: async (batch) => void rows.push(...batch),
      ...(options.signal !== undefined && { signal: options.signal }),
    });
    this.#context = result.context;
    return result;
  }
}
