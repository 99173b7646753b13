import { SnowError } from '../../errors/snow-error.js';

const MESSAGE = 'A later attempt at the sync has taken over.';

/** What an attempt ends with whose draft belongs to a later one. */
export function takenOver(): SnowError {
  return new SnowError({ code: 'CANCELLED', message: MESSAGE });
}

/** Also of one that has come out of a thread. */
export function isTakenOver(failure: unknown): boolean {
  return failure instanceof SnowError && failure.code === 'CANCELLED' && failure.message === MESSAGE;
}
