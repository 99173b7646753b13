const MOST_BLOCK_BITS = 10;

/** A set of (split, row), kept in blocks of up to 1,024 rows so that it is as large as what an attempt looks at, not as the partition. */
export class DeadEnds {
  readonly #words: number;
  readonly #bits: number;
  readonly #blocks = new Map<number, Uint32Array>();
  #kept = 0;
  #last: Uint32Array | undefined;
  #lastNumber = -1;

  /** For rows 0 to `rows`: an attempt may stand behind the last one. */
  constructor(splits: number, rows: number) {
    this.#bits = Math.min(MOST_BLOCK_BITS, 32 - Math.clz32(rows));
    this.#words = Math.ceil((splits << this.#bits) / 32);
  }

  /** Answers false when it was there. */
  add(split: number, row: number): boolean {
    const block = this.#block(row >>> this.#bits);
    const place = this.#place(split, row);
    const word = block[place >>> 5] as number;
    const mask = 1 << (place & 31);
    if ((word & mask) !== 0) return false;
    block[place >>> 5] = word | mask;
    return true;
  }

  remove(split: number, row: number): void {
    const block = this.#block(row >>> this.#bits);
    const place = this.#place(split, row);
    block[place >>> 5] = (block[place >>> 5] as number) & ~(1 << (place & 31));
  }

  /** Nobody will ask for rows before this one any more. */
  forgetBefore(row: number): void {
    for (const end = row >>> this.#bits; this.#kept < end; this.#kept++) this.#blocks.delete(this.#kept);
  }

  #place(split: number, row: number): number {
    return (split << this.#bits) + (row & ((1 << this.#bits) - 1));
  }

  #block(number: number): Uint32Array {
    if (number === this.#lastNumber && this.#last !== undefined) return this.#last;
    let block = this.#blocks.get(number);
    if (block === undefined) {
      block = new Uint32Array(this.#words);
      this.#blocks.set(number, block);
    }
    this.#last = block;
    this.#lastNumber = number;
    return block;
  }
}
