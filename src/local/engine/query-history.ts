import type { DuckDBConnection } from '@duckdb/node-api';
import { CATALOG_SCHEMA } from './catalog/catalog-storage.js';
import type { QueryHistoryEntry } from './engine.js';

const KEPT = 10_000;
const WRITE_AFTER_MS = 1_000;

/** What ran: the last ones in memory and in `_catalog.query_history`, written a second later so that no query waits for it. */
export class QueryHistory {
  readonly #connection: DuckDBConnection;
  readonly #entries = new Map<string, QueryHistoryEntry>();
  readonly #unwritten = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** The connection is the history's own: nothing else may use it. */
  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  async load(): Promise<void> {
    await this.#connection.run(
      `DELETE FROM ${CATALOG_SCHEMA}.query_history WHERE started_at <
         (SELECT min(started_at) FROM (SELECT started_at FROM ${CATALOG_SCHEMA}.query_history ORDER BY started_at DESC LIMIT ${KEPT}))`,
    );
    const result = await this.#connection.run(`SELECT entry FROM ${CATALOG_SCHEMA}.query_history ORDER BY started_at`);
    for (const [text] of await result.getRowsJS()) {
      const entry = JSON.parse(String(text)) as QueryHistoryEntry;
      this.#entries.set(entry.queryId, entry);
    }
  }

  find(queryId: string): QueryHistoryEntry | undefined {
    return this.#entries.get(queryId);
  }

  /** Newest first. */
  latest(limit: number): QueryHistoryEntry[] {
    return [...this.#entries.values()].reverse().slice(0, limit);
  }

  started(entry: QueryHistoryEntry): void {
    this.#entries.set(entry.queryId, entry);
    if (this.#entries.size <= KEPT) return;
    const oldest = this.#entries.keys().next();
    if (oldest.done !== true) this.#entries.delete(oldest.value);
  }

  ended(entry: QueryHistoryEntry): void {
    this.#entries.set(entry.queryId, entry);
    this.#unwritten.add(entry.queryId);
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#writeSoon(), WRITE_AFTER_MS);
    this.#timer.unref();
  }

  /** Writes what is not written yet. */
  async flush(): Promise<void> {
    this.#writeSoon();
    await this.#writing;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#connection.closeSync();
  }

  #writeSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // History must never fail a query: what cannot be written (a full disk) stays in memory.
    this.#writing = this.#writing.then(() => this.#write()).catch(() => undefined);
  }

  async #write(): Promise<void> {
    const entries = [...this.#unwritten].flatMap((id) => this.#entries.get(id) ?? []);
    this.#unwritten.clear();
    if (entries.length === 0) return;
    const rows = entries.map((_, i) => `($${3 * i + 1}, $${3 * i + 2}::BIGINT, $${3 * i + 3})`);
    await this.#connection.run(
      `INSERT INTO ${CATALOG_SCHEMA}.query_history VALUES ${rows.join(', ')}`,
      entries.flatMap((entry) => [entry.queryId, BigInt(entry.startedAt), JSON.stringify(entry)]),
    );
  }
}
