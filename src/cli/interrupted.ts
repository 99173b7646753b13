import { SnowError } from '../errors/snow-error.js';

/** ^C or SIGTERM ended the command before its work was done. */
export class Interrupted extends SnowError {
  /** @param what the work, as a sentence begins with it: `The demo` */
  constructor(what: string) {
    super({ code: 'CANCELLED', message: `${what} was interrupted.` });
  }
}
