import { SnowError } from '../errors/snow-error.js';

/**
 * The warehouse is there, but the session is not any more: it expired, was ended, or the server was restarted since. A new
 * connection can be had at once. Its code is `CONNECTION_FAILED`.
 */
export class SessionLost extends SnowError {}
