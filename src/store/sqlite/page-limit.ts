import { SnowError } from '../../errors/snow-error.js';

const MOST_ASKED = 1_000;

/** Throws `INVALID_ARGUMENT` unless it is a whole number from 1 to 1,000. */
export function checkLimit(limit: number, what: string): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_ASKED) return;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `A page cannot have ${limit} ${what}.`,
    hint: `Ask for 1 to ${MOST_ASKED}.`,
  });
}
