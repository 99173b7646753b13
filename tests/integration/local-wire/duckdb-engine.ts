import { type DuckDBConnection, DuckDBInstance, type DuckDBResult, DuckDBTypeId } from '@duckdb/node-api';
import type {
  Engine,
  EngineSession,
  QueryHistoryEntry,
  RowBlock,
  SessionOptions,
  StatementInput,
  StatementOutcome,
  WireColumn,
} from '../../../src/local/engine/engine.js';
import { LocalError } from '../../../src/local/engine/local-error.js';
import type { SnowflakeType } from '../../../src/local/engine/snowflake-type.js';

/** Waits before a statement runs, until the test lets it go on. */
export type Gate = (input: StatementInput) => Promise<void>;

/**
 * An engine as small as the wire can be tested with: DuckDB's own SQL, a few types, several statements split at
 * semicolons. Everything Snowflake about it is missing on purpose.
 */
export class DuckDBEngine implements Engine {
  readonly executed: StatementInput[] = [];
  gate: Gate = async () => {};
  closedSessions = 0;
  readonly #instance: DuckDBInstance;
  readonly #history = new Map<string, QueryHistoryEntry>();
  #sessions = 0;

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  static async open(path = ':memory:'): Promise<DuckDBEngine> {
    return new DuckDBEngine(await DuckDBInstance.create(path));
  }

  async openSession(options: SessionOptions): Promise<EngineSession> {
    this.#sessions += 1;
    return new DuckDBSession(String(this.#sessions), options, await this.#instance.connect(), this);
  }

  async history(queryId: string): Promise<QueryHistoryEntry | undefined> {
    return this.#history.get(queryId);
  }

  readonly accessLog = { record: () => undefined, latest: () => [] };

  monitorsAccount(): boolean {
    return true;
  }

  publicKeysOf(): readonly string[] {
    return [];
  }

  recentQueries(limit: number): readonly QueryHistoryEntry[] {
    return [...this.#history.values()].reverse().slice(0, limit);
  }

  remember(entry: QueryHistoryEntry): void {
    this.#history.set(entry.queryId, entry);
  }

  async close(): Promise<void> {
    this.#instance.closeSync();
  }
}

class DuckDBSession implements EngineSession {
  readonly id: string;
  readonly user: string;
  readonly context;
  readonly parameters = { TIMEZONE: 'UTC', STATEMENT_TIMEOUT_IN_SECONDS: 172_800 };
  readonly #connection: DuckDBConnection;
  readonly #engine: DuckDBEngine;
  #last: Promise<unknown> = Promise.resolve();

  constructor(id: string, options: SessionOptions, connection: DuckDBConnection, engine: DuckDBEngine) {
    this.id = id;
    this.user = options.user;
    this.context = options.context;
    this.#connection = connection;
    this.#engine = engine;
  }

  execute(input: StatementInput): Promise<StatementOutcome> {
    const run = this.#last.then(() => this.#run(input));
    this.#last = run.catch(() => {});
    return run;
  }

  async close(): Promise<void> {
    await this.#last;
    this.#connection.closeSync();
    this.#engine.closedSessions += 1;
  }

  async #run(input: StatementInput): Promise<StatementOutcome> {
    this.#engine.executed.push(input);
    await this.#engine.gate(input);
    const texts = input.parameters?.MULTI_STATEMENT_COUNT === undefined ? [input.text] : input.text.split(';');
    const outcomes: StatementOutcome[] = [];
    for (const [index, text] of texts.entries()) {
      const queryId = texts.length > 1 ? childId(input.queryId, index) : input.queryId;
      outcomes.push(await this.#interruptible(input.signal, this.#one({ ...input, text }, queryId)));
    }
    const [first] = outcomes as [StatementOutcome];
    if (texts.length === 1) return first;
    return { ...first, queryId: input.queryId, statementTypeId: 0xa000, blocks: none(), children: outcomes };
  }

  /** DuckDB forgets an interrupt that comes between two of its steps. */
  async #interruptible<T>(signal: AbortSignal | undefined, step: Promise<T>): Promise<T> {
    const timer = setInterval(() => {
      if (signal?.aborted) this.#connection.interrupt();
    }, 10);
    try {
      return await step;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw message.startsWith('Catalog Error')
        ? new LocalError('002003', '42S02', 'Object does not exist or not authorized.')
        : new LocalError('001003', '42000', `syntax error: ${message}`, { line: 1, position: 7 });
    } finally {
      clearInterval(timer);
    }
  }

  async #one(input: StatementInput, queryId: string): Promise<StatementOutcome> {
    const numberOfBinds = Object.keys(input.binds ?? {}).length;
    const prepared = await this.#connection.prepare(input.text);
    for (const [name, bind] of Object.entries(input.binds ?? {}))
      if (bind.value === null) prepared.bindNull(Number(name));
      else prepared.bindVarchar(Number(name), String(bind.value));
    // A stream ends with the next statement of its connection; several statements are all run before they are read.
    const result = queryId === input.queryId ? await prepared.stream() : await prepared.run();
    const names = result.columnNames();
    const columns: WireColumn[] = result
      .columnTypes()
      .map((type, index) => ({ name: names[index] ?? '', type: typeOf(type.typeId, type.toString()), nullable: true }));
    const isInsert = /^\s*insert/i.test(input.text);
    return {
      queryId,
      statementTypeId: isInsert ? 0x3100 : 0x1000,
      columns: isInsert ? columns.map((column) => ({ ...column, name: 'number of rows inserted' })) : columns,
      blocks: input.describeOnly ? none() : this.#blocks(result, input.signal),
      context: this.context,
      numberOfBinds,
    };
  }

  async *#blocks(result: DuckDBResult, signal: AbortSignal | undefined): AsyncGenerator<RowBlock> {
    const batches = result.yieldRows();
    for (;;) {
      const { done, value: rows } = await this.#interruptible(signal, batches.next());
      if (done) return;
      const cells = rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))));
      if (rows.length > 0) yield { json: JSON.stringify(cells).slice(1, -1), rows: rows.length };
    }
  }
}

async function* none(): AsyncGenerator<RowBlock> {
  // A description has no rows.
}

function childId(parent: string, index: number): string {
  return parent.slice(0, -4) + String(index).padStart(4, '0');
}

function typeOf(id: DuckDBTypeId, text: string): SnowflakeType {
  if (id === DuckDBTypeId.DOUBLE) return { name: 'REAL' };
  if (id === DuckDBTypeId.BOOLEAN) return { name: 'BOOLEAN' };
  if (id === DuckDBTypeId.BLOB) return { name: 'BINARY', length: 8_388_608 };
  if (/INT/.test(text)) return { name: 'FIXED', precision: 38, scale: 0 };
  return { name: 'TEXT', length: 16_777_216 };
}
