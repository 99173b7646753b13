const BLOCK_ROWS = 1_024;

/** A set of (split, row), kept in blocks of rows so that it is as large as what an attempt looks at, not as the partition. */
export class DeadEnds {
  readonly #splits: number;
  readonly #blocks = new Map<number, Uint32Array>();
  #kept = 0;
  #last: Uint32Array | undefined;
  #lastNumber = -1;

  constructor(splits: number) {
    this.#splits = splits;
  }

  /** Answers false when it was there. */
  add(split: number, row: number): boolean {
    const block = this.#block(row >>> 10);
    const bit = split * BLOCK_ROWS + (row & (BLOCK_ROWS - 1));
    const word = block[bit >>> 5] as number;
    const mask = 1 << (bit & 31);
    if ((word & mask) !== 0) return false;
    block[bit >>> 5] = word | mask;
    return true;
  }

  remove(split: number, row: number): void {
    const block = this.#block(row >>> 10);
    const bit = split * BLOCK_ROWS + (row & (BLOCK_ROWS - 1));
    block[bit >>> 5] = (block[bit >>> 5] as number) & ~(1 << (bit & 31));
  }

  /** Nobody will ask for rows before this one any more. */
  forgetBefore(row: number): void {
    for (const end = row >>> 10; this.#kept < end; this.#kept++) this.#blocks.delete(this.#kept);
  }

  #block(number: number): Uint32Array {
    if (number === this.#lastNumber && this.#last !== undefined) return this.#last;
    let block = this.#blocks.get(number);
    if (block === undefined) {
      block = new Uint32Array((this.#splits * BLOCK_ROWS) >>> 5);
      this.#blocks.set(number, block);
    }
    this.#last = block;
    this.#lastNumber = number;
    return block;
  }
}
