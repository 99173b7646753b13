import { expect } from 'vitest';
import type { SnowError } from '../../src/errors/snow-error.js';

/** The data of the error that it is refused with; fails where it is not refused. */
export async function refusalOf(refused: Promise<unknown>): Promise<SnowError['data']> {
  const failure = await refused.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(failure).toBeInstanceOf(Error);
  return (failure as SnowError).data;
}
