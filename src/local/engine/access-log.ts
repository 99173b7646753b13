import type { DuckDBConnection } from '@duckdb/node-api';
import { CATALOG_SCHEMA } from './catalog/catalog-storage.js';

/** One attempt to get in, or at something. No password, key or token is ever part of it. */
export interface AccessEvent {
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `object`: a statement named what its user may not use. `origin`: a page of another site asked. */
  readonly type: 'login' | 'object' | 'origin';
  /** In upper case; as the caller gave it where nobody is known by it. */
  readonly user: string;
  readonly address: string;
  readonly client: string;
  readonly clientVersion: string;
  /** How a login proves who it is: PASSWORD, RSA_KEYPAIR, API_KEY, JWT, SESSION, NONE. */
  readonly factor: string;
  readonly success: boolean;
  readonly errorNumber?: string;
  readonly errorMessage?: string;
  readonly sessionId?: string;
  readonly queryId?: string;
  readonly role?: string;
}

export type AccessAttempt = Partial<AccessEvent> & Pick<AccessEvent, 'type' | 'success'>;

/** The last attempts, this many. */
const KEPT = 10_000;
const WRITE_AFTER_MS = 1_000;
/** What a caller says of itself is cut here: nobody fills the log with one long name. */
const MOST_TEXT = 200;

/** Attempts in memory and in `_catalog.access_log`, written a second later so that no request waits for it. */
export class AccessLog {
  readonly #connection: DuckDBConnection;
  readonly #events: AccessEvent[] = [];
  #lastId = 0;
  #written = 0;
  #sincePruned = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** The connection is the log's own: nothing else may use it. */
  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  async load(): Promise<void> {
    await this.#connection.run(
      `CREATE TABLE IF NOT EXISTS ${CATALOG_SCHEMA}.access_log (id BIGINT NOT NULL, event VARCHAR NOT NULL)`,
    );
    await this.#prune();
    const result = await this.#connection.run(`SELECT event FROM ${CATALOG_SCHEMA}.access_log ORDER BY id`);
    for (const [text] of await result.getRowsJS()) this.#events.push(JSON.parse(String(text)) as AccessEvent);
    this.#lastId = this.#events.at(-1)?.id ?? 0;
    this.#written = this.#lastId;
  }

  record(attempt: AccessAttempt): void {
    this.#lastId += 1;
    const told = { user: '', address: '', client: '', clientVersion: '', factor: 'NONE', ...attempt };
    const event = Object.fromEntries(
      Object.entries(told).map(([name, value]) => [
        name,
        typeof value === 'string' ? value.slice(0, MOST_TEXT) : value,
      ]),
    ) as unknown as AccessEvent;
    this.#events.push({ ...event, id: this.#lastId, at: Date.now() });
    if (this.#events.length > KEPT) this.#events.shift();
    this.#timer ??= setTimeout(() => this.#writeSoon(), WRITE_AFTER_MS).unref();
  }

  /** Newest first. */
  latest(): AccessEvent[] {
    return [...this.#events].reverse();
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
    // The log must never fail a request: what cannot be written (a full disk) stays in memory.
    this.#writing = this.#writing.then(() => this.#write()).catch(() => undefined);
  }

  async #write(): Promise<void> {
    const unwritten = this.#events.filter(({ id }) => id > this.#written);
    if (unwritten.length === 0) return;
    const rows = unwritten.map((_, i) => `($${2 * i + 1}::BIGINT, $${2 * i + 2})`);
    await this.#connection.run(
      `INSERT INTO ${CATALOG_SCHEMA}.access_log VALUES ${rows.join(', ')}`,
      unwritten.flatMap((event) => [BigInt(event.id), JSON.stringify(event)]),
    );
    this.#written = unwritten.at(-1)?.id ?? this.#written;
    this.#sincePruned += unwritten.length;
    if (this.#sincePruned >= KEPT) await this.#prune();
  }

  async #prune(): Promise<void> {
    await this.#connection.run(
      `DELETE FROM ${CATALOG_SCHEMA}.access_log
        WHERE id <= (SELECT max(id) FROM ${CATALOG_SCHEMA}.access_log) - ${KEPT}`,
    );
    this.#sincePruned = 0;
  }
}
