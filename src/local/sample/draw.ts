/** Beyond this product of ranges 64 random bits would no longer be even. */
const MAX_COMBINATIONS = 2n ** 48n;

/** Another seed is another set of rows; with this one each of TPC-H's 22 queries has rows to find at the smallest scale. */
const SEED = 29;

/**
 * SQL of 64 random bits, the same in every run and on every machine: MD5 over the seed, a label and the row's key.
 */
export function randomBits(label: string, key: string): string {
  return `md5_number_lower('${SEED}:${label}:' || ${key})`;
}

/** Random numbers as DuckDB SQL, taken digit by digit (in mixed radix) from one column of random bits. */
export class Draw {
  readonly #bits: string;
  #used = 1n;

  /** @param bits a column that holds `randomBits` */
  constructor(bits: string) {
    this.#bits = bits;
  }

  /** SQL of a whole number from 0 to `count - 1`, independent of this column's other draws. */
  below(count: number): string {
    const divisor = this.#used;
    this.#used *= BigInt(count);
    if (this.#used > MAX_COMBINATIONS) throw new RangeError('one column has not enough bits for these draws');
    return `((${this.#bits} // ${divisor}) % ${count})::BIGINT`;
  }

  /** SQL of a whole number from `low` to `high`, both included. */
  between(low: number, high: number): string {
    return `(${low} + ${this.below(high - low + 1)})`;
  }

  /** SQL of an amount from `low` to `high` cents, both included. */
  cents(low: number, high: number): string {
    return `(${this.between(low, high)}::DECIMAL(12, 0) * 0.01)::DECIMAL(12, 2)`;
  }

  /** SQL of one of the texts. */
  oneOf(texts: readonly string[]): string {
    return `${sqlList(texts)}[1 + ${this.below(texts.length)}]`;
  }
}

export function sqlList(texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text.replaceAll("'", "''")}'`).join(', ')}]`;
}
