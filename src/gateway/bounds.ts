import { SnowError } from '../errors/snow-error.js';

/** A whole number from 1 to `most`. Throws `INVALID_ARGUMENT` that names the argument. */
export function bounded(value: number | undefined, otherwise: number, most: number, name: string): number {
  if (value === undefined) return otherwise;
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new SnowError({ code: 'INVALID_ARGUMENT', message: `${name} must be a whole number from 1 to ${most}.` });
  return value;
}

/** Milliseconds of a number of seconds above 0. Throws `INVALID_ARGUMENT` that names the argument. */
export function boundedMs(seconds: number | undefined, otherwiseMs: number, mostMs: number, name: string): number {
  if (seconds === undefined) return otherwiseMs;
  const ms = seconds * 1000;
  if (!(ms > 0) || ms > mostMs)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `${name} must be above 0 and at most ${mostMs / 1000} seconds.`,
    });
  return ms;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The members that are there: the contracts tell an absent member from an undefined one. */
export function defined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<T>;
}
