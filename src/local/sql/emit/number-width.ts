/**
 * DuckDB computes with decimals of up to 18 digits in 64 bits and gives up when a result does not fit, where Snowflake always has 38
 * digits. The short form is ten times as fast and nearly always enough; a statement that overflowed is translated again with the
 * long one.
 */
let wide = false;

/** Whether sums and products of short numbers get 128 bits. */
export function wideNumbers(): boolean {
  return wide;
}

/** Translation is synchronous: no other statement's comes in between. */
export function withNumberWidth<T>(long: boolean, work: () => T): T {
  const before = wide;
  wide = long;
  try {
    return work();
  } finally {
    wide = before;
  }
}
