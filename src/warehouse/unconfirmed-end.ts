import { SnowError } from '../errors/snow-error.js';

/**
 * Thrown by `execute` when a statement was given up (cancelled, or over its time) and the warehouse did not confirm that it
 * ended: it may have taken effect, or may yet.
 */
export class UnconfirmedEnd extends SnowError {}
