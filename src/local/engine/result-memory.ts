import type { ResultTable } from './result-table.js';

const MOST_RESULTS = 1_000;
const MOST_BYTES = 64 * 1024 * 1024;
const KEPT_MS = 24 * 3_600_000;

interface KeptResult {
  readonly user: string;
  readonly table: ResultTable;
  readonly bytes: number;
  readonly keptAt: number;
}

/**
 * Results for RESULT_SCAN, by query id: those of the last 24 hours, for the user who ran the query, in whatever session.
 * Bounded to 1,000 results and 64 MiB of cells; the oldest go first.
 */
export class ResultMemory {
  readonly #results = new Map<string, KeptResult>();
  readonly #now: () => number;
  #bytes = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** `bytes`: about how much memory the cells take. A result larger than all that is kept is not kept. */
  keep(user: string, queryId: string, table: ResultTable, bytes: number = sizeOf(table)): void {
    this.#forget(queryId);
    if (bytes > MOST_BYTES) return;
    this.#results.set(queryId, { user, table, bytes, keptAt: this.#now() });
    this.#bytes += bytes;
    for (const [id, result] of this.#results) {
      const old = this.#now() - result.keptAt > KEPT_MS;
      if (!old && this.#results.size <= MOST_RESULTS && this.#bytes <= MOST_BYTES) return;
      this.#forget(id);
    }
  }

  find(user: string, queryId: string): ResultTable | undefined {
    const kept = this.#results.get(queryId);
    if (kept === undefined || kept.user !== user || this.#now() - kept.keptAt > KEPT_MS) return undefined;
    return kept.table;
  }

  #forget(queryId: string): void {
    const kept = this.#results.get(queryId);
    if (kept === undefined) return;
    this.#bytes -= kept.bytes;
    this.#results.delete(queryId);
  }
}

/** What a row costs beside its text. */
const ROW_OVERHEAD = 64;

function sizeOf(table: ResultTable): number {
  let bytes = 0;
  for (const row of table.rows) {
    bytes += ROW_OVERHEAD;
    for (const cell of row) bytes += 2 * (cell?.length ?? 0);
  }
  return bytes;
}
