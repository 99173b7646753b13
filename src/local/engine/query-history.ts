import type { DuckDBConnection } from '@duckdb/node-api';
import { CATALOG_SCHEMA } from './catalog/catalog-storage.js';
import type { QueryHistoryEntry } from './engine.js';
import type { EngineLimits } from './engine-limits.js';

const WRITE_AFTER_MS = 1_000;
/** Characters of texts and translations that are kept over all statements. */
const MOST_CHARACTERS = 64 * 1024 * 1024;
const DAY_MS = 24 * 3_600_000;

export type HistoryBounds = Pick<EngineLimits, 'historyRows' | 'historyDays'>;

/**
 * What ran: in memory and in `_catalog.query_history`, written a second later so that no query waits for it. Bounded by
 * number, age and characters; the oldest go first.
 */
export class QueryHistory {
  readonly #connection: DuckDBConnection;
  readonly #bounds: HistoryBounds;
  readonly #now: () => number;
  readonly #entries = new Map<string, QueryHistoryEntry>();
  readonly #unwritten = new Set<string>();
  #characters = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** The connection is the history's own: nothing else may use it. */
  constructor(connection: DuckDBConnection, bounds: HistoryBounds, now: () => number = Date.now) {
    this.#connection = connection;
    this.#bounds = bounds;
    this.#now = now;
  }

  async load(): Promise<void> {
    const result = await this.#connection.run(
      `SELECT entry FROM (SELECT entry, started_at FROM ${CATALOG_SCHEMA}.query_history
         ORDER BY started_at DESC LIMIT ${this.#bounds.historyRows}) ORDER BY started_at`,
    );
    for (const [text] of await result.getRowsJS()) this.#put(JSON.parse(String(text)) as QueryHistoryEntry);
    this.#makeRoom();
    await this.prune();
  }

  find(queryId: string): QueryHistoryEntry | undefined {
    return this.#entries.get(queryId);
  }

  /** Newest first. */
  latest(limit: number): QueryHistoryEntry[] {
    return [...this.#entries.values()].reverse().slice(0, limit);
  }

  started(entry: QueryHistoryEntry): void {
    this.#put(entry);
    this.#makeRoom();
  }

  /** More is known of a statement that runs, or it has ended: then it is written soon. */
  goesOn(entry: QueryHistoryEntry): void {
    if (this.#entries.has(entry.queryId)) this.#put(entry);
    if (entry.endedAt === undefined) return;
    this.#unwritten.add(entry.queryId);
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#writeSoon(), WRITE_AFTER_MS);
    this.#timer.unref();
  }

  /** Deletes from the database what is kept no longer. */
  async prune(): Promise<void> {
    this.#makeRoom();
    const oldest = this.#entries.values().next().value?.startedAt ?? this.#now();
    const pruned = this.#writing.then(async () => {
      const sql = `DELETE FROM ${CATALOG_SCHEMA}.query_history WHERE started_at < $1::BIGINT`;
      await this.#connection.run(sql, [BigInt(oldest)]);
    });
    this.#writing = pruned.catch(() => undefined);
    await pruned;
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

  #put(entry: QueryHistoryEntry): void {
    const known = this.#entries.get(entry.queryId);
    this.#characters += charactersOf(entry) - (known === undefined ? 0 : charactersOf(known));
    this.#entries.set(entry.queryId, entry);
  }

  #makeRoom(): void {
    const since = this.#now() - this.#bounds.historyDays * DAY_MS;
    for (const [id, entry] of this.#entries) {
      const tooMany = this.#entries.size > this.#bounds.historyRows || this.#characters > MOST_CHARACTERS;
      if (!tooMany && entry.startedAt >= since) return;
      this.#entries.delete(id);
      this.#characters -= charactersOf(entry);
    }
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

function charactersOf({ text, translated = '' }: QueryHistoryEntry): number {
  return text.length + translated.length;
}
