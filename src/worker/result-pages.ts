import type { Json } from '../store/job.js';
import type { LastPage } from '../store/job-store.js';

export interface PageLimits {
  /** Rows in a page at most. */
  readonly rows: number;
  /** Approximate bytes of JSON at which a page is full. */
  readonly bytes: number;
}

const PAGE_LIMITS: PageLimits = { rows: 5_000, bytes: 256 * 1024 };

type Row = readonly Json[];

/** Cuts a stream of rows into pages and hands them on in order; awaiting `add` is the back-pressure. */
export class ResultPages {
  readonly #write: (page: number, rows: readonly Row[]) => Promise<void>;
  readonly #limits: PageLimits;
  #rows: Row[] = [];
  #pageBytes = 0;
  #flushedBytes = 0;
  #written = 0;

  constructor(write: (page: number, rows: readonly Row[]) => Promise<void>, limits: PageLimits = PAGE_LIMITS) {
    this.#write = write;
    this.#limits = limits;
  }

  /** Approximate bytes of JSON taken in so far. */
  get bytes(): number {
    return this.#flushedBytes + this.#pageBytes;
  }

  async add(rows: readonly Row[]): Promise<void> {
    for (const row of rows) {
      this.#rows.push(row);
      this.#pageBytes += approximateBytes(row);
      if (this.#rows.length >= this.#limits.rows || this.#pageBytes >= this.#limits.bytes) await this.#flush();
    }
  }

  /** Pages in all; the last one has not been handed on and is asked for with `last`. */
  get count(): number {
    return this.#written + (this.#rows.length > 0 ? 1 : 0);
  }

  /** What is left over: the last page, to be stored together with the job's end. */
  get last(): LastPage | undefined {
    return this.#rows.length === 0 ? undefined : { page: this.#written, rows: this.#rows };
  }

  async #flush(): Promise<void> {
    const rows = this.#rows;
    const page = this.#written;
    this.#rows = [];
    this.#flushedBytes += this.#pageBytes;
    this.#pageBytes = 0;
    this.#written += 1;
    await this.#write(page, rows);
  }
}

function approximateBytes(value: Json): number {
  if (typeof value === 'string') return value.length + 3;
  if (value === null || typeof value !== 'object') return 6;
  const members: readonly (Json | undefined)[] = Array.isArray(value) ? value : Object.values(value);
  return members.reduce((sum: number, member) => sum + (member === undefined ? 0 : approximateBytes(member)), 2);
}
