import type { DuckDBConnection } from '@duckdb/node-api';
import type { Catalog } from './catalog/catalog.js';
import { compactEntries } from './catalog/catalog-storage.js';
import { purgeDropped } from './catalog/purge-dropped.js';
import type { QueryHistory } from './query-history.js';
import type { RequestMemory } from './request-memory.js';
import { trimVersions } from './versions/trim-versions.js';

/** Copies of a table that is replaced again and again would fill a disk within the hour (ms). */
const PURGE_EVERY_MS = 60_000;
/** Rounds between two prunings of what grows slowly: an hour. */
export const PRUNE_EVERY = 60;

/** Lets go of what is kept no longer, while the engine runs: dropped objects, entries of the catalog that do not count any more, request ids, history, rows of the past. */
export class Housekeeping {
  readonly #catalog: Catalog;
  readonly #connection: DuckDBConnection;
  readonly #requests: RequestMemory;
  readonly #history: QueryHistory;
  #rounds = 0;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** The connection may be used by others as well, one statement at a time, but not for a transaction. */
  constructor(parts: {
    readonly catalog: Catalog;
    readonly connection: DuckDBConnection;
    readonly requests: RequestMemory;
    readonly history: QueryHistory;
  }) {
    this.#catalog = parts.catalog;
    this.#connection = parts.connection;
    this.#requests = parts.requests;
    this.#history = parts.history;
  }

  start(): void {
    this.#timer = setInterval(() => void this.round(Date.now()), PURGE_EVERY_MS).unref();
  }

  /** One round, or what is left of the one that is under way. What cannot be done now (a full disk, a conflict) is left to a later one. */
  round(now: number): Promise<void> {
    this.#running ??= this.#tidy(now)
      .catch(() => undefined)
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  /** Ends after the round that is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #tidy(now: number): Promise<void> {
    this.#rounds += 1;
    await purgeDropped(this.#catalog, this.#connection, now);
    if (this.#rounds % PRUNE_EVERY !== 0) return;
    await this.#catalog.change(() => compactEntries(this.#connection));
    await this.#requests.prune(this.#connection, now);
    await this.#history.prune();
    await trimVersions(this.#catalog, this.#connection, now);
  }
}
