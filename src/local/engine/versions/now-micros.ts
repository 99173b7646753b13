/** What the system's clock is ahead of `performance.now()`, in milliseconds: between these two. */
let least = Number.NEGATIVE_INFINITY;
let most = Number.POSITIVE_INFINITY;

/**
 * The system's clock in microseconds since the epoch, as DuckDB's stamps have it. Node tells its milliseconds alone: what they leave open is
 * narrowed down from call to call.
 */
export function nowMicros(): number {
  // The first time, the beginning of a millisecond is waited for.
  if (least === Number.NEGATIVE_INFINITY) for (const begun = Date.now(); Date.now() === begun; ) observe();
  const now = observe();
  return Math.floor((now + (least + most) / 2) * 1000);
}

function observe(): number {
  const before = performance.now();
  const ms = Date.now();
  const after = performance.now();
  least = Math.max(least, ms - after);
  most = Math.min(most, ms + 1 - before);
  // The system's clock was set.
  if (least > most) [least, most] = [ms - after, ms + 1 - before];
  return after;
}
