import { SnowError } from '../errors/snow-error.js';

/** The pool gave none out, for a reason of its own: the warehouse was not asked. Its code is `CONNECTION_FAILED`. */
export class NoConnection extends SnowError {}
