import { SnowError } from '../errors/snow-error.js';

/** The warehouse answered a login with no. Trying the same again may lock the user out. Its code is `CONNECTION_FAILED`. */
export class LoginRefused extends SnowError {}
