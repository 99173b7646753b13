import type { DuckDBConnection } from '@duckdb/node-api';
import { CATALOG_SCHEMA } from './catalog/catalog-storage.js';
import type { ResultTable } from './result-table.js';

/** How long a request id is remembered. A driver gives up on a statement long before. */
const REQUEST_MEMORY_MS = 24 * 3_600_000;

const MOST_IN_MEMORY = 50_000;

export interface RememberedOutcome {
  readonly queryId: string;
  readonly statementTypeId: number;
  readonly table: ResultTable;
}

/**
 * Request ids of statements that changed something, with what they answered. Written in the same DuckDB transaction as the
 * change: a repeated id is answered and changes nothing, also after the engine was killed and started again.
 */
export class RequestMemory {
  #forgetful = false;
  readonly #outcomes = new Map<string, { readonly at: number; readonly outcome: RememberedOutcome }>();

  /** Forgets what is older than `REQUEST_MEMORY_MS`. */
  async prune(connection: DuckDBConnection, now: number): Promise<void> {
    await connection.run(`DELETE FROM ${CATALOG_SCHEMA}.requests WHERE recorded_at < $1::BIGINT`, [
      BigInt(now - REQUEST_MEMORY_MS),
    ]);
  }

  async load(connection: DuckDBConnection, now: number): Promise<void> {
    await this.prune(connection, now);
    const result = await connection.run(
      `SELECT request_id, recorded_at, outcome FROM ${CATALOG_SCHEMA}.requests ORDER BY recorded_at`,
    );
    for (const [id, at, outcome] of await result.getRowsJS()) {
      this.#outcomes.set(String(id), { at: Number(at), outcome: JSON.parse(String(outcome)) as RememberedOutcome });
    }
  }

  /** The outcome of that request; looked up in the database once memory has had to let some go. */
  async find(requestId: string, connection: DuckDBConnection): Promise<RememberedOutcome | undefined> {
    const known = this.#outcomes.get(requestId)?.outcome;
    if (known !== undefined || !this.#forgetful) return known;
    const result = await connection.run(`SELECT outcome FROM ${CATALOG_SCHEMA}.requests WHERE request_id = $1`, [
      requestId,
    ]);
    const [row] = await result.getRowsJS();
    return row === undefined ? undefined : (JSON.parse(String(row[0])) as RememberedOutcome);
  }

  /** Writes the outcome in the connection's open transaction. */
  async write(connection: DuckDBConnection, requestId: string, outcome: RememberedOutcome, now: number): Promise<void> {
    await connection.run(
      `INSERT INTO ${CATALOG_SCHEMA}.requests (request_id, query_id, recorded_at, outcome) VALUES ($1, $2, $3::BIGINT, $4)`,
      [requestId, outcome.queryId, BigInt(now), JSON.stringify(outcome)],
    );
  }

  remember(requestId: string, outcome: RememberedOutcome, now: number): void {
    this.#outcomes.set(requestId, { at: now, outcome });
    for (const [id, { at }] of this.#outcomes) {
      if (at > now - REQUEST_MEMORY_MS && this.#outcomes.size <= MOST_IN_MEMORY) break;
      this.#outcomes.delete(id);
      this.#forgetful = true;
    }
  }
}
