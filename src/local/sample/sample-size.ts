/** Rows of the tables whose size follows the scale factor (clause 4.2.5); at least enough for every rule to have a meaning. */
export interface SampleSize {
  readonly suppliers: number;
  readonly parts: number;
  readonly customers: number;
  readonly orders: number;
  readonly clerks: number;
}

/** Factor 1 is about 1 GB. */
export function sampleSize(scaleFactor: number): SampleSize {
  const rows = (atOne: number, atLeast: number) => Math.max(Math.round(atOne * scaleFactor), atLeast);
  const customers = rows(150_000, 3);
  return {
    suppliers: rows(10_000, 4),
    parts: rows(200_000, 1),
    customers,
    orders: customers * 10,
    clerks: rows(1000, 1),
  };
}
