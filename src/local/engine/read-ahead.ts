import type { RowBlock } from './engine.js';
import type { LocalError } from './local-error.js';

/**
 * A result that is larger than the read-ahead: the session's turn lasts until it is read to its end or given up. (Not a
 * generator: one that was never started does not run its `finally`.)
 */
export class LongResult implements AsyncIterableIterator<RowBlock> {
  readonly #fetched: RowBlock[];
  readonly #rest: AsyncIterator<RowBlock>;
  readonly #ends: {
    readonly end: (outcome: { rows: number }) => void;
    readonly fail: (error: unknown) => Promise<LocalError>;
  };
  #rows = 0;
  #open = true;

  constructor(
    fetched: readonly RowBlock[],
    rest: AsyncIterator<RowBlock>,
    ends: { end: (outcome: { rows: number }) => void; fail: (error: unknown) => Promise<LocalError> },
  ) {
    this.#fetched = [...fetched];
    this.#rest = rest;
    this.#ends = ends;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<RowBlock>> {
    if (!this.#open) return { done: true, value: undefined };
    const early = this.#fetched.shift();
    if (early !== undefined) return this.#give(early);
    try {
      const next = await this.#rest.next();
      if (next.done !== true) return this.#give(next.value);
    } catch (error) {
      this.#open = false;
      throw await this.#ends.fail(error);
    }
    return await this.return();
  }

  async return(): Promise<IteratorResult<RowBlock>> {
    if (this.#open) {
      this.#open = false;
      try {
        await this.#rest.return?.();
      } finally {
        this.#ends.end({ rows: this.#rows });
      }
    }
    return { done: true, value: undefined };
  }

  #give(block: RowBlock): IteratorResult<RowBlock> {
    this.#rows += block.rows;
    return { done: false, value: block };
  }
}

/** Reads blocks until the bytes are reached; `iterator` is there when some may be left. */
export async function prefetch(
  source: AsyncIterable<RowBlock>,
  bytes: number,
): Promise<{ blocks: RowBlock[]; iterator: AsyncIterator<RowBlock> | undefined }> {
  const iterator = source[Symbol.asyncIterator]();
  const blocks: RowBlock[] = [];
  let read = 0;
  while (read < bytes) {
    const next = await iterator.next();
    if (next.done === true) return { blocks, iterator: undefined };
    blocks.push(next.value);
    read += next.value.json.length;
  }
  return { blocks, iterator };
}

export async function* replay(blocks: readonly RowBlock[]): AsyncGenerator<RowBlock> {
  yield* blocks;
}
