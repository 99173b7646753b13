import type { RowBlock, WireColumn } from './engine.js';

/** How long a result is kept since it was last used, and since it was made: as Snowflake documents it. */
const UNUSED_MS = 24 * 3_600_000;
const AGED_MS = 31 * 24 * 3_600_000;
/** One result may take this part of all that is kept. */
const LARGEST_SHARE = 1 / 8;
/** A question larger than this is not remembered. */
const LONGEST_QUESTION = 64 * 1024;
/** What an entry costs beside its text. */
const OVERHEAD_BYTES = 512;

/** How often a table has been changed; undefined while a change of it is being committed. */
export type TableVersion = (table: number) => number | undefined;

/** Everything that a query's rows depend on, beside the rows of the tables it reads. */
export interface Question {
  /** The caller's text, the DuckDB SQL that it stands for, binds, role and parameters, as one text. */
  readonly key: string;
  /** Ids of the tables it reads. */
  readonly tables: readonly number[];
}

export interface ReusableResult {
  readonly columns: readonly WireColumn[];
  readonly blocks: readonly RowBlock[];
}

interface Kept extends ReusableResult {
  readonly tables: readonly (readonly [id: number, version: number])[];
  readonly bytes: number;
  readonly madeAt: number;
  usedAt: number;
}

/** Where the rows of a query go that is being answered, to be used again. */
export interface Keeping {
  add(block: RowBlock): void;
  /** All rows were added. */
  done(columns: readonly WireColumn[]): void;
}

/**
 * Results that answer identical queries while the tables they read are unchanged: 24 hours after their last use, at most 31
 * days. Bounded by bytes; what was not used for longest makes room.
 */
export class ResultReuse {
  readonly #kept = new Map<string, Kept>();
  readonly #version: TableVersion;
  readonly #mostBytes: number;
  readonly #now: () => number;
  #bytes = 0;

  constructor(version: TableVersion, mostBytes: number, now: () => number = Date.now) {
    this.#version = version;
    this.#mostBytes = mostBytes;
    this.#now = now;
  }

  find(question: Question): ReusableResult | undefined {
    const kept = this.#kept.get(question.key);
    if (kept === undefined) return undefined;
    const now = this.#now();
    const current = kept.tables.every(([id, version]) => this.#version(id) === version);
    if (!current || now - kept.usedAt > UNUSED_MS || now - kept.madeAt > AGED_MS) {
      // A change that is being committed may fail, but rarely does.
      this.#forget(question.key);
      return undefined;
    }
    kept.usedAt = now;
    this.#kept.delete(question.key);
    this.#kept.set(question.key, kept);
    return kept;
  }

  /** To be called before the query runs; undefined when its result cannot be kept. */
  keeping(question: Question): Keeping | undefined {
    if (question.key.length > LONGEST_QUESTION) return undefined;
    const tables: (readonly [number, number])[] = [];
    for (const id of question.tables) {
      const version = this.#version(id);
      if (version === undefined) return undefined;
      tables.push([id, version]);
    }
    const most = this.#mostBytes * LARGEST_SHARE;
    let blocks: RowBlock[] | undefined = [];
    let bytes = OVERHEAD_BYTES + 2 * question.key.length;
    return {
      add: (block) => {
        bytes += OVERHEAD_BYTES + 2 * block.json.length;
        if (bytes > most) blocks = undefined;
        blocks?.push(block);
      },
      done: (columns) => {
        if (blocks === undefined || bytes > most) return;
        const now = this.#now();
        this.#keep(question.key, { columns, blocks, tables, bytes, madeAt: now, usedAt: now });
      },
    };
  }

  #keep(key: string, kept: Kept): void {
    this.#forget(key);
    this.#kept.set(key, kept);
    this.#bytes += kept.bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#mostBytes) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#bytes -= kept.bytes;
    this.#kept.delete(key);
  }
}
