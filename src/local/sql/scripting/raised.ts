import type { LocalError } from '../../engine/local-error.js';
import type { Handler } from './script.js';

/** An error on its way through a script, under the name by which a handler knows it. */
export class Raised extends Error {
  readonly exception: string;
  /** What a handler is told. */
  readonly plain: LocalError;
  /** What the caller is told when nobody handles it. */
  readonly uncaught: LocalError;

  constructor(exception: string, plain: LocalError, uncaught: LocalError) {
    super(plain.message);
    this.exception = exception;
    this.plain = plain;
    this.uncaught = uncaught;
  }
}

/** RAISE without a name, inside a handler. */
export class Reraise extends Error {}

/** The handler that takes the exception: by its name, else OTHER. */
export function handlerFor(handlers: readonly Handler[], exception: string): Handler | undefined {
  return (
    handlers.find(({ names }) => names.includes(exception)) ?? handlers.find(({ names }) => names.includes('OTHER'))
  );
}
